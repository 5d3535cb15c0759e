"""Who labelled what on which day, and how far an annotator departs from others; the database counts."""

import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, Connection, Select, case, cast, func, select

from core.data import database as db
from core.workspace import Workspace

_C, _F, _V, _P, _E = (table.c for table in (db.current, db.frames, db.videos, db.annotators, db.events))
_TRUE: ColumnElement[int] = case((_C.value, 1), else_=0)
_TRUES, _ALL = func.sum(_TRUE), func.count()

_IDS = 2**16
"""Annotators and attributes have smaller ids."""
_PAIR = cast(_C.annotator_id, BigInteger) * _IDS + _C.attribute_id
"""Annotator and attribute as one number: a database groups by one column in two thirds of the time of two."""


def per_day(workspace: Workspace) -> pd.DataFrame:
    """Count the labels that stand by the day on which they were given (UTC), the earliest first.

    A label that was changed later counts on the day of the change; adjudications are no labels of an annotator.

    Returns:
        ``day`` (``2026-11-23``), ``annotator``, ``attribute``, ``true`` and ``false`` (int).
    """
    key = (cast(_C.seq, BigInteger) * _IDS**2 + _PAIR).label("key")
    of_event = select(key, _TRUES.label("yes"), _ALL.label("every")).where(*_standing()).group_by(key)
    events = of_event.subquery().c
    day, pair = func.substr(_E.at, 1, 10).label("day"), (events.key % _IDS**2).label("pair")
    query = select(day, pair, func.sum(events.yes).label("true"), func.sum(events.every).label("every"))
    query = query.join(db.events, _E.seq == events.key // _IDS**2).group_by(day, pair)
    with db.reading(workspace) as connection:
        found = _named(workspace, connection, pd.read_sql(query, connection))
    found["false"] = found.pop("every") - found["true"]
    found = found[["day", "annotator", "attribute", "true", "false"]]
    return found.sort_values("day", kind="stable", ignore_index=True)


def per_annotator(workspace: Workspace) -> pd.DataFrame:
    """Compare what each annotator says with what others say of the same frames.

    Shares of all frames compare different videos, where annotators label different ones; ``apart`` does not.

    Returns:
        One row per annotator and attribute: ``annotator``, ``attribute``, ``answered`` and ``true`` (int, frames),
        ``shared`` (int, frames that others answered as well), ``share_true``, and ``apart``: the share of true in
        the shared frames less that of the others in the same frames, -1 to 1; NaN where none are shared.
    """
    pair = _PAIR.label("pair")
    every = select(pair, _ALL.label("answered"), _TRUES.label("true")).where(*_standing()).group_by(pair)
    with db.reading(workspace) as connection:
        shared = pd.read_sql(_shared(), connection)
        found = pd.read_sql(every, connection).merge(shared, "left", "pair")
        found = _named(workspace, connection, found)
    found["shared"] = found["shared"].fillna(0).astype(int)
    found["share_true"] = found["true"] / found["answered"]
    found["apart"] = found.pop("more").astype(float) / found["shared"].where(found["shared"] > 0)
    return found


def _shared() -> Select:
    """Select per ``pair`` the frames that others answered too, and by how many more frames than they it says true."""
    key = (_C.video_id, _C.index, _C.attribute_id)
    several = select(*key, _ALL.label("n"), _TRUES.label("t")).where(*_standing()).group_by(*key)
    m = several.having(func.count() > 1).subquery().c
    others = 1.0 * (m.t - _TRUE) / (m.n - 1)  # of each frame the share of the others that say true
    pair = _PAIR.label("pair")
    same = (m.video_id == _C.video_id) & (m.index == _C.index) & (m.attribute_id == _C.attribute_id)
    query = select(pair, _ALL.label("shared"), func.sum(_TRUE - others).label("more"))
    return query.where(same, *_standing()).group_by(pair)


def _standing() -> tuple[ColumnElement[bool], ...]:
    """Return what holds of labels that stand: of annotators, videos and frames that are there."""
    gone, away = select(_V.id).where(_V.hidden), select(_P.id).where(_P.hidden)
    there = select(_F.video_id).where(_F.video_id == _C.video_id, _F.index == _C.index).exists()
    return _C.value.is_not(None), _C.video_id.not_in(gone), _C.annotator_id.not_in(away), there


def _named(workspace: Workspace, connection: Connection, found: pd.DataFrame) -> pd.DataFrame:
    """Put ``annotator`` and ``attribute`` first in place of ``pair``, in order; attributes that are no more go."""
    people, attributes = (
        dict(connection.execute(select(table.c.id, table.c.name)).tuples().all())
        for table in (db.annotators, db.attributes)
    )
    order = {name: place for place, name in enumerate(workspace.attributes.names)}
    pairs = found.pop("pair")
    found.insert(0, "annotator", (pairs // _IDS).map(people))
    found.insert(1, "attribute", (pairs % _IDS).map(attributes))
    found = found.assign(place=found["attribute"].map(order)).dropna(subset="place")
    return found.sort_values(["annotator", "place"], ignore_index=True).drop(columns="place")

"""Who labelled what on which day, and how far an annotator departs from others; the database counts."""

import pandas as pd
from sqlalchemy import ColumnElement, Select, case, func, select

from core.data import database as db
from core.workspace import Workspace

_C, _V, _A, _P, _E = (table.c for table in (db.current, db.videos, db.attributes, db.annotators, db.events))
_TRUE: ColumnElement[int] = case((_C.value, 1), else_=0)


def per_day(workspace: Workspace) -> pd.DataFrame:
    """Count the labels that stand by the day on which they were given (UTC), the earliest first.

    A label that was changed later counts on the day of the change; adjudications are no labels of an annotator.

    Returns:
        ``day`` (``2026-11-23``), ``annotator``, ``attribute``, ``true`` and ``false`` (int).
    """
    day = func.substr(_E.at, 1, 10).label("day")
    counts = (func.sum(_TRUE).label("true"), func.sum(1 - _TRUE).label("false"))
    query = _standing(workspace, select(day, _P.name.label("annotator"), _A.name.label("attribute"), *counts))
    query = query.join(db.events, _E.seq == _C.seq).group_by(day, _P.name, _A.name)
    with db.reading(workspace) as connection:
        found = pd.read_sql(query, connection)
    return found.sort_values(["day", "annotator", "attribute"], ignore_index=True)


def per_annotator(workspace: Workspace) -> pd.DataFrame:
    """Compare what each annotator says with what others say of the same frames.

    Shares of all frames compare different videos, where annotators label different ones; ``apart`` does not.

    Returns:
        One row per annotator and attribute: ``annotator``, ``attribute``, ``answered`` and ``true`` (int, frames),
        ``shared`` (int, frames that others answered as well), ``share_true``, and ``apart``: the share of true in
        the shared frames less that of the others in the same frames, -1 to 1; NaN where none are shared.
    """
    key = (_C.video_id, _C.index, _C.attribute_id)
    all_of_them = _standing(workspace, select(*key, func.count().label("n"), func.sum(_TRUE).label("t")))
    many = all_of_them.group_by(*key).having(func.count() > 1).subquery()
    m = many.c
    others = 1.0 * (m.t - _TRUE) / (m.n - 1)  # of each frame the share of the others that say true
    columns = (_P.name.label("annotator"), _A.name.label("attribute"), func.count().label("answered"))
    sums = (
        func.sum(_TRUE).label("true"),
        func.count(m.n).label("shared"),
        func.sum(case((m.n.is_not(None), _TRUE - others), else_=0.0)).label("more"),
    )
    same = (m.video_id == _C.video_id) & (m.index == _C.index) & (m.attribute_id == _C.attribute_id)
    query = _standing(workspace, select(*columns, *sums)).outerjoin(many, same).group_by(_P.name, _A.name)
    with db.reading(workspace) as connection:
        found = pd.read_sql(query, connection).sort_values(["annotator", "attribute"], ignore_index=True)
    found["share_true"] = found["true"] / found["answered"]
    found["apart"] = found.pop("more").astype(float) / found["shared"].where(found["shared"] > 0)
    return found


def _standing(workspace: Workspace, query: Select) -> Select:
    """Let a query read the labels that stand, about the attributes of the workspace, of annotators and videos that are there."""
    joined = query.select_from(db.current).join(db.videos, _V.id == _C.video_id)
    joined = joined.join(db.attributes, _A.id == _C.attribute_id).join(
        db.annotators, _P.id == _C.annotator_id
    )
    return joined.where(
        _C.value.is_not(None), ~_V.hidden, ~_P.hidden, _A.name.in_(workspace.attributes.names)
    )

"""How much of every video an annotator has labelled, on which day, how fast, and how far from the others."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, Connection, Select, case, cast, func, select

from core.access.rights import check_seen, shown_name
from core.files import natural
from core.labels.sync import OWN_SOURCES
from core.media.library import Video, videos
from core.storage import database as db
from core.storage.effective_events import undone
from core.workspace import Workspace

_C, _F, _V, _P, _E = (table.c for table in (db.current, db.frames, db.videos, db.annotators, db.events))
_TRUE: ColumnElement[int] = case((_C.value, 1), else_=0)
_TRUES, _ALL = func.sum(_TRUE), func.count()

_IDS = 2**16
"""Annotators and attributes have smaller ids."""
_PAIR = cast(_C.annotator_id, BigInteger) * _IDS + _C.attribute_id
"""Annotator and attribute as one number: a database groups by one column in two thirds of the time of two."""


def per_day(workspace: Workspace) -> pd.DataFrame:
    """Count labels by the day on which they were given (UTC), the earliest first; replaced ones are not counted.

    A label that was changed later counts on the day of the change; adjudications are no labels of an annotator. Whoever may not
    see what others answered sees their own, here and in the functions below.

    Returns:
        ``day`` (``2026-11-23``), ``annotator``, ``attribute``, ``true`` and ``false`` (int).
    """
    key = (cast(_C.seq, BigInteger) * _IDS**2 + _PAIR).label("key")
    of_event = select(key, _TRUES.label("yes"), _ALL.label("every")).where(*_counting()).group_by(key)
    events = of_event.subquery().c
    day, pair = func.substr(_E.at, 1, 10).label("day"), (events.key % _IDS**2).label("pair")
    query = select(day, pair, func.sum(events.yes).label("true"), func.sum(events.every).label("every"))
    query = query.join(db.events, _E.seq == events.key // _IDS**2).group_by(day, pair)
    with db.reading(workspace) as connection:
        found = _named(workspace, connection, pd.read_sql(query, connection))
    found["false"] = found.pop("every") - found["true"]
    found = found[["day", "annotator", "attribute", "true", "false"]]
    return _shown(found).sort_values("day", kind="stable", ignore_index=True)


def per_annotator(workspace: Workspace) -> pd.DataFrame:
    """Compare the labels of each annotator with those of others for the same frames.

    Shares of all frames compare different videos, where annotators label different ones; ``apart`` does not.

    Returns:
        One row per annotator and attribute: ``annotator``, ``attribute``, ``answered`` and ``true`` (int, frames),
        ``shared`` (int, frames that others answered as well), ``share_true``, and ``apart``: the share of true in
        the shared frames less that of the others in the same frames, -1 to 1; NaN where none are shared.
    """
    pair = _PAIR.label("pair")
    every = select(pair, _ALL.label("answered"), _TRUES.label("true")).where(*_counting()).group_by(pair)
    with db.reading(workspace) as connection:
        shared = pd.read_sql(_shared(), connection)
        found = pd.read_sql(every, connection).merge(shared, "left", "pair")
        found = _named(workspace, connection, found)
    found["shared"] = found["shared"].fillna(0).astype(int)
    found["share_true"] = found["true"] / found["answered"]
    found["apart"] = found.pop("more").astype(float) / found["shared"].where(found["shared"] > 0)
    return _shown(found).reset_index(drop=True)


def _shown(found: pd.DataFrame) -> pd.DataFrame:
    """Leave out the rows of annotators whom who acts may not see."""
    return found[found["annotator"].map(lambda name: bool(shown_name(name))).astype(bool)]


def _shared() -> Select:
    """Select per ``pair`` the frames that others answered too, and in how many more of them than they it is true."""
    key = (_C.video_id, _C.index, _C.attribute_id)
    several = select(*key, _ALL.label("n"), _TRUES.label("t")).where(*_counting()).group_by(*key)
    m = several.having(func.count() > 1).subquery().c
    others = 1.0 * (m.t - _TRUE) / (m.n - 1)  # of each frame the share of the others for whom it is true
    pair = _PAIR.label("pair")
    same = (m.video_id == _C.video_id) & (m.index == _C.index) & (m.attribute_id == _C.attribute_id)
    query = select(pair, _ALL.label("shared"), func.sum(_TRUE - others).label("more"))
    return query.where(same, *_counting()).group_by(pair)


def _counting() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of labels that count: annotator, video and frame are there."""
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


LONGEST_PAUSE = 60.0
"""Seconds between two events that still count as labelling; after a longer gap somebody was away."""
SHORTEST = 1.0
"""Minutes of labelling from which on there is a pace: one stroke of the brush paints hundreds of frames in a second."""

_OWN = (
    select(*(db.events.c[name] for name in ("seq", "at", "video_id", "first", "last", "value")))
    .add_columns(db.annotators.c.name.label("annotator"))
    .join_from(db.events, db.annotators)
    .join(db.videos)
    .where(db.events.c.source.in_(OWN_SOURCES), ~db.annotators.c.hidden, ~db.videos.c.hidden)
)


def paces(workspace: Workspace, since: datetime, annotator: str | None = None) -> pd.DataFrame:
    """Count what each annotator, or only this one, has labelled by key, by painting or by taking suggestions.

    The pace is taken from ``since`` on; without a time zone it is local time.

    Returns:
        One row per annotator who has answered anything, in alphabetical order: ``annotator``, ``labelled`` (int,
        frames in all), ``answered`` (int, frames since then), ``minutes`` (float, active ones since then) and
        ``per_minute`` (float, frames answered per active minute; NaN of less than `SHORTEST`). A frame counts once, however
        many of its attributes were answered; answers that were taken back, and unset, do not count.
    """
    if annotator is not None:
        check_seen(annotator)
    own = _OWN if annotator is None else _OWN.where(db.annotators.c.name == annotator)
    with db.reading(workspace) as connection:
        events = pd.read_sql(own, connection)
        spoken_of = db.frames.c.video_id.in_(events["video_id"].unique().tolist())
        frames = pd.read_sql(select(db.frames.c.video_id, db.frames.c.index).where(spoken_of), connection)
        taken_back = undone(connection)
    places = {video: np.sort(part.to_numpy(np.int64)) for video, part in frames.groupby("video_id")["index"]}
    events["recent"] = events["at"] >= since.astimezone(UTC).isoformat()
    events["counts"] = events["value"].notna() & ~events["seq"].isin(taken_back)
    by_name = {str(name): part for name, part in events.groupby("annotator") if shown_name(str(name))}
    rows = []
    for name in sorted(by_name, key=natural):
        mine = by_name[name]
        recent, counting = mine[mine["recent"]], mine[mine["counts"]]
        labelled = _frames(counting, places)
        answered = labelled if mine["recent"].all() else _frames(recent[recent["counts"]], places)
        minutes = _active_minutes(recent["at"])
        per_minute = answered / minutes if minutes >= SHORTEST else np.nan
        rows.append((name, labelled, answered, minutes, per_minute))
    return pd.DataFrame(rows, columns=["annotator", "labelled", "answered", "minutes", "per_minute"])


def _frames(events: pd.DataFrame, places: Mapping[Any, np.ndarray]) -> int:
    """Count the frames that events speak of; ``places``: the indexes of each video's frames, (frames,) int64, ascending."""
    number = 0
    for video, part in events.groupby("video_id"):
        indexes = places[video]
        begins = np.searchsorted(indexes, part["first"])
        ends = np.searchsorted(indexes, part["last"], side="right")
        changes = [np.bincount(edges, minlength=len(indexes) + 1) for edges in (begins, ends)]
        number += int((np.cumsum(changes[0] - changes[1]) > 0).sum())
    return number


def _active_minutes(at: pd.Series) -> float:
    """Add up the gaps between times (ISO 8601) that are no pause."""
    times = pd.to_datetime(at, format="ISO8601", utc=True).sort_values()
    gaps = times.diff().dt.total_seconds()
    return float(gaps[gaps <= LONGEST_PAUSE].sum() / 60)


def progress(workspace: Workspace, annotator: str) -> list[tuple[Video, int]]:
    """Return every video that has frames, in natural order of their keys, and how many of them have an answer of ``annotator``."""
    check_seen(annotator)
    c = db.current.c
    query = (
        select(c.video_id, func.count(c["index"].distinct()))
        .join(db.annotators, db.annotators.c.id == c.annotator_id)
        .join(db.attributes, db.attributes.c.id == c.attribute_id)
        .where(db.annotators.c.name == annotator, ~db.attributes.c.hidden, c.value.is_not(None))
        .group_by(c.video_id)
    )
    with db.reading(workspace) as connection:
        labelled: dict[int, int] = dict(connection.execute(query).tuples().all())
    return [(video, labelled.get(video.id, 0)) for video in videos(workspace) if video.frames]


def untouched(workspace: Workspace) -> set[int]:
    """Return the videos (ids) that nobody has labelled yet."""
    c = db.current.c
    answered = select(c.video_id).where(c.video_id == db.videos.c.id, c.value.is_not(None)).exists()
    with db.reading(workspace) as connection:
        return set(connection.scalars(select(db.videos.c.id).where(~answered)))

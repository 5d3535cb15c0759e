"""How fast annotators label, by what they answered themselves: imports and adjudications do not count."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import select

from core.data import database as db
from core.data.outbox import OWN_SOURCES
from core.data.undo import undone
from core.files import natural
from core.workspace import Workspace

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
    """Count what each annotator has labelled by key, by painting or by taking suggestions.

    Args:
        workspace: whose labels.
        since: from when on the pace is taken; without a time zone it is local time.
        annotator: only this one, which takes far less; None is everyone.

    Returns:
        One row per annotator who has answered anything, in alphabetical order: ``annotator``, ``labelled`` (int,
        frames in all), ``answered`` (int, frames since then), ``minutes`` (float, active ones since then) and
        ``per_minute`` (float, frames answered per active minute; NaN of less than `SHORTEST`). A frame counts once, however
        many of its attributes were answered; answers that were taken back, and unset, do not count.
    """
    own = _OWN if annotator is None else _OWN.where(db.annotators.c.name == annotator)
    with db.reading(workspace) as connection:
        events = pd.read_sql(own, connection)
        spoken_of = db.frames.c.video_id.in_(events["video_id"].unique().tolist())
        frames = pd.read_sql(select(db.frames.c.video_id, db.frames.c.index).where(spoken_of), connection)
        taken_back = undone(connection)
    places = {video: np.sort(part.to_numpy(np.int64)) for video, part in frames.groupby("video_id")["index"]}
    recent = events["at"] >= since.astimezone(UTC).isoformat()
    counting = events["value"].notna() & ~events["seq"].isin(taken_back)
    rows = []
    for name in sorted(events["annotator"].unique(), key=natural):
        mine = events["annotator"] == name
        answered = _frames(events[mine & counting & recent], places)
        minutes = _active_minutes(events.loc[mine & recent, "at"])
        per_minute = answered / minutes if minutes >= SHORTEST else np.nan
        rows.append((name, _frames(events[mine & counting], places), answered, minutes, per_minute))
    return pd.DataFrame(rows, columns=["annotator", "labelled", "answered", "minutes", "per_minute"])


def _frames(events: pd.DataFrame, places: Mapping[Any, np.ndarray]) -> int:
    """Count the frames that events speak of.

    Args:
        events: ``video_id``, ``first`` and ``last``.
        places: video to the indexes of its frames, (frames,) int64, ascending.
    """
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

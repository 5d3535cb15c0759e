"""The current view worked out anew from the log, to tell whether the stored one is right, and to put it right."""

from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, delete, insert, select

from core.storage import database as db
from core.storage.effective_events import undone
from core.storage.event_log import NO_LABELS

LANE = ["annotator_id", "video_id", "attribute_id"]
ROW = ["video_id", "index", "attribute_id", "annotator_id"]


def differences(connection: Connection) -> pd.DataFrame:
    """Return the labels of the current view that are not what the log makes of them.

    Frames without a row in ``frames`` are not looked at, nor those that may have come to a video after the label beside
    them (nothing says that they were there before): the view has never had a label for these.

    Args:
        connection: from `core.storage.database.reading` or ``writing``.

    Returns:
        The four columns of `ROW` (int); ``value`` and ``seq`` as the log has them and ``value_stored`` and ``seq_stored`` as
        the view has them: nullable, a missing ``seq`` or ``seq_stored`` where there is no such row.
    """
    frames = _read(connection, select(db.frames.c.video_id, db.frames.c.index))
    right, events = _replayed(connection, frames)
    stored = _read(connection, select(*(db.current.c[name] for name in [*ROW, "value", "seq"])))
    stored = stored.merge(frames, on=["video_id", "index"])
    both = right.merge(stored, "outer", ROW, suffixes=("", "_stored"))
    same = (both["value"] == both["value_stored"]).fillna(False)
    same |= both["value"].isna() & both["value_stored"].isna()
    wrong = both[~same.astype(bool) | both["seq"].isna() | both["seq_stored"].isna()]
    late = wrong["seq_stored"].isna() & wrong["seq"].isin(_partly_stored(stored, events))
    earliest = stored.groupby(["video_id", "index"])["seq"].min().rename("earliest")
    was_there = wrong.join(earliest, on=["video_id", "index"])["earliest"] < wrong["seq"]
    return wrong[~late | was_there.fillna(False)].reset_index(drop=True)


def rebuild(connection: Connection) -> int:
    """Make the current view what the log makes of it; return how many labels changed.

    Args:
        connection: from `core.storage.database.writing`.
    """
    wrong = differences(connection)
    for values in wrong.to_dict("records"):
        where = [db.current.c[name] == int(values[name]) for name in ROW]
        connection.execute(delete(db.current).where(*where))
        if not pd.isna(values["seq"]):
            value = None if pd.isna(values["value"]) else bool(values["value"])
            new: dict[str, Any] = {name: int(values[name]) for name in [*ROW, "seq"]}
            connection.execute(insert(db.current).values(value=value, **new))
    return len(wrong)


def _read(connection: Connection, query: Any) -> pd.DataFrame:
    table = pd.read_sql(query, connection)
    return table.astype({"value": "boolean", "seq": "Int64"}) if "value" in table else table


def _replayed(connection: Connection, frames: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the view as the log makes it, with the columns of `ROW`, ``value`` and ``seq``; and the label events."""
    names = ["seq", "id", "undoes", "source", *LANE, "first", "last", "value"]
    events = _read(connection, select(*(db.events.c[name] for name in names)).order_by(db.events.c.seq))
    events = events[~events["id"].isin(_no_labels(events))]
    events = events.assign(counts=events["undoes"].isna() & ~events["seq"].isin(undone(connection)))
    by_video: Any = frames.groupby("video_id")["index"]
    indexes = {video: np.sort(part.to_numpy()) for video, part in by_video}
    parts = [_lane(lane, part, indexes[lane[1]]) for lane, part in events.groupby(LANE) if lane[1] in indexes]
    empty = pd.DataFrame({name: pd.Series(dtype="int64") for name in ROW})
    table = pd.concat(parts, ignore_index=True) if parts else empty.assign(value=None, seq=None)
    return table.astype({"value": "boolean", "seq": "Int64"}), events


def _no_labels(events: pd.DataFrame) -> set[str]:
    """Return the ids of events that are no labels of their authors, and of what takes these back or does them again."""
    others = set(events.loc[events["source"].isin(NO_LABELS), "id"])
    undos = events[events["undoes"].notna()]
    for id, undoes in zip(undos["id"], undos["undoes"], strict=True):
        if undoes in others:
            others.add(id)
    return others


def _lane(lane: Any, events: pd.DataFrame, indexes: np.ndarray) -> pd.DataFrame:
    """Paint the events of one annotator about one attribute of a video, the oldest first, over its frames (N,) int64."""
    values, seqs = np.full(len(indexes), -1, np.int8), np.zeros(len(indexes), np.int64)
    begin = np.searchsorted(indexes, events["first"].to_numpy())
    end = np.searchsorted(indexes, events["last"].to_numpy(), "right")
    answers = events["value"].astype("Int8").fillna(-1).to_numpy(np.int8)
    rows = zip(begin, end, answers, events["seq"].to_numpy(np.int64), events["counts"], strict=True)
    for a, b, answer, seq, counts in rows:
        seqs[a:b] = seq
        if counts:
            values[a:b] = answer
    there = seqs > 0
    value = pd.array(values[there] == 1, "boolean")
    value[values[there] < 0] = pd.NA
    annotator, video, attribute = lane
    ids = {"video_id": video, "index": indexes[there], "attribute_id": attribute, "annotator_id": annotator}
    return pd.DataFrame({**ids, "value": value, "seq": seqs[there]})


def _partly_stored(stored: pd.DataFrame, events: pd.DataFrame) -> list[int]:
    """Return the ``seq`` of events of which the view has some frame: what else they cover came later."""
    there: dict[Any, np.ndarray] = {
        lane: np.sort(part.to_numpy()) for lane, part in stored.groupby(LANE)["index"]
    }
    none = np.array([], np.int64)
    rows = zip(*(events[name].tolist() for name in [*LANE, "first", "last", "seq"]), strict=True)
    partly = []
    for *lane, first, last, seq in rows:
        indexes = there.get(tuple(lane), none)
        if np.searchsorted(indexes, first) < np.searchsorted(indexes, last, "right"):
            partly.append(seq)
    return partly

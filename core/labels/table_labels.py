"""The labels of a table, and which of them their annotator had given before: as numbers, for a table may have a million rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy import Connection, case, select

from core.attributes import Answer
from core.labels.annotator_labels import UNSET
from core.labels.frame_stretches import runs
from core.storage import database as db
from core.storage.event_log import Stretch, frame_number
from core.workspace import Workspace

OPEN = -2
"""The table says nothing of the attribute, so that what is stored stays."""

_ANSWERS: dict[int, Answer] = {1: True, 0: False, UNSET: None}


@dataclass(frozen=True)
class TableLabels:
    """The labels of a table, a row for each frame.

    Args:
        keys: of the videos that it names.
        video: (rows,) int64, places in ``keys``.
        index: (rows,) int64, of the frames.
        values: by attribute (rows,) int8: 1 true, 0 false, -1 unset, -2 where the table says nothing.
    """

    keys: tuple[str, ...]
    video: np.ndarray
    index: np.ndarray
    values: dict[str, np.ndarray]

    def count(self) -> int:
        """Return how many are true or false."""
        return int(sum((values >= 0).sum() for values in self.values.values()))


def table_labels(workspace: Workspace, rows: pd.DataFrame) -> TableLabels:
    """Return the labels of ``rows``, see `core.labels.labels.record_rows`; of exclusive classes all, where one is chosen."""
    given = [name for name in rows.columns if name not in ("video", "index")]
    rows = rows[~rows.duplicated(["video", "index"], keep="last")]
    if workspace.attributes.exclusive:
        rows = _without_rivals(workspace, rows)
    video, keys = pd.factorize(rows["video"])
    values = {}
    for name in (name for name in rows.columns if name not in ("video", "index")):
        answers = rows[name].astype("boolean").to_numpy(np.int8, na_value=UNSET)
        values[name] = answers if name in given else np.where(answers == UNSET, np.int8(OPEN), answers)
    return TableLabels(tuple(keys), video.astype(np.int64), rows["index"].to_numpy(np.int64), values)


def _without_rivals(workspace: Workspace, rows: pd.DataFrame) -> pd.DataFrame:
    attributes = list(workspace.attributes.names)
    table = rows.reindex(columns=["video", "index", *attributes]).astype(dict.fromkeys(attributes, "boolean"))
    for _, part in table.groupby(attributes, dropna=False):
        row = zip(attributes, part[attributes].iloc[0].tolist(), strict=True)
        answers = {name: None if value is pd.NA else bool(value) for name, value in row}
        table.loc[part.index, attributes] = list(workspace.attributes.without_rivals(answers).values())
    return table


def labels_before(connection: Connection, annotator: str, labels: TableLabels) -> dict[str, np.ndarray]:
    """Return how ``annotator`` labelled the frames of a table until now: by attribute (rows,) int8, 1, 0 or -1 unset."""
    c, v = db.current.c, db.videos.c
    ids: dict[str, int] = dict(connection.execute(select(v.key, v.id)).tuples().all())
    # A video that is not here gets a number that none has.
    numbers = np.array([ids.get(key, -1 - place) for place, key in enumerate(labels.keys)], np.int64)
    frames = pd.Index(frame_number(numbers[labels.video], labels.index))
    query = select(c.video_id, c.index, case((c.value, 1), else_=0)).join_from(db.current, db.attributes)
    query = query.join(db.annotators).where(db.annotators.c.name == annotator, ~db.annotators.c.hidden)
    before = {}
    for name in labels.values:
        mine = query.where(db.attributes.c.name == name, c.value.is_not(None))
        videos, indexes, answers = db.integers(connection, mine)
        places = frames.get_indexer(pd.Index(frame_number(videos, indexes)))
        before[name] = np.full(len(frames), UNSET, np.int8)
        before[name][places[places >= 0]] = answers[places >= 0]
    return before


def new_stretches(labels: TableLabels, before: Mapping[str, np.ndarray] | None) -> pd.DataFrame:
    """Return what differs from ``before`` (None: everything) as stretches of neighbouring frames with one answer.

    Returns:
        ``video`` (place in the keys), ``first``, ``last`` (int), ``value`` (1, 0, -1) and ``attribute`` (name); by video and first
        frame, for so the database writes each of its pages once.
    """
    order = np.lexsort((labels.index, labels.video))
    parts = []
    for name, values in labels.values.items():
        is_new = (values > OPEN) if before is None else (values > OPEN) & (values != before[name])
        rows = order[is_new[order]]
        video, index, value = labels.video[rows], labels.index[rows], values[rows]
        first, last = runs(index, video, value)
        ends = {"video": video[first], "first": index[first], "last": index[last], "value": value[first]}
        parts.append(pd.DataFrame(ends).assign(attribute=name))
    empty = pd.DataFrame(columns=["video", "first", "last", "value", "attribute"])
    return pd.concat(parts).sort_values(["video", "first"], kind="stable") if parts else empty


def as_stretches(labels: TableLabels, table: pd.DataFrame) -> Iterator[Stretch]:
    """Yield the rows of a table that `new_stretches` returns."""
    columns = (table[name].tolist() for name in ("video", "first", "last", "attribute", "value"))
    for video, first, last, attribute, value in zip(*columns, strict=True):
        yield Stretch(labels.keys[video], first, last, attribute, _ANSWERS[value])

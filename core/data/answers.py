"""What annotators answered on their own: their labels without adjudications.

Who adjudicates has seen what the others said, so an adjudication is no further opinion; and it must not hide what its
author had answered before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Row, String, case, cast, func, select, text

from core.data import database as db
from core.data import log
from core.data.undo import in_effect
from core.errors import LabelError
from core.files import natural
from core.workspace import Workspace

UNSET = -1

_Lane = tuple[int, int, int]  # what an annotator says of a video and an attribute, by their ids

# Only lanes with an adjudication are replayed: the current view says the same of the others, and is at hand.
_LANES = text(
    """
    SELECT seq, id, undoes, events.video_id, events.attribute_id, events.annotator_id,
           "first", "last", value, source
    FROM events
    JOIN (SELECT DISTINCT annotator_id, video_id, attribute_id FROM events WHERE source = 'adjudication') AS lanes
      ON events.annotator_id = lanes.annotator_id AND events.video_id = lanes.video_id
      AND events.attribute_id = lanes.attribute_id
    ORDER BY events.annotator_id, events.video_id, events.attribute_id, seq DESC
    """
)


@dataclass(frozen=True)
class Answers:
    """All that annotators answered on their own.

    Args:
        frames: every frame: ``name``, ``video`` (key), ``index`` (int); by video in natural order and index. A frame's
            place is its row here.
        annotators: who answered anything, in alphabetical order.
        rows: per attribute (answers, 3) int64: place of the frame, number of the annotator, 1 true or 0 false.
    """

    frames: pd.DataFrame
    annotators: tuple[str, ...]
    rows: Mapping[str, np.ndarray]

    def sheet(self, attribute: str, least: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Return the frames that at least so many annotators answered, and their answers.

        Args:
            attribute: which.
            least: answers of a frame.

        Returns:
            Places (frames,) int64, ascending; and (frames, annotators) int8: 1 true, 0 false, -1 unset.
        """
        rows = self.rows[attribute]
        enough = np.bincount(rows[:, 0], minlength=len(self.frames)) >= least
        places, rows = np.flatnonzero(enough), rows[enough[rows[:, 0]]]
        said = np.full((len(places), len(self.annotators)), UNSET, np.int8)
        said[np.searchsorted(places, rows[:, 0]), rows[:, 1]] = rows[:, 2]
        return places, said


def own_answers(workspace: Workspace) -> Answers:
    """Read what every annotator answered on their own.

    Where somebody adjudicated, it is what this one had said of that frame beside the adjudications.
    """
    with db.reading(workspace) as connection:
        frames = _frames(connection)
        said = _said(connection, frames)
        people, numbers = (
            dict(connection.execute(select(table.c.name, table.c.id).where(~table.c.hidden)).tuples().all())
            for table in (db.annotators, db.attributes)
        )
    said = said[np.isin(said[:, 2], list(people.values()))]
    said = said[np.isin(said[:, 1], [numbers.get(name, -1) for name in workspace.attributes.names])]
    names = sorted((name for name, id in people.items() if id in set(said[:, 2].tolist())), key=natural)
    number = pd.Index([people[name] for name in names])
    said[:, 2] = number.get_indexer(pd.Index(said[:, 2]))
    rows = {
        name: said[said[:, 1] == numbers.get(name, -1)][:, [0, 2, 3]] for name in workspace.attributes.names
    }
    return Answers(frames.drop(columns="video_id"), tuple(names), rows)


def check_attribute(workspace: Workspace, attribute: str | None) -> tuple[str, ...]:
    """Return the attributes that are asked for: this one, or all of the workspace where it is None.

    Raises:
        LabelError: there is none of that name.
    """
    names = workspace.attributes.names
    if attribute is not None and attribute not in names:
        raise LabelError(f"one of {', '.join(names)}", f"the attribute {attribute!r}", "Check its spelling.")
    return names if attribute is None else (attribute,)


def _frames(connection: Connection) -> pd.DataFrame:
    """Return ``name``, ``video``, ``index`` and ``video_id`` of every frame, in order."""
    frames = pd.read_sql(log.FRAMES, connection, params={"video": ""}).rename(columns={"group": "video"})
    rank = {key: i for i, key in enumerate(sorted(frames["video"].unique(), key=natural))}
    order = np.lexsort((frames["index"], frames["video"].map(rank)))
    return frames.iloc[order][["name", "video", "index", "video_id"]].reset_index(drop=True)


def _said(connection: Connection, frames: pd.DataFrame) -> np.ndarray:
    """Return (answers, 4) int64: place of the frame, ids of attribute and annotator, and 1 or 0."""
    said = _current(connection)
    replayed = _beside_adjudications(connection, frames)
    lanes = [_lane_number(*lane) for lane in replayed]
    said = said[~np.isin(_lane_number(said[:, 3], said[:, 0], said[:, 2]), lanes)]
    numbers = pd.Index(
        _frame_number(frames["video_id"].to_numpy(np.int64), frames["index"].to_numpy(np.int64))
    )
    places = numbers.get_indexer(pd.Index(_frame_number(said[:, 0], said[:, 1])))
    said = np.column_stack([places, said[:, 2:]])
    return np.concatenate([said[places >= 0], *replayed.values()])  # nothing of removed videos


def _current(connection: Connection) -> np.ndarray:
    """Return (answers, 5) int64 of the current view: ids of video, index, attribute and annotator, and 1 or 0.

    The database hands over one row of long texts, as for a desk: a row for each answer takes three times as long.
    """
    c = db.current.c
    numbers = (c.video_id, c.index, c.attribute_id, c.annotator_id, case((c.value, 1), else_=0))
    texts = [func.aggregate_strings(cast(number, String), ",") for number in numbers]
    row = connection.execute(select(*texts).where(c.value.is_not(None))).one()
    return np.array([np.fromstring(text or "", np.int64, sep=",") for text in row], np.int64).T


def _beside_adjudications(connection: Connection, frames: pd.DataFrame) -> dict[_Lane, np.ndarray]:
    """Return what is said beside the adjudications, for each lane that has some, in the columns of `_said`."""
    videos = {
        video: (int(part.index[0]), part.to_numpy()) for video, part in frames.groupby("video_id")["index"]
    }
    found = {}
    for lane, events in groupby(connection.execute(_LANES).all(), _lane):
        annotator, video, attribute = lane
        first, indexes = videos.get(video, (0, np.empty(0, np.int64)))
        value = _replayed(list(events), indexes)
        answered = np.flatnonzero(value != UNSET)
        rows = np.empty((len(answered), 4), np.int64)
        rows[:, 0], rows[:, 3] = first + answered, value[answered]
        rows[:, 1:3] = attribute, annotator
        found[lane] = rows
    return found


def _replayed(events: list[Row[Any]], indexes: np.ndarray) -> np.ndarray:
    """Return what the events of a lane say without its adjudications.

    Args:
        events: the newest first.
        indexes: (frames,) int64 of the video, ascending.

    Returns:
        (frames,) int8: 1 true, 0 false, -1 unset.
    """
    said = np.full(len(indexes), UNSET, np.int8)
    for event in reversed(list(in_effect(events))):
        if event.undoes is None and event.source != "adjudication":
            stretch = slice(*np.searchsorted(indexes, (event.first, event.last + 1)))
            said[stretch] = UNSET if event.value is None else int(event.value)
    return said


def _lane(event: Row[Any]) -> _Lane:
    return event.annotator_id, event.video_id, event.attribute_id


def _lane_number(annotator: Any, video: Any, attribute: Any) -> Any:
    """Return one int64, or an array of them, that stands for a lane."""
    return annotator << 48 | video << 16 | attribute


def _frame_number(videos: np.ndarray, indexes: np.ndarray) -> np.ndarray:
    """Return one int64 that stands for video and index."""
    return videos << 32 | indexes

"""What annotators answered on their own: the current view, of all frames at once.

Adjudications are not in it: who adjudicates has seen what the others said, so an adjudication is no further opinion.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy import Connection, String, case, cast, func, select

from core.errors import LabelError
from core.files import natural
from core.storage import database as db
from core.storage import event_log
from core.workspace import Workspace

UNSET = -1


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
    """Read what every annotator answered on their own."""
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
    frames = pd.read_sql(event_log.FRAMES, connection, params={"video": ""})
    rank = {key: i for i, key in enumerate(sorted(frames["video"].unique(), key=natural))}
    order = np.lexsort((frames["index"], frames["video"].map(rank)))
    return frames.iloc[order][["name", "video", "index", "video_id"]].reset_index(drop=True)


def _said(connection: Connection, frames: pd.DataFrame) -> np.ndarray:
    """Return (answers, 4) int64: place of the frame, ids of attribute and annotator, and 1 or 0."""
    said = _current(connection)
    numbers = pd.Index(
        event_log.frame_number(frames["video_id"].to_numpy(np.int64), frames["index"].to_numpy(np.int64))
    )
    places = numbers.get_indexer(pd.Index(event_log.frame_number(said[:, 0], said[:, 1])))
    return np.column_stack([places, said[:, 2:]])[places >= 0]  # nothing of removed videos


def _current(connection: Connection) -> np.ndarray:
    """Return (answers, 5) int64 of the current view: ids of video, index, attribute and annotator, and 1 or 0.

    The database hands over one row of long texts, as for a desk: a row for each answer takes three times as long.
    """
    c = db.current.c
    numbers = (c.video_id, c.index, c.attribute_id, c.annotator_id, case((c.value, 1), else_=0))
    texts = [func.aggregate_strings(cast(number, String), ",") for number in numbers]
    row = connection.execute(select(*texts).where(c.value.is_not(None))).one()
    return np.array([np.fromstring(text or "", np.int64, sep=",") for text in row], np.int64).T

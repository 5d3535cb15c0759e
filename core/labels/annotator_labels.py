"""What annotators labelled on their own: the current view, of all frames at once.

Adjudications are not in it: who adjudicates has seen the labels of the others, so an adjudication is no further opinion.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy import case, select

from core.errors import LabelError
from core.files import natural
from core.labels.consensus import attribute_ids
from core.labels.label_table import frames_of
from core.storage import database as db
from core.storage import event_log
from core.workspace import Workspace

UNSET = -1


@dataclass(frozen=True)
class AnnotatorLabels:
    """All labels that annotators gave on their own.

    Args:
        frames: every frame: ``name``, ``video`` (key), ``index`` (int); by video in natural order and index. A frame's
            place is its row here.
        annotators: who labelled anything, in alphabetical order.
        rows: per attribute (labels, 3) int64: place of the frame, number of the annotator, 1 true or 0 false.
    """

    frames: pd.DataFrame
    annotators: tuple[str, ...]
    rows: Mapping[str, np.ndarray]

    def sheet(self, attribute: str, least: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Return the frames of which at least ``least`` annotators labelled ``attribute``, and their labels.

        Returns:
            Places (frames,) int64, ascending; and (frames, annotators) int8: 1 true, 0 false, -1 unset.
        """
        rows = self.rows[attribute]
        enough = np.bincount(rows[:, 0], minlength=len(self.frames)) >= least
        places, rows = np.flatnonzero(enough), rows[enough[rows[:, 0]]]
        labels = np.full((len(places), len(self.annotators)), UNSET, np.int8)
        labels[np.searchsorted(places, rows[:, 0]), rows[:, 1]] = rows[:, 2]
        return places, labels


def annotator_labels(workspace: Workspace) -> AnnotatorLabels:
    """Read what every annotator labelled on their own."""
    c, a = db.current.c, db.annotators.c
    query = select(c.video_id, c.index, c.attribute_id, c.annotator_id, case((c.value, 1), else_=0))
    names = workspace.attributes.names
    with db.reading(workspace) as connection:
        frames = frames_of(connection)
        labels = db.integers(connection, query.where(c.value.is_not(None)))
        ids = attribute_ids(connection, names)
        people = dict(connection.execute(select(a.id, a.name).where(~a.hidden)).tuples().all())
    videos, indexes, attribute, annotator, value = labels
    place = event_log.frame_index(frames).get_indexer(pd.Index(event_log.frame_number(videos, indexes)))
    # Nothing of removed videos.
    there = (place >= 0) & np.isin(annotator, list(people)) & np.isin(attribute, ids)
    rows = np.column_stack([place, annotator, value])[there]
    by_name = sorted(np.unique(rows[:, 1]).tolist(), key=lambda id: natural(people[id]))
    rows[:, 1] = pd.Index(by_name, dtype=np.int64).get_indexer(pd.Index(rows[:, 1]))
    return AnnotatorLabels(
        frames.drop(columns="video_id"),
        tuple(people[id] for id in by_name),
        {name: rows[attribute[there] == id] for name, id in zip(names, ids, strict=True)},
    )


def check_attribute(workspace: Workspace, attribute: str | None) -> tuple[str, ...]:
    """Return the attributes that are asked for: this one, or all of the workspace where it is None.

    Raises:
        LabelError: there is none of that name.
    """
    names = workspace.attributes.names
    if attribute is not None and attribute not in names:
        raise LabelError(
            f"There is no attribute {attribute!r} in this workspace; it has {', '.join(names)}.",
            "Check its spelling.",
        )
    return names if attribute is None else (attribute,)

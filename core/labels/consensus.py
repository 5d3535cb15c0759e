"""The consensus: the one label per frame and attribute that balance, training and testing use.

It is what was adjudicated (the latest decision counts), else what most annotators answered, unset where they are even. The database
counts the votes, whether frames are read (here) or only counted (`core.review.balance`).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Connection, Subquery, case, func, literal, select

from core.access.rights import check_seen
from core.errors import LabelError
from core.labels.label_table import LabelTable, frames_of
from core.storage import database as db
from core.storage import event_log
from core.storage.effective_events import decisions
from core.workspace import Workspace

TRUE, FALSE = 1, 2
"""Digits of a code; 0 is unset."""


def consensus(workspace: Workspace, annotator: str | None = None, video: str | None = None) -> LabelTable:
    """Return the consensus of every frame of every video, or with ``annotator`` the labels of this one, with ``video`` (its
    key) the frames of this one; by video in natural order and index.

    Raises:
        AccessError: the labels are another person's, and who acts may see their own only.
    """
    if annotator is not None:
        check_seen(annotator)
    names = list(workspace.attributes.names)
    with db.reading(workspace) as connection:
        table = frames_of(connection, video)
        counted = db.integers(connection, select(votes(attribute_ids(connection, names), annotator, video)))
        decided = None if annotator else decisions(connection)
    places = event_log.frame_index(table).get_indexer(pd.Index(event_log.frame_number(*counted[:2])))
    codes = np.zeros(len(table), np.int64)
    codes[places[places >= 0]] = counted[2, places >= 0]
    answers = digits(codes, len(names))
    if decided is not None:
        decide_consensus(answers, table, decided, names)
    labels = {
        name: pd.arrays.BooleanArray(answer == TRUE, answer == 0)
        for name, answer in zip(names, answers.T, strict=True)
    }
    return table.drop(columns="video_id").assign(**labels)


def labels_of(workspace: Workspace, annotator: str, video: str) -> pd.DataFrame:
    """Return the labels that ``annotator`` gave in ``video``: a row ``index`` per frame, one boolean column per attribute.

    Raises:
        LabelError: there is no such video.
    """
    table = consensus(workspace, annotator, video)
    if table.empty:
        raise unknown_video(video)
    return table.set_index("index")[list(workspace.attributes.names)]


def unknown_video(video: str) -> LabelError:
    """Return the error that this video is not there."""
    return LabelError(f"There is no video {video!r} in this workspace.", "Check its name, or add it first.")


def attribute_ids(connection: Connection, names: Sequence[str]) -> list[int]:
    """Return the id of each attribute; -1 of one that nobody has answered."""
    ids = dict(connection.execute(select(db.attributes.c.name, db.attributes.c.id)).tuples().all())
    return [ids.get(name, -1) for name in names]


def votes(
    ids: Sequence[int], annotator: str | None = None, video: str | None = None, adjudicated: bool = False
) -> Subquery:
    """Select ``video_id``, ``index`` and ``code`` of labelled frames: what most annotators answered, a digit per attribute.

    A sum for each attribute takes half the time of a group for each: so the labels stay in the order in which they
    are stored, and nothing is sorted.

    ``adjudicated`` selects only frames that were. As often as they were each vote is counted, which leaves the sign of a
    sum as it is, and spares the database a list of these frames.
    """
    c, f, v, people = db.current.c, db.frames.c, db.videos.c, db.annotators.c
    voters = select(people.id).where(~people.hidden, people.name == annotator if annotator else literal(True))
    vote = case((c.value, 1), else_=-1)
    sums = [
        func.sum(case((c.attribute_id == id, vote), else_=0)).label(f"sum_{i}") for i, id in enumerate(ids)
    ]
    query = select(c.video_id, c.index, *sums).where(c.value.is_not(None), c.annotator_id.in_(voters))
    if video is not None:
        query = query.where(c.video_id.in_(select(v.id).where(v.key == video)))
    if adjudicated:
        e = db.events.c
        # Plus 0, so that the database goes from the few decisions to their labels, not from every label to its decisions.
        within = (c.video_id == e.video_id + 0) & c.index.between(e["first"], e["last"])
        query = query.join(db.events, within).where(e.source.in_(event_log.DECISIONS))
    counted = query.group_by(c.video_id, c.index).subquery().c
    code = _code([counted[f"sum_{i}"] for i in range(len(ids))])
    # A group of pictures may have become a video that lacks some of the frames that were labelled.
    there = select(f.video_id).where(f.video_id == counted.video_id, f.index == counted.index).exists()
    return select(counted.video_id, counted.index, code.label("code")).where(there).subquery()


def _code(sums: Sequence[ColumnElement[int]]) -> ColumnElement[int]:
    """Return one number for the answers: a digit of base 3 for each sum of votes."""
    code: ColumnElement[int] = literal(0)
    for votes_for, weight in zip(sums, weights(len(sums)).tolist(), strict=True):
        code += case((votes_for > 0, TRUE * weight), (votes_for < 0, FALSE * weight), else_=0)
    return code


def weights(attributes: int) -> np.ndarray:
    """Return what one of each digit counts in a code: (attributes,) int64."""
    return 3 ** np.arange(attributes, dtype=np.int64)


def digits(codes: np.ndarray, attributes: int) -> np.ndarray:
    """Return the answers of (N,) int64 codes: (N, attributes) int64, each `TRUE`, `FALSE` or 0."""
    return codes[:, None] // weights(attributes) % 3


def decide_consensus(
    answers: np.ndarray, frames: pd.DataFrame, decided: pd.DataFrame, attributes: Sequence[str]
) -> None:
    """Put decisions, as `core.storage.effective_events.decisions` returns them, in the place of votes.

    ``answers`` (frames, attributes) int64, as `digits` returns them, are changed; ``frames`` has ``video_id`` and ``index``.
    """
    rows = event_log.frame_index(frames).get_indexer(event_log.frame_index(decided))
    columns = pd.Index(attributes).get_indexer(pd.Index(decided["attribute"]))
    there = (rows >= 0) & (columns >= 0)
    answers[rows[there], columns[there]] = np.where(decided["value"][there], TRUE, FALSE)

"""Disputes: frames that annotators answered differently, the decision that an instructor takes, and where the consensus comes from."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.access.rights import Right, needs
from core.attributes import Answer
from core.labels.annotator_labels import UNSET, AnnotatorLabels, annotator_labels, check_attribute
from core.labels.labels import record
from core.storage import database as db
from core.storage.effective_events import decisions
from core.storage.event_log import stretch_starts
from core.workspace import Workspace

KINDS = ("adjudicated", "all", "majority", "one", "tied")
"""Where a label of the consensus comes from: an adjudication, all annotators alike, most of them, the only one. Where they
are even, there is none."""


@needs(Right.SEE_OTHERS)
def disputes(workspace: Workspace, attribute: str | None = None) -> pd.DataFrame:
    """Return the frames that wait for an adjudication, of one attribute or all: annotators differ, and nobody adjudicated.

    Returns:
        ``name``, ``video`` (key), ``index`` (int), ``attribute``, ``edge`` (bool: annotators differ only about where a
        stretch starts or ends, see `core.review.disputes.at_edges`), and one nullable boolean column per annotator with
        what this one answered (`annotator_columns`). Real disputes come first, then by video in
        natural order, index and attribute.

    Raises:
        LabelError: there is no such attribute.
    """
    names = check_attribute(workspace, attribute)
    return disputes_of(annotator_labels(workspace), adjudications(workspace), names)


def disputes_of(own: AnnotatorLabels, decided: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return the disputes about the attributes ``names``, see `disputes`; ``decided`` as `adjudications` returns it."""
    found = pd.concat([_disputes(own, name) for name in names])
    keys = ["video", "index", "attribute"]
    open_ones = ~pd.MultiIndex.from_frame(found[keys]).isin(pd.MultiIndex.from_frame(decided[keys]))
    found = found[open_ones]
    rank = found["attribute"].map({name: i for i, name in enumerate(names)})
    return found.iloc[np.lexsort((rank, found.index, found["edge"]))].reset_index(drop=True)


def annotator_columns(table: pd.DataFrame) -> list[str]:
    """Return the columns of `disputes` that are annotators."""
    return list(table.columns[5:])


@needs(Right.ADJUDICATE)
def adjudicate(
    workspace: Workspace, author: str, video: str, first: int, last: int, attribute: str, value: Answer
) -> None:
    """Decide about the frames ``first`` to ``last`` (both included) of ``video``; unset withdraws a decision.

    The decision is the consensus, however annotators label. The latest counts. It is no vote, and withdrawn it leaves none:
    the labels of annotators count again, also the author's own. Of classes that exclude each other, all are
    decided at once, and withdrawn at once.

    Raises:
        LabelError: unknown video or attribute, no author, no such frame. Nothing is stored.
    """
    answers = {attribute: value}
    if workspace.attributes.exclusive and value is None:
        answers |= dict.fromkeys(workspace.attributes.names)
    record(workspace, author, video, first, last, answers, source="adjudication")


def adjudications(workspace: Workspace) -> pd.DataFrame:
    """Return the decisions that count: ``video`` (key), ``index`` (int), ``attribute`` and ``value`` (bool)."""
    with db.reading(workspace) as connection:
        decided = decisions(connection)
    decided = decided[decided["attribute"].isin(workspace.attributes.names)]
    return decided[["video", "index", "attribute", "value"]]


def consensus_counts(workspace: Workspace) -> dict[str, dict[str, int]]:
    """Count per attribute where the consensus comes from: ``adjudicated``, ``all``, ``majority``, ``one``, ``tied``.

    The first four add up to the labels of the consensus; the last are frames without one.
    """
    own, decided = annotator_labels(workspace), adjudications(workspace)
    names = pd.MultiIndex.from_frame(own.frames[["video", "index"]])
    counts = {}
    for name, rows in own.rows.items():
        mine = decided[decided["attribute"] == name]
        places = names.get_indexer(pd.MultiIndex.from_frame(mine[["video", "index"]]))
        counts[name] = {"adjudicated": len(places), **_vote_counts(rows, len(names), places)}
    return counts


def _vote_counts(rows: np.ndarray, frames: int, decided: np.ndarray) -> dict[str, int]:
    """Count the frames by how their votes are, without those at the places ``decided``; ``rows`` as in `AnnotatorLabels`."""
    number, true = (np.bincount(rows[:, 0], weights, frames) for weights in (None, rows[:, 2]))
    number[decided] = 0
    alike, tied = (true == 0) | (true == number), 2 * true == number
    kinds = {"all": alike & (number > 1), "majority": ~alike & ~tied, "one": number == 1, "tied": tied}
    return {kind: int((found & (number > 0)).sum()) for kind, found in kinds.items()}


def _disputes(own: AnnotatorLabels, attribute: str) -> pd.DataFrame:
    """Return the frames where annotators differ about an attribute, as `disputes`; their places are the index."""
    places, labels = own.sheet(attribute, least=2)
    videos = pd.factorize(own.frames["video"])[0].astype(np.int64)[places]
    differ, edge = disputed(labels), at_edges(places, videos, labels)
    found = own.frames.iloc[places[differ]].assign(attribute=attribute, edge=edge[differ])
    names = [f"{name} (annotator)" if name in found.columns else name for name in own.annotators]
    answers = [pd.arrays.BooleanArray(column == 1, column == UNSET) for column in labels[differ].T]
    columns = dict(zip(names, answers, strict=True))
    return pd.concat([found, pd.DataFrame(columns, index=found.index)], axis=1)


EDGE = 5
"""Frames between two annotators' starts (or ends) of the same stretch that are still the same start: a sixth of a
second at 30 frames per second, about the time of a key press."""

MOST_PAIRS = 1000
"""Pairs of annotators that are compared: all of 45 people. Of more, time and memory would grow with the square."""


def most_met(answered: np.ndarray) -> list[tuple[int, int]]:
    """Return the pairs of annotators with common frames, of more than `MOST_PAIRS` those with the most.

    Args:
        answered: (frames, annotators) bool.

    >>> most_met(np.array([[True, True, False], [False, True, False]]))
    [(0, 1)]
    """
    common = answered.T.astype(np.float32) @ answered.astype(np.float32)
    first, second = np.nonzero(np.triu(common, k=1))
    most = np.sort(np.argsort(-common[first, second], kind="stable")[:MOST_PAIRS])
    return list(zip(first[most].tolist(), second[most].tolist(), strict=True))


def disputed(labels: np.ndarray) -> np.ndarray:
    """Return where ``labels`` (frames, annotators) int8 (1 true, 0 false, -1 unset) hold true and false: (frames,) bool."""
    return (labels == 1).any(axis=1) & (labels == 0).any(axis=1)


def at_edges(places: np.ndarray, videos: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return which disputed frames lie only at an edge.

    Two annotators differ only at an edge where both change their answer in the same way and at most `EDGE` frames apart:
    on the frame before the ones where they differ both give one answer, on the frame after both give the other. A frame
    lies only at an edge where that holds for every two annotators who differ there, and all of them are compared
    (`most_met`).

    Args:
        places: (frames,) int64, ascending; neighbouring frames of a video have neighbouring places.
        videos: (frames,) int64, the video of each frame.
        labels: (frames, annotators) int8: 1 true, 0 false, -1 unset.

    Returns:
        (frames,) bool, false where nothing is disputed.
    """
    real = np.zeros(len(labels), bool)
    compared = np.zeros(len(labels), np.int64)
    for a, b in most_met(labels >= 0):
        both = np.flatnonzero((labels[:, a] >= 0) & (labels[:, b] >= 0))
        differ = labels[both, a] != labels[both, b]
        if differ.any():
            compared[both] += differ
            real[both] |= differ & ~_shifted(places[both], videos[both], labels[both, a], differ)
    differing = (labels == 1).sum(axis=1) * (labels == 0).sum(axis=1)
    return disputed(labels) & ~real & (compared == differing)


def _shifted(places: np.ndarray, videos: np.ndarray, first: np.ndarray, differ: np.ndarray) -> np.ndarray:
    """Return (frames,) bool: where one of two annotators only changes a little later than the other, whose labels ``differ``
    from those of the ``first``, (frames,) int8.
    """
    starts = stretch_starts(differ)
    ends = np.append(starts[1:], len(differ))  # an end is the first frame where they agree again
    inside = differ[starts] & (starts > 0) & (ends < len(places))
    starts, ends = starts[inside], ends[inside]
    near = places[ends] - places[starts - 1] - 1 <= EDGE
    small = near & (videos[starts - 1] == videos[ends]) & (first[starts - 1] != first[ends])
    steps = np.zeros(len(places) + 1, np.int64)
    steps[starts[small]], steps[ends[small]] = 1, -1
    return np.cumsum(steps)[:-1] > 0

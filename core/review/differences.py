"""Differences: what one annotator answers where most of the others answer the opposite, so that one knows what to talk about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.labels.annotator_labels import UNSET, AnnotatorLabels
from core.review.disputes import annotator_columns

FEWEST = 5
"""Frames with the same difference that are worth a talk; fewer are slips."""


@dataclass(frozen=True)
class AnnotatorDifference:
    """One annotator gives ``answer`` where most of the others who labelled the frame give the opposite.

    Args:
        annotator: who.
        attribute: about which attribute.
        answer: of this annotator.
        others: who gave the opposite answer, who did so most often first.
        frames: how many.
        videos: keys of the videos they are in, in natural order.
    """

    annotator: str
    attribute: str
    answer: bool
    others: tuple[str, ...]
    frames: int
    videos: tuple[str, ...]


def most_of_the_others(labels: np.ndarray) -> np.ndarray:
    """Return what most of the other annotators answered, of every frame and annotator.

    Args:
        labels: (frames, annotators) int8: 1 true, 0 false, -1 unset.

    Returns:
        The same; -1 where nobody else answered, or the others are even.

    >>> most_of_the_others(np.array([[1, 0, 0], [1, 0, -1]], np.int8)).tolist()
    [[0, -1, -1], [0, 1, -1]]
    """
    votes = np.where(labels == UNSET, 0, 2 * labels.astype(np.int64) - 1)
    others = votes.sum(axis=1, keepdims=True) - votes
    return np.where(others == 0, UNSET, others > 0).astype(np.int8)


def likeness(own: AnnotatorLabels) -> dict[str, tuple[int, int]]:
    """Count per annotator the answers that can be compared with `most_of_the_others`, and how many of these are the same."""
    compared, same = np.zeros((2, len(own.annotators)), np.int64)
    for attribute in own.rows:
        labels = own.sheet(attribute, least=2)[1]
        others = most_of_the_others(labels)
        both = (labels != UNSET) & (others != UNSET)
        compared += both.sum(axis=0)
        same += (both & (labels == others)).sum(axis=0)
    return dict(zip(own.annotators, zip(compared.tolist(), same.tolist(), strict=True), strict=True))


def differences(disputes: pd.DataFrame) -> list[AnnotatorDifference]:
    """Return the differences of at least `FEWEST` frames, the largest first.

    Of two annotators who only differ from each other, the second difference mirrors the first, and is left out: see
    `without_mirrors`.

    Args:
        disputes: as `core.review.disputes.disputes` returns them. Those at an edge do not count: nobody has to talk about
            where a stretch begins.
    """
    real = disputes[~disputes["edge"]]
    found = [each for _, part in real.groupby("attribute", sort=False) for each in _differences(part)]
    return sorted(found, key=lambda each: (-each.frames, each.annotator))


def frames_of(disputes: pd.DataFrame, annotator: str, attribute: str, answer: bool) -> pd.DataFrame:
    """Return the rows of ``disputes`` that one difference is about."""
    people = annotator_columns(disputes)
    rows = disputes[(disputes["attribute"] == attribute) & ~disputes["edge"]]
    if annotator not in people:
        return rows.iloc[:0]
    labels = rows[people].to_numpy(np.int8, na_value=UNSET)
    return rows[_differs(labels, answer)[:, people.index(annotator)]]


def without_mirrors(found: Sequence[AnnotatorDifference]) -> list[AnnotatorDifference]:
    """Return the differences without those that say of two annotators the same again, from the other side."""
    pairs: set[tuple[str, str, str, bool]] = set()
    kept = []
    for each in found:
        if len(each.others) == 1:
            if (each.others[0], each.annotator, each.attribute, not each.answer) in pairs:
                continue
            pairs.add((each.annotator, each.others[0], each.attribute, each.answer))
        kept.append(each)
    return kept


def _differs(labels: np.ndarray, answer: bool) -> np.ndarray:
    """Return where annotators gave ``answer`` and most of the others the opposite: (frames, annotators) bool."""
    return (labels == answer) & (most_of_the_others(labels) == (not answer))


def _differences(part: pd.DataFrame) -> Iterator[AnnotatorDifference]:
    """Yield the differences about one attribute."""
    people, attribute = annotator_columns(part), str(part["attribute"].iloc[0])
    labels = part[people].to_numpy(np.int8, na_value=UNSET)
    for answer in (True, False):
        differs = _differs(labels, answer)
        for person in np.flatnonzero(differs.sum(axis=0) >= FEWEST):
            rows = differs[:, person]
            opposite = (labels[rows] == (not answer)).sum(axis=0)
            others = tuple(people[i] for i in np.argsort(-opposite, kind="stable") if opposite[i])
            videos = tuple(part["video"][rows].unique())
            yield AnnotatorDifference(people[person], attribute, answer, others, int(rows.sum()), videos)

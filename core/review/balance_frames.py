"""The frames behind a number of the balance, and the rows of its chart per video."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core import text
from core.attributes import Answer
from core.errors import LabelError
from core.labels.label_table import attributes_of
from core.review.balance import Balance, Counts

_GOLDEN = (5**0.5 - 1) / 2
"""Multiples of it, without their whole part, lie evenly spread however many are taken (Weyl 1916; three-gap theorem)."""


def frames_behind(
    labels: pd.DataFrame,
    answers: Mapping[str, Answer],
    videos: Collection[str] = (),
    limit: int | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the frames with these answers, in such an order that the first few are spread over videos and time.

    Args:
        labels: as `core.labels.consensus.consensus` returns them.
        answers: what each attribute must be: true, false, or None for unset. Others may be anything.
        videos: only of these; none named is all.
        limit: how many at most; None is all.
        seed: another one begins with other frames.

    Returns:
        ``name``, ``video`` (key) and ``index`` (int), with the rows of ``labels`` they come from as the table's index:
        sorted by it, frames of a video are neighbours.

    Raises:
        LabelError: there is no such attribute or video.
    """
    found = labels.loc[_have(labels, answers, videos), ["name", "video", "index"]]
    groups = pd.factorize(found["video"])[0]
    turn = _spread(found.groupby("video", sort=False).cumcount().to_numpy(), seed)
    turn = (
        pd.Series(turn).groupby(groups).rank(method="first").to_numpy()
    )  # one frame of each video, then the next
    return found.iloc[np.lexsort((_spread(groups, seed), turn))].head(len(found) if limit is None else limit)


def counted(found: pd.DataFrame) -> str:
    """Return how many frames of how many videos: ``812 frames of 14 videos``."""
    return f"{text.count(len(found), 'frame')} of {text.count(found['video'].nunique(), 'video')}"


def _have(labels: pd.DataFrame, answers: Mapping[str, Answer], videos: Collection[str]) -> np.ndarray:
    """Return which rows have the answers: (rows,) bool."""
    names = attributes_of(labels)
    if unknown := [name for name in answers if name not in names]:
        raise LabelError(
            f"There is no attribute {unknown[0]!r}; there are {', '.join(names)}.", "Check its spelling."
        )
    groups = labels["video"]
    if gone := set(videos).difference(groups.unique() if videos else ()):
        raise LabelError(f"There is no video {min(gone)!r} with frames.", "Check its spelling.")
    have = np.ones(len(labels), bool)
    if videos:
        have &= groups.isin(list(videos)).to_numpy(bool)
    for name, answer in answers.items():
        values = labels[name]
        have &= (values.isna() if answer is None else (values == answer).fillna(False)).to_numpy(bool)
    return have


def _spread(places: np.ndarray, seed: int) -> np.ndarray:
    """Return for each place, (N,) int64, when its turn is, 0 to 1: places of near turns lie far apart."""
    return (places * _GOLDEN + np.random.default_rng(seed).random()) % 1


MOST = 40
"""Videos that have a row of their own where not all can have one."""
FITTING = 80
"""Videos that all have a row of their own."""


@dataclass(frozen=True)
class Row:
    """A row of the chart.

    Args:
        words: what it is called: the key of its video, or how many it stands for.
        videos: their keys.
        counts: of all their frames, ``true``, ``false`` and ``unset``.
    """

    words: str
    videos: tuple[str, ...]
    counts: Counts


def folded(found: Balance, attribute: str) -> list[Row]:
    """Return a row per video; of more than `FITTING` videos the `MOST` largest, then the smaller ones in one row.

    Groups of one picture are then one row as well: photos without a group are hundreds of them. The videos keep the
    order of the balance, the rows of several come last.
    """
    videos = found.videos
    if len(videos) <= FITTING:
        return [_row(found, attribute, [video]) for video in videos]
    several = [video for video, counts in videos.items() if counts["frames"] > 1]
    largest = set(sorted(several, key=lambda video: -videos[video]["frames"])[:MOST])
    smaller = [video for video in several if video not in largest]
    single = [video for video, counts in videos.items() if counts["frames"] == 1]
    rows = [_row(found, attribute, [video]) for video in several if video in largest]
    if smaller:
        rows.append(_row(found, attribute, smaller, text.count(len(smaller), "smaller video")))
    if single:
        rows.append(_row(found, attribute, single, f"{text.count(len(single), 'group')} of one picture"))
    return rows


def _row(found: Balance, attribute: str, videos: Collection[str], words: str = "") -> Row:
    counts = [found.videos[video]["attributes"][attribute] for video in videos]
    added = {answer: sum(each[answer] for each in counts) for answer in ("true", "false", "unset")}
    return Row(words or next(iter(videos)), tuple(videos), added)

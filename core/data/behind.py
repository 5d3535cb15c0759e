"""Which frames stand behind a number of the balance, so that one can look at them."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from core.attributes import Answer
from core.errors import LabelError

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
        labels: as `core.data.labels.consensus` returns them.
        answers: what each attribute must be: true, false, or None for unset. Of others anything may be said.
        videos: only of these; none named is all.
        limit: how many at most; None is all.
        seed: another one begins with other frames.

    Returns:
        ``name``, ``video`` (key) and ``index`` (int), with the rows of ``labels`` they come from as the table's index:
        sorted by it, frames of a video are neighbours.

    Raises:
        LabelError: there is no such attribute or video.
    """
    found = labels.loc[_have(labels, answers, videos), ["name", "group", "index"]]
    found = found.rename(columns={"group": "video"})
    groups = pd.factorize(found["video"])[0]
    turn = _spread(found.groupby("video", sort=False).cumcount().to_numpy(), seed)
    turn = (
        pd.Series(turn).groupby(groups).rank(method="first").to_numpy()
    )  # one frame of each video, then the next
    return found.iloc[np.lexsort((_spread(groups, seed), turn))].head(len(found) if limit is None else limit)


def counted(found: pd.DataFrame) -> str:
    """Say how many frames of how many videos: ``812 frames of 14 videos``."""
    frames, videos = len(found), found["video"].nunique()
    return f"{frames:,} frame{'s' * (frames != 1)} of {videos} video{'s' * (videos != 1)}"


def _have(labels: pd.DataFrame, answers: Mapping[str, Answer], videos: Collection[str]) -> np.ndarray:
    """Return which rows have the answers: (rows,) bool."""
    names = [name for name in labels.columns if name not in ("name", "group", "index")]
    if unknown := [name for name in answers if name not in names]:
        raise LabelError(f"one of {', '.join(names)}", f"the attribute {unknown[0]!r}", "Check its spelling.")
    groups = labels["group"]
    if gone := set(videos).difference(groups.unique() if videos else ()):
        raise LabelError("a video with frames", repr(min(gone)), "Check its spelling.")
    have = np.ones(len(labels), bool)
    if videos:
        have &= groups.isin(list(videos)).to_numpy(bool)
    for name, answer in answers.items():
        said = labels[name]
        have &= (said.isna() if answer is None else (said == answer).fillna(False)).to_numpy(bool)
    return have


def _spread(places: np.ndarray, seed: int) -> np.ndarray:
    """Return for each place, (N,) int64, when its turn is, 0 to 1: places of near turns lie far apart."""
    return (places * _GOLDEN + np.random.default_rng(seed).random()) % 1

"""Intervals over videos: how far a share of right frames, or a difference of two shares, may be from that of all videos.

Frames of one video are nearly the same picture, so a thousand frames of six videos are six observations and not a
thousand. Chosen by simulation (`benchmarks.coverage`, docs/benchmarks.md): these intervals hold the truth in 92.5 to 100 %
of the data sets, whatever the setting. Those of the plain design effect (Kish 1965, Korn and Graubard 1998), with Student's
t and Wilson's interval, hold it in 66 to 94 %, of a difference of two runs in 61 to 97 %; a bootstrap does still worse.

1. The spread between videos by the jackknife (leaving out each video), for a ratio of sums: videos count by their frames.
2. Few videos with mistakes say little of that spread. So it is mixed with a supposed one (`SUPPOSED`), the less
   the more videos spoke, and Student's t has as many degrees of freedom as the evenness of the videos allows
   (Satterthwaite 1946, with the fourth moment of the videos' deviations).
3. The spread becomes a number of independent frames that would spread as much, and these go into Wilson's score interval
   (Wilson 1927; for surveys Korn and Graubard 1998), which stays within 0 and 1 and is no point where all is right.
4. For the difference of two networks on the same frames 1 and 2 are done for the differences of the videos; the interval
   then is Student's, symmetric around the difference.
"""

from collections.abc import Mapping

import numpy as np
from scipy.stats import t as student

from core.runs.results import Interval

FEWEST = 6
"""Videos below which there is no interval: it would be too wide to say anything."""

LEVEL = 0.95
SUPPOSED, WEIGHT = 0.2, 0.25
"""The supposed correlation of two frames of one video in being right, and how many videos it counts as in the degrees of
freedom."""
DOUBT = 1.2
"""The weight of the supposed correlation beside the square of the number of videos that carry the spread: it matters with two
or three videos with mistakes, and is forgotten with many, so that intervals of forty videos are not too wide."""


def none_of(videos: Mapping[str, int]) -> str:
    """Say which intervals are missing for too few videos; empty where none is, or nothing is labelled.

    Args:
        videos: by attribute, on how many videos it is labelled, which may be fewer than are tested.
    """
    few = {name: count for name, count in videos.items() if 0 < count < FEWEST}
    labelled = [count for count in videos.values() if count]
    if not few:
        return ""
    if len(few) == len(labelled) and len(set(labelled)) == 1:
        return f"Too few test videos ({labelled[0]} of {FEWEST}) to say how exact this is."
    of_each = ", ".join(f"{name} ({count} of {FEWEST})" for name, count in few.items())
    return f"Too few test videos to say how exact these are: {of_each}."


def of_share(right: np.ndarray, videos: np.ndarray) -> Interval | None:
    """Return the interval of the share of ``right`` (N,) bool frames of ``videos`` (N,); none of too few videos."""
    frames, hits = per_video(videos, right)
    if len(frames) < FEWEST:
        return None
    low, high = share_interval(hits, frames)
    return Interval(float(low), float(high))


def of_difference(first: np.ndarray, second: np.ndarray, videos: np.ndarray) -> Interval | None:
    """Return the interval of how much more often ``second`` (N,) bool is right than ``first`` on the same frames."""
    frames, only_first, only_second = per_video(videos, first & ~second, second & ~first)
    if len(frames) < FEWEST:
        return None
    low, high = difference(only_first, only_second, frames)
    return Interval(float(low), float(high))


def per_video(videos: np.ndarray, *hits: np.ndarray) -> list[np.ndarray]:
    """Return how many frames each video has, and for how many of them each of ``hits`` (N,) bool is true: (V,) float64."""
    names, number = np.unique(videos, return_inverse=True)
    return [np.bincount(number, weights, len(names)).astype(float) for weights in (None, *hits)]


def share_interval(hits: np.ndarray, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return low and high end (...,) of the share of hits.

    Args:
        hits: (..., V) float, per video.
        frames: (..., V) float above 0, per video.
    """
    total = frames.sum(-1)
    rate = hits.sum(-1) / total
    independent = _independent(frames)
    mixed, quantile = _believed(hits, frames, rate * (1 - rate))
    return _wilson(rate, np.clip(independent / mixed, 1, total), quantile)


def difference(
    only_first: np.ndarray, only_second: np.ndarray, frames: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return low and high end (...,) of the share of ``only_second`` minus that of ``only_first``, each (..., V) float."""
    total = frames.sum(-1)
    change = (only_second - only_first).sum(-1) / total
    differing = (only_second + only_first).sum(-1) / total
    independent = _independent(frames)
    # Frames, with one more that differs: networks that never differ yet may do so.
    supposed = independent / SUPPOSED
    variance = (differing * supposed + 1) / (supposed + 1) - change**2
    mixed, quantile = _believed(only_second - only_first, frames, variance)
    half = quantile * np.sqrt(mixed * variance / independent)
    return np.clip(change - half, -1, 1), np.clip(change + half, -1, 1)


def _independent(frames: np.ndarray) -> np.ndarray:
    """Return as how many videos of equal length these say as much: (...,) (Kish 1965)."""
    return frames.sum(-1) ** 2 / (frames**2).sum(-1)


def _believed(values: np.ndarray, frames: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how alike two frames of one video are taken to be, and the quantile of Student's t, both (...,).

    Args:
        values: (..., V) float, sums over the frames of each video.
        frames: (..., V) float.
        variance: (...,) of a single frame.
    """
    count = frames.shape[-1]
    spread, evenness = _spread(values, frames)
    with np.errstate(divide="ignore", invalid="ignore"):
        alike = np.where(spread > 0, spread * _independent(frames) / variance, 0.0)
        freedom = 2 / (1 / (evenness + WEIGHT) - 1 / (count + WEIGHT))
    # Without evenness there is no spread to judge by.
    freedom = np.where(evenness > 0, np.clip(freedom, 2, count - 1), count - 1)
    # More videos are needed to believe that videos are alike than that they differ: one mistake must not narrow it.
    squared = evenness**2
    weight = np.where(alike > SUPPOSED, squared, np.maximum(squared - _alone(count) ** 2, 0))
    mixed = (weight * alike + DOUBT * SUPPOSED) / (weight + DOUBT)
    return mixed, student.ppf((1 + LEVEL) / 2, freedom)


def _spread(values: np.ndarray, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the jackknife variance of the mean per frame, and how many videos carry it, both (...,).

    Where all videos are alike all of them carry it; where all values are 0, or as great as the frames, none does.
    """
    total, count = frames.sum(-1), frames.shape[-1]
    deviations = values - (values.sum(-1) / total)[..., None] * frames
    squares = (deviations / (1 - frames / total[..., None])) ** 2
    summed, fourth = squares.sum(-1), (squares**2).sum(-1)
    mixed = (values != 0).any(-1) & (values != frames).any(-1)
    evenness = np.divide(summed**2, fourth, out=np.where(mixed, float(count), 0.0), where=fourth > 0)
    return (count - 1) / count * summed / total**2, evenness


def _alone(count: int) -> float:
    """Return the evenness of so many equal videos of which all but one are alike: hardly more than 1."""
    return count**2 * (count - 1) / ((count - 1) ** 3 + 1)


def _wilson(rate: np.ndarray, size: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Wilson's score interval of a share ``rate`` in ``size`` independent frames, at the quantile ``z``."""
    weight = z**2 / size
    middle = (rate + weight / 2) / (1 + weight)
    half = z / (1 + weight) * np.sqrt(rate * (1 - rate) / size + weight / size / 4)
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)

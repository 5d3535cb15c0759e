"""Intervals over videos: how far a share of right frames, or a difference of two, may be from that of all videos.

Frames of one video are nearly the same picture, so a thousand frames of six videos are six observations and not a
thousand. A percentile bootstrap over few videos covers far less than it says, and where nearly all frames are right
so does a t interval (it holds the truth in 69 % instead of 95 % at 6 videos, an accuracy of 0.98 and frames of a video
correlated by 0.1). Chosen by simulation, see docs/benchmarks.md:

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
from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

FEWEST = 6
"""Videos below which an interval would say next to nothing."""

LEVEL = 0.95
SUPPOSED, WEIGHT = 0.2, 0.25
"""The supposed correlation of two frames of one video in being right, and how many videos it counts for where the degrees
of freedom are taken."""
DOUBT = 1.2
"""How much the supposed correlation counts beside the square of the number of videos that carry the spread.

With the number itself the supposition still would weigh a twentieth of what some videos with mistakes among forty say, and
the intervals of forty videos that are hardly correlated would hold the accuracy in 98 %. With the square it is forgotten
sooner; it counts more in return, so that two or three videos with mistakes are believed as little as before."""


class Interval(NamedTuple):
    """Between what and what."""

    low: float
    high: float


def too_few(videos: int) -> str:
    """Say why there is no interval; empty where there are enough videos."""
    if videos >= FEWEST:
        return ""
    return f"too few videos, {videos} where {FEWEST} are needed"


def none_of(videos: Mapping[str, int]) -> str:
    """Say of what there is no interval, and why; empty where each has one, or nothing is labelled.

    Args:
        videos: by attribute, on how many videos it is labelled: an attribute may be so on a few of those that are tested.
    """
    reasons = {name: too_few(count) for name, count in videos.items() if count}
    if not any(reasons.values()):
        return ""
    if len(set(reasons.values())) == 1:
        return f"No interval: {next(iter(reasons.values()))}."
    return f"No interval of {'; of '.join(f'{name}: {why}' for name, why in reasons.items() if why)}."


def of_share(right: np.ndarray, videos: np.ndarray) -> Interval | None:
    """Return the interval of the share of ``right`` (N,) bool frames of ``videos`` (N,); none of too few videos."""
    frames, hits = per_video(videos, right)
    if too_few(len(frames)):
        return None
    low, high = share(hits, frames)
    return Interval(float(low), float(high))


def of_difference(first: np.ndarray, second: np.ndarray, videos: np.ndarray) -> Interval | None:
    """Return the interval of how much oftener ``second`` (N,) bool is right than ``first`` on the same frames."""
    frames, only_first, only_second = per_video(videos, first & ~second, second & ~first)
    if too_few(len(frames)):
        return None
    low, high = difference(only_first, only_second, frames)
    return Interval(float(low), float(high))


def per_video(videos: np.ndarray, *said: np.ndarray) -> list[np.ndarray]:
    """Return how many frames each video has, and how many of them each of ``said`` (N,) bool is true of: (V,) float64."""
    names, number = np.unique(videos, return_inverse=True)
    return [np.bincount(number, weights, len(names)).astype(float) for weights in (None, *said)]


def share(hits: np.ndarray, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return low and high end (...,) of the share of hits.

    Args:
        hits: (..., V) float, per video.
        frames: (..., V) float above 0, per video.
    """
    total = frames.sum(-1)
    found = hits.sum(-1) / total
    independent = _independent(frames)
    mixed, quantile = _believed(hits, frames, found * (1 - found))
    return _wilson(found, np.clip(independent / mixed, 1, total), quantile)


def difference(
    only_first: np.ndarray, only_second: np.ndarray, frames: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return low and high end (...,) of the share of ``only_second`` minus that of ``only_first``, each (..., V) float."""
    total = frames.sum(-1)
    found = (only_second - only_first).sum(-1) / total
    differing = (only_second + only_first).sum(-1) / total
    independent = _independent(frames)
    supposed = (
        independent / SUPPOSED
    )  # frames, of which one more that differs is supposed: two may differ yet
    variance = (differing * supposed + 1) / (supposed + 1) - found**2
    mixed, quantile = _believed(only_second - only_first, frames, variance)
    half = quantile * np.sqrt(mixed * variance / independent)
    return np.clip(found - half, -1, 1), np.clip(found + half, -1, 1)


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
    freedom = np.where(evenness > 0, np.clip(freedom, 2, count - 1), count - 1)  # 0: nothing is known of it
    # One video more has to say that videos are alike than that they differ: else one mistake would narrow the interval.
    said = evenness**2
    heard = np.where(alike > SUPPOSED, said, np.maximum(said - _alone(count) ** 2, 0))
    mixed = (heard * alike + DOUBT * SUPPOSED) / (heard + DOUBT)
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


def _wilson(found: np.ndarray, size: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Wilson's score interval of a share ``found`` in ``size`` independent frames, at the quantile ``z``."""
    weight = z**2 / size
    middle = (found + weight / 2) / (1 + weight)
    half = z / (1 + weight) * np.sqrt(found * (1 - found) / size + weight / size / 4)
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)

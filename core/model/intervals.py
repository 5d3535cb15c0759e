"""Intervals over videos: how far a share of right frames, or a difference of two, may be from that of all videos.

Frames of one video are nearly the same picture, so a thousand frames of six videos are six observations and not a
thousand. A percentile bootstrap over few videos covers far less than it says, and where nearly all frames are right
neither does a t interval (55 % instead of 95 % at 6 videos and an accuracy of 0.98). Chosen by simulation, see
docs/testing.md:

1. The spread between videos by the jackknife (leaving out each video), for a ratio of sums: videos count by their frames.
2. Few videos with mistakes say little of that spread. So it is mixed with a supposed one (`SUPPOSED`), the less
   the more videos spoke, and Student's t has as many degrees of freedom as the evenness of the videos allows
   (Satterthwaite 1946, with the fourth moment of the videos' deviations).
3. The spread becomes a number of independent frames that would spread as much, and these go into Wilson's score interval
   (Wilson 1927; for surveys Korn and Graubard 1998), which stays within 0 and 1 and is no point where all is right.
4. For the difference of two networks on the same frames, the same is done for the frames that only one or only the other
   decided right, and both are put together with their correlation over videos (Zou and Donner 2008).
"""

from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

FEWEST = 6
"""Videos below which an interval would say next to nothing."""

LEVEL = 0.95
SUPPOSED, WEIGHT = 0.2, 0.25
"""The supposed correlation of two frames of one video in being right, and how many videos it counts for."""


class Interval(NamedTuple):
    """Between what and what."""

    low: float
    high: float


def too_few(videos: int) -> str:
    """Say why there is no interval; empty where there are enough videos."""
    if videos >= FEWEST:
        return ""
    return f"too few videos for an interval: {videos}, and {FEWEST} are needed"


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
    total, count = frames.sum(-1), frames.shape[-1]
    found = hits.sum(-1) / total
    spread, evenness = _spread(hits, frames)
    independent = total**2 / (frames**2).sum(-1)  # as many videos of equal length say as much
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.where(spread > 0, spread * independent / (found * (1 - found)), 0.0)
        freedom = 2 / (1 / (evenness + WEIGHT) - 1 / (count + WEIGHT))
    freedom = np.where(evenness > 0, np.clip(freedom, 2, count - 1), count - 1)  # 0: nothing is known of it
    # One video more has to say that videos are alike than that they differ: else one mistake would narrow the interval.
    heard = np.where(correlation > SUPPOSED, evenness, np.maximum(evenness - _alone(count), 0))
    mixed = (heard * correlation + WEIGHT * SUPPOSED) / (heard + WEIGHT)
    size = np.clip(independent / mixed, 1, total)
    return _wilson(found, size, student.ppf((1 + LEVEL) / 2, freedom))


def difference(
    only_first: np.ndarray, only_second: np.ndarray, frames: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return low and high end (...,) of the share of ``only_second`` minus that of ``only_first``, each (..., V) float."""
    total = frames.sum(-1)
    less, more = only_first.sum(-1) / total, only_second.sum(-1) / total
    (less_low, less_high), (more_low, more_high) = share(only_first, frames), share(only_second, frames)
    # Where the two go together the interval could be narrower; of few videos that is not believed.
    together = np.minimum(_correlation(only_first, only_second, frames), 0)
    down, up = more - more_low, less_high - less
    low = more - less - np.sqrt(down**2 + up**2 - 2 * together * down * up)
    down, up = less - less_low, more_high - more
    return low, more - less + np.sqrt(down**2 + up**2 - 2 * together * down * up)


def _deviations(hits: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """Return how far each video is from what its frames would have at the share of all: (..., V)."""
    return hits - (hits.sum(-1) / frames.sum(-1))[..., None] * frames


def _spread(hits: np.ndarray, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the jackknife variance of the share and how many videos carry it, both (...,).

    Where all videos are alike all of them carry it; where no frame is a hit, or every one, none does.
    """
    total, count = frames.sum(-1), frames.shape[-1]
    squares = (_deviations(hits, frames) / (1 - frames / total[..., None])) ** 2
    summed, fourth = squares.sum(-1), (squares**2).sum(-1)
    mixed = (hits.sum(-1) > 0) & (hits.sum(-1) < total)
    evenness = np.divide(summed**2, fourth, out=np.where(mixed, float(count), 0.0), where=fourth > 0)
    return (count - 1) / count * summed / total**2, evenness


def _alone(count: int) -> float:
    """Return the evenness of so many equal videos of which all but one are alike: hardly more than 1."""
    return count**2 * (count - 1) / ((count - 1) ** 3 + 1)


def _correlation(one: np.ndarray, other: np.ndarray, frames: np.ndarray) -> np.ndarray:
    first, second = _deviations(one, frames), _deviations(other, frames)
    scale = np.sqrt((first**2).sum(-1) * (second**2).sum(-1))
    return np.divide((first * second).sum(-1), scale, out=np.zeros_like(scale), where=scale > 0)


def _wilson(found: np.ndarray, size: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Wilson's score interval of a share ``found`` in ``size`` independent frames, at the quantile ``z``."""
    weight = z**2 / size
    middle = (found + weight / 2) / (1 + weight)
    half = z / (1 + weight) * np.sqrt(found * (1 - found) / size + weight / size / 4)
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)

"""How often the confidence intervals of a test contain the true accuracy, in simulated tests.

Per setting 2,000 data sets of videos of unequal length (log-normal, median 150 frames, 95 % between 46 and 486). The
accuracy of a video is drawn from a beta distribution, so that two of its frames are correlated as stated; its frames
are then drawn at that accuracy. For two networks on the same frames, the shares that both, only the first, only the
second and neither decide right are drawn from a Dirichlet distribution.

- coverage_6, coverage_10, coverage_20, coverage_40: with so many videos, the least and the greatest share of the
  intervals of an accuracy that contain it.
- difference_6 …: the same of the difference of two networks.
"""

import sys
from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from benchmarks.harness import main
from core.evaluation import intervals

SETS, SEED = 2000, 1
VIDEOS = (6, 10, 20, 40)
ACCURACIES = (0.8, 0.9, 0.95, 0.98)
CORRELATIONS = (0.02, 0.05, 0.1, 0.2)
CELLS = (
    (0.9, 0.02, 0.05, 0.03),
    (0.7, 0.1, 0.15, 0.05),
    (0.95, 0.01, 0.02, 0.02),
    (0.8, 0.05, 0.05, 0.1),
    (0.93, 0.005, 0.05, 0.015),
    (0.98, 0.005, 0.01, 0.005),
)
"""Shares of frames that both decide right, only the first, only the second, neither."""


def lengths(videos: int, rng: np.random.Generator) -> np.ndarray:
    """Draw the frames of the videos of all data sets: (sets, videos) int64."""
    return np.clip(np.round(rng.lognormal(np.log(150), 0.6, (SETS, videos))), 20, 1500).astype(np.int64)


def accuracy_intervals(
    videos: int, accuracy: float, correlation: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the ends (sets,) of the intervals of an accuracy, and the accuracy."""
    frames, strength = lengths(videos, rng), 1 / correlation - 1
    of_video = rng.beta(accuracy * strength, (1 - accuracy) * strength, frames.shape)
    return *intervals.share_interval(
        rng.binomial(frames, of_video).astype(float), frames.astype(float)
    ), accuracy


def difference_intervals(
    videos: int, cells: tuple[float, ...], correlation: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the ends (sets,) of the intervals of the difference of two networks, and the difference."""
    frames, strength = lengths(videos, rng), 1 / correlation - 1
    shares = np.maximum(rng.gamma(np.array(cells) * strength, size=(*frames.shape, 4)), 1e-300)
    counts = rng.multinomial(frames, shares / shares.sum(-1, keepdims=True)).astype(float)
    ends = intervals.difference(counts[..., 1], counts[..., 2], frames.astype(float))
    return *ends, cells[2] - cells[1]


def rows(seed: int = SEED) -> Iterator[tuple[str, int, object, float, float, float]]:
    """Yield what is measured (``coverage`` or ``difference``), videos, truth, correlation, coverage and mean width."""
    rng = np.random.default_rng(seed)
    kinds: tuple[tuple[str, tuple, Callable], ...] = (
        ("coverage", ACCURACIES, accuracy_intervals),
        ("difference", CELLS, difference_intervals),
    )
    for name, truths, drawn in kinds:
        for videos, truth, correlation in product(VIDEOS, truths, CORRELATIONS):
            low, high, true = drawn(videos, truth, correlation, rng)
            covered = float(((low <= true) & (true <= high)).mean())
            yield name, videos, truth, correlation, covered, float((high - low).mean())


def measure() -> dict[str, tuple[float, float]]:
    """Return the least and the greatest coverage; the settings one by one go to standard error."""
    coverages: dict[str, list[float]] = {}
    for name, videos, truth, correlation, coverage, width in rows():
        coverages.setdefault(f"{name}_{videos}", []).append(coverage)
        row = f"{name:11}{videos:4}  {truth!s:26}{correlation:5.2f}{coverage:8.1%}{width:8.3f}"
        print(row, file=sys.stderr)
    return {name: (min(values), max(values)) for name, values in coverages.items()}


if __name__ == "__main__":
    main(__doc__, measure, {})

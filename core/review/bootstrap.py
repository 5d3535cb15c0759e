"""A bootstrap over videos or blocks of neighbouring frames, on sums per video or block."""

from collections.abc import Callable

import numpy as np

from core.labels.assignments import FEWEST_VIDEOS
from core.storage.event_log import stretch_starts

ROUNDS = 1000
LEVEL = 0.95

BLOCK = 30
"""Decoded frames of a block: a second at 30 frames per second."""

DRAWN = {"videos": "whole videos", "blocks": f"blocks of {BLOCK} neighbouring frames"}
"""What is drawn together, in words, as `units` names it."""

_AT_ONCE = 50  # rounds whose draws are in memory together
_MOST_UNDEFINED = 0.05  # share of the rounds; without more of them an interval would be too narrow


BootstrapInterval = tuple[tuple[float, float] | None, str]
"""The ends of a percentile interval, or None and the reason, in which ``{units}`` stands for what is drawn."""


def units(videos: np.ndarray, indexes: np.ndarray) -> tuple[np.ndarray, str]:
    """Say what of the frames is drawn together.

    Args:
        videos: (frames,) int64, number of the video, ascending.
        indexes: (frames,) int64, ascending in each video.

    Returns:
        (frames,) int64, number of the unit, from 0 and ascending; and ``videos`` or ``blocks``.
    """
    if len(np.unique(videos)) >= FEWEST_VIDEOS:
        return np.unique(videos, return_inverse=True)[1], "videos"
    starts = np.zeros(len(videos), np.int64)
    starts[stretch_starts(videos, indexes // BLOCK)] = 1
    return np.cumsum(starts) - 1, "blocks"


def per_unit(parts: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Add up (frames, columns) per unit: (units, columns) float64; ``units`` as `units` returns them."""
    return np.add.reduceat(parts.astype(np.float64), stretch_starts(units), axis=0)


def intervals(
    parts: np.ndarray, statistics: Callable[[np.ndarray], np.ndarray], seed: int
) -> list[BootstrapInterval]:
    """Return the 95 % percentile interval of each statistic.

    ``parts`` (units, columns) float64 is what each unit adds to the sums; ``statistics`` gives (..., statistics) of sums
    (..., columns), NaN where one is not defined.
    """
    if len(parts) < FEWEST_VIDEOS:
        reason = f"An interval needs at least {FEWEST_VIDEOS} {{units}}; there are {len(parts)}."
        return [(None, reason)] * statistics(parts.sum(axis=0)).shape[-1]
    draws = np.random.default_rng(seed)
    found = [statistics(_drawn(draws, len(parts)) @ parts) for _ in range(ROUNDS // _AT_ONCE)]
    return [_interval(values) for values in np.concatenate(found).T]


def _drawn(draws: np.random.Generator, number: int) -> np.ndarray:
    """Return how often each unit is drawn in some rounds: (rounds, units) float64."""
    chosen = draws.integers(number, size=(_AT_ONCE, number)) + np.arange(_AT_ONCE)[:, None] * number
    times = np.bincount(chosen.ravel(), minlength=_AT_ONCE * number)
    return times.reshape(_AT_ONCE, number).astype(np.float64)


def _interval(values: np.ndarray) -> BootstrapInterval:
    """Return the interval of (rounds,) float64."""
    defined = values[~np.isnan(values)]
    if len(defined) < (1 - _MOST_UNDEFINED) * len(values):
        draws = f"{len(values) - len(defined)} of {len(values)} draws of {{units}}"
        return None, f"In {draws} only one answer occurs: too few {{units}} hold the other."
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return (float(low), float(high)), ""

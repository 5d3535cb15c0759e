"""The bootstrap: what it draws, and its intervals."""

import numpy as np
import pytest

from core.review.bootstrap import intervals, per_unit, units


def mean(sums: np.ndarray) -> np.ndarray:
    """Of columns sum and number."""
    return np.divide(sums[..., :1], sums[..., 1:])


def defined_above(level: float):
    return lambda sums: np.where(sums[..., :1] > level, sums[..., :1], np.nan)


def test_five_videos_are_drawn_as_they_are() -> None:
    numbers, kind = units(np.array([0, 0, 1, 2, 3, 4]), np.array([0, 99, 0, 0, 0, 0]))
    assert (numbers.tolist(), kind) == ([0, 0, 1, 2, 3, 4], "videos")


def test_fewer_videos_are_drawn_in_blocks_of_thirty_frames() -> None:
    numbers, kind = units(np.array([0, 0, 0, 0, 1]), np.array([0, 29, 30, 95, 95]))
    assert (numbers.tolist(), kind) == ([0, 0, 1, 2, 3], "blocks")


def test_frames_are_added_up_per_unit() -> None:
    parts = np.array([[1, 10], [2, 20], [3, 30]])
    assert per_unit(parts, np.array([0, 0, 1])).tolist() == [[3, 30], [3, 30]]


def test_units_that_are_all_alike_give_an_interval_without_width() -> None:
    assert intervals(np.array([[2.0, 4.0]] * 6), mean, seed=0) == [((0.5, 0.5), "")]


def test_an_interval_of_means_is_as_wide_as_theory_says() -> None:
    """100 units, half 0 and half 1: the mean's standard error is 0.05, the interval 0.5 ± 1.96 · 0.05."""
    parts = np.column_stack([np.arange(100) % 2, np.ones(100)])
    [(ends, _)] = intervals(parts, mean, seed=1)
    assert ends == (pytest.approx(0.402, abs=0.015), pytest.approx(0.598, abs=0.015))


def test_the_seed_decides() -> None:
    parts = np.column_stack([np.arange(40) ** 2, np.ones(40)])
    first, again, other = (intervals(parts, mean, seed)[0][0] for seed in (1, 1, 2))
    assert first == again != other


def test_four_units_give_no_interval_and_say_why() -> None:
    [found] = intervals(np.ones((4, 2)), mean, seed=0)
    assert found == (None, "An interval needs at least 5 {units}; there are 4.")


def test_where_too_many_draws_are_undefined_there_is_no_interval() -> None:
    """One unit of ten holds it: 0.9 ** 10, a third of the draws, are without."""
    parts = np.eye(10)[:, :1]
    [(ends, reason)] = intervals(parts, defined_above(0), seed=0)
    assert ends is None
    assert "only one answer occurs" in reason

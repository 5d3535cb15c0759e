from math import exp

import pytest

from core.live.smoothing import Smoother


def test_after_its_seconds_a_step_has_come_through_by_63_percent():
    smoother = Smoother(0.5)
    smoother.add(0.0, 0.0)
    assert smoother.add(0.5, 1.0) == pytest.approx(1 - exp(-1))


def test_it_smooths_in_time_and_not_in_pictures():
    few, many = Smoother(0.5), Smoother(0.5)
    few.add(0.0, 0.0)
    many.add(0.0, 0.0)
    for step in range(1, 11):
        last = many.add(step / 10, 1.0)
    assert few.add(1.0, 1.0) == pytest.approx(last)


def test_off_changes_nothing():
    smoother = Smoother(0.0)
    assert [smoother.add(t, p) for t, p in ((0, 0.2), (1, 0.9), (2, 0.1))] == [0.2, 0.9, 0.1]

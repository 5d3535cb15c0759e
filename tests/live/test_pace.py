import doctest

import pytest

from core.live import pace
from core.live.pace import HIGH, LONGEST, LOW, LOWERED, RAISED, SETTLING, STEPS, Pace, Step

SLOW, FAST, BETWEEN = HIGH + 0.1, LOW - 0.1, (HIGH + LOW) / 2


@pytest.fixture
def settled() -> Pace:
    """The pace of a stream that began a while ago."""
    begun = Pace()
    begun.hear(FAST, -SETTLING)
    return begun


def told(pace: Pace, delay: float, start: float, seconds: float) -> float:
    """Tell a delay ten times a second; return the end."""
    for tenth in range(round(10 * seconds)):
        pace.hear(delay, start + tenth / 10)
    return start + seconds


def test_a_delay_that_is_short_leaves_the_full_stream(settled: Pace) -> None:
    told(settled, FAST, 0, 60)
    assert settled.step == STEPS[0]


def test_a_delay_at_the_start_of_a_stream_lowers_nothing() -> None:
    pace = Pace()
    now = told(pace, SLOW, 0, SETTLING)
    assert pace.step == STEPS[0]
    told(pace, SLOW, now, 0.1)
    assert pace.step == STEPS[1]


def test_the_rate_is_lowered_before_the_size() -> None:
    assert STEPS[1].rate < STEPS[0].rate
    assert STEPS[1].side == STEPS[0].side


def test_a_long_delay_lowers_step_by_step_to_the_least_and_no_further(settled: Pace) -> None:
    now = told(settled, SLOW, 0, 1)
    assert settled.level == 1
    told(settled, SLOW, now, 60)
    assert settled.step == STEPS[-1]


def test_a_delay_that_is_short_again_raises_to_the_full_stream(settled: Pace) -> None:
    now = told(settled, SLOW, 0, 60)
    told(settled, FAST, now, 10 * RAISED)
    assert settled.step == STEPS[0]


def test_a_delay_in_between_changes_nothing(settled: Pace) -> None:
    now = told(settled, SLOW, 0, 1)
    told(settled, BETWEEN, now, 60)
    assert settled.level == 1


def test_few_pictures_are_raised_again_though_each_of_them_waits_for_the_next_one(settled: Pace) -> None:
    now = told(settled, SLOW, 0, 60)
    assert settled.step == Step(8, 480)
    told(settled, 0.29, now, RAISED + 1)  # measured on two idle cores at 8 pictures a second
    assert settled.step == Step(12, 640)


def test_a_raise_that_was_too_much_waits_longer_the_next_time(settled: Pace) -> None:
    now = told(settled, SLOW, 0, 1)
    waits = []
    for _ in range(5):
        began = now
        while settled.level:
            now = told(settled, FAST, now, 0.1)
        waits.append(now - began)
        now = told(settled, SLOW, now, LOWERED + 0.5)
        assert settled.level == 1
    assert waits[0] == pytest.approx(RAISED, abs=0.3)
    assert waits[-1] > 3 * waits[0]
    assert max(waits) <= LONGEST + 1


def test_what_is_said_is_as_its_examples_show() -> None:
    assert doctest.testmod(pace).failed == 0

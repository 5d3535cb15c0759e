from time import monotonic

import pytest

from core.live.delay import DelayMeter

AHEAD = 1000.0
"""Seconds by which the server's clock is ahead of the page's."""


@pytest.fixture
def meter() -> DelayMeter:
    return DelayMeter()


def test_the_delay_is_from_the_capture_to_the_page(meter: DelayMeter) -> None:
    meter.drawn(7, arrived=1005.05, captured=5.0)
    assert meter.shown(7, at=5.2, ahead=AHEAD) == pytest.approx(0.2)
    assert meter.now is not None
    assert not meter.now.is_least


def test_without_a_time_of_capture_it_is_the_least(meter: DelayMeter) -> None:
    meter.drawn(7, arrived=1005.05)
    assert meter.shown(7, at=5.2, ahead=AHEAD) == pytest.approx(0.15)
    assert meter.now is not None
    assert meter.now.is_least


def test_of_a_camera_of_the_server_nothing_lies_before_its_arrival(meter: DelayMeter) -> None:
    meter.of_server = True
    meter.drawn(7, arrived=1005.05)
    meter.shown(7, at=5.2, ahead=AHEAD)
    assert meter.now is not None
    assert not meter.now.is_least


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
def test_a_camera_whose_clock_has_jumped_leaves_what_the_server_knows(meter: DelayMeter, jump: float) -> None:
    meter.drawn(7, arrived=1005.05, captured=5.0 + jump)
    assert meter.shown(7, at=5.2, ahead=AHEAD) == pytest.approx(0.15)
    assert meter.now is not None
    assert meter.now.is_least


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
def test_a_page_whose_clock_has_jumped_measures_nothing(meter: DelayMeter, jump: float) -> None:
    meter.drawn(7, arrived=1005.05, captured=5.0)
    assert meter.shown(7, at=5.2 + jump, ahead=AHEAD) is None
    assert meter.now is None


def test_a_picture_that_was_never_drawn_says_nothing(meter: DelayMeter) -> None:
    assert meter.shown(7, at=5.2, ahead=AHEAD) is None


def test_numbers_begin_anew(meter: DelayMeter) -> None:
    meter.drawn(7, arrived=1000.0)
    meter.drawn(7, arrived=1005.0)
    assert meter.shown(7, at=5.2, ahead=AHEAD) == pytest.approx(0.2)


def test_an_old_delay_is_none(meter: DelayMeter, monkeypatch: pytest.MonkeyPatch) -> None:
    meter.drawn(7, arrived=1005.0)
    meter.shown(7, at=5.2, ahead=AHEAD)
    now = monotonic()
    monkeypatch.setattr("core.live.recent_values.monotonic", lambda: now + 3)
    assert meter.now is None


def test_pictures_are_remembered_within_a_bound(meter: DelayMeter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.live.delay.REMEMBERED", 2)
    for number in range(3):
        meter.drawn(number, arrived=1005.0)
    assert [meter.shown(number, at=5.2, ahead=AHEAD) is None for number in range(3)] == [True, False, False]

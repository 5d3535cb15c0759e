"""What came later is later, whatever happens to the clock."""

from datetime import UTC, datetime, timedelta

import pytest

from core import clock
from core.clock import moment, now_after

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    class Noon(datetime):
        @classmethod
        def now(cls, tz=None):
            return NOON if tz else NOON.replace(tzinfo=None)

    monkeypatch.setattr(clock, "datetime", Noon)


@pytest.mark.parametrize(
    ("ahead", "later"),
    [
        (timedelta(hours=-1), timedelta()),
        (timedelta(), timedelta(milliseconds=1)),
        (timedelta(hours=1), timedelta(hours=1, milliseconds=1)),
        (timedelta(days=400), timedelta()),
    ],
)
def test_the_clock_goes_on_from_the_last_time_unless_that_was_wrong(
    ahead: timedelta, later: timedelta
) -> None:
    assert now_after(NOON + ahead) == NOON + later
    naive = NOON.replace(tzinfo=None)
    assert now_after(naive + ahead) == naive + later


def test_without_a_last_time_it_is_now() -> None:
    assert now_after(None) == NOON.replace(tzinfo=None)


def test_in_the_hour_that_comes_twice_times_keep_their_order() -> None:
    summer, winter = "2026-10-25T02:30:00+02:00", "2026-10-25T02:10:00+01:00"
    assert winter < summer and moment(summer) < moment(winter)
    assert moment("yesterday") == 0


@pytest.mark.parametrize(
    ("text", "words"),
    {
        "2026-03-01T16:43:10": "today 16:43",
        "2026-02-28T16:43:10": "yesterday 16:43",
        "2026-02-03T06:03:10": "3 Feb 06:03",
        "2025-12-31T09:05:00": "31 Dec 2025 09:05",
        "2026-03-02T00:10:00": "2 Mar 00:10",  # of a clock that was ahead
        "no time": "",
    }.items(),
)
def test_a_time_is_said_as_people_say_it(text, words):
    assert clock.day_and_time(text, datetime(2026, 3, 1, 12)) == words

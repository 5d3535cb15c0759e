"""How long somebody waits after failures, and who does not."""

import pytest

from core.access import attempts
from core.access.attempts import Attempts, Limit, keys


class Clock:
    """Seconds that pass when a test says so."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counted(clock: Clock) -> Attempts:
    return Attempts(clock)


def failures(counted: Attempts, clock: Clock, what: list[attempts.Key], number: int) -> float:
    """Fail that often, each time as soon as possible; return how many seconds that took."""
    began = clock.now
    for _ in range(number):
        while wait := counted.begin(what):
            clock.now += wait
    return clock.now - began


def test_the_first_failures_cost_nothing_then_each_wait_is_twice_as_long() -> None:
    limit = Limit(free=3, longest=10)
    assert [limit.wait(number) for number in range(9)] == [0, 0, 0, 1, 2, 4, 8, 10, 10]


def test_a_thousand_pins_of_one_name_take_days(counted: Attempts, clock: Clock) -> None:
    assert failures(counted, clock, keys("10.0.0.7", "anna"), 1000) > 10 * 24 * 60 * 60


def test_an_attempt_that_comes_too_soon_is_not_counted(counted: Attempts, clock: Clock) -> None:
    failures(counted, clock, keys("a", "anna"), 4)
    waits = {counted.begin(keys("a", "anna")) for _ in range(50)}
    assert waits == {2.0}


def test_a_stranger_does_not_lock_anna_out_at_her_own_address(counted: Attempts, clock: Clock) -> None:
    failures(counted, clock, keys("stranger", "anna"), 12)
    assert counted.begin(keys("stranger", "anna")) > 0
    assert counted.begin(keys("her own", "anna")) == 0


def test_on_a_device_that_she_has_used_anna_gets_in_though_many_strangers_try(
    counted: Attempts, clock: Clock
) -> None:
    for number in range(200):
        counted.begin(keys(f"stranger {number}", "anna"))
    assert counted.begin(keys("new", "anna")) > 0
    assert counted.begin(keys("same", "anna", device="her laptop")) == 0


def test_nobody_waits_longer_than_a_minute_for_what_strangers_did(counted: Attempts, clock: Clock) -> None:
    for number in range(10_000):
        counted.begin(keys(f"stranger {number}", "anna"))
        clock.now += 1
    assert counted.begin(keys("new", "anna")) <= 60


def test_who_gets_in_starts_anew(counted: Attempts, clock: Clock) -> None:
    hers = keys("a", "anna")
    failures(counted, clock, hers, 3)
    clock.now += 1
    assert counted.begin(hers) == 0
    counted.succeed(hers)
    assert [counted.begin(hers) for _ in range(3)] == [0, 0, 0]


def test_who_gets_in_does_not_clear_what_others_did_at_the_address(counted: Attempts, clock: Clock) -> None:
    for number in range(attempts.ADDRESS.free):
        counted.begin(keys("school", f"name {number}"))
    own = keys("school", "stranger", device="own")
    counted.begin(own)
    counted.succeed(own)
    assert counted.begin(keys("school", "anna")) > 0


def test_many_attempts_at_the_same_moment_are_not_free(counted: Attempts) -> None:
    assert sum(counted.begin(keys("a", "anna")) == 0 for _ in range(100)) == attempts.NAME_AT_ADDRESS.free


def test_failures_are_forgotten_after_an_hour(counted: Attempts, clock: Clock) -> None:
    failures(counted, clock, keys("a", "anna"), 8)
    clock.now += attempts.FORGOTTEN_AFTER + 1
    assert [counted.begin(keys("a", "anna")) for _ in range(3)] == [0, 0, 0]


def test_invented_names_take_no_more_memory(
    counted: Attempts, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "MOST_KEYS", 30)
    for number in range(100):
        counted.begin(keys(f"address {number}", f"name {number}"))
    assert len(counted._failures) <= 30


def test_a_class_joins_in_a_minute_but_not_a_thousand_invented_names(counted: Attempts, clock: Clock) -> None:
    assert sum(counted.join() for _ in range(1000)) == attempts.NEW_NAMES
    clock.now += 61
    assert counted.join()

import pytest

from core.networks.recipe import PUBLISHED, SEAM_LITE
from core.runs.records import Limits
from core.training.checkpoint import Position
from core.training.schedule import SAVING, WARM_UP, Budget, learning_rate


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_published_is_constant():
    assert {learning_rate(PUBLISHED, p) for p in (0, 0.5, 1)} == {1e-5}


def test_cosine_rises_then_falls():
    rates = [learning_rate(SEAM_LITE, p) for p in (0, WARM_UP / 2, WARM_UP, 0.5, 1)]
    assert rates[2] == pytest.approx(SEAM_LITE.learning_rate)
    assert 0 < rates[0] < rates[1] < rates[2] > rates[3] > rates[4] > 0


def test_without_minutes_the_steps_count():
    budget = Budget(steps=10)
    assert budget.progress == 0 and budget.remaining is None
    for _ in range(5):
        budget.count(1.0)
    assert budget.progress == 0.5
    assert not budget.is_spent


def test_with_minutes_the_share_of_the_time_counts_where_it_is_further():
    clock = Clock()
    budget = Budget(steps=1000, minutes=1, validation=8, clock=clock)
    clock.now += 10  # reading pictures
    assert budget.progress == 0
    clock.now += (60 - 10 - 8 - SAVING) / 2
    assert budget.progress == pytest.approx(0.5)
    assert not budget.is_spent
    clock.now += (60 - 10 - 8 - SAVING) / 2
    assert budget.progress == pytest.approx(1)
    assert budget.is_spent


def test_remaining_is_never_more_than_the_budget():
    clock = Clock()
    budget = Budget(steps=1000, minutes=1, clock=clock)
    assert budget.progress == 0
    clock.now += 1
    budget.count(1.0)
    assert 0 < budget.remaining <= 59


def test_no_time_at_all_is_spent_at_once():
    assert Budget(steps=10, minutes=0.01).is_spent


def test_how_long_a_validation_takes_is_told_by_the_steps_until_there_was_one():
    budget = Budget(steps=10, validation_batches=5)
    budget.count(60.0)  # it traces, and tells nothing
    assert budget.validation == 0 and budget.step_seconds is None
    budget.count(1.0)
    assert budget.validation == pytest.approx(2 + 0.6 * 5)
    budget.count_validation(3.0)
    budget.count(9.0)
    assert budget.validation == pytest.approx(3.6)


def test_a_resumed_run_has_used_its_time_also_where_the_computer_was_started_since():
    """The clock counts from the start of the computer: what was used may lie before it."""
    budget = Budget.of_run(Limits(epochs=10, minutes=3), Position(4, 100.0, 1.0, 0.5), 5, 10.0, 2.0)
    assert (budget.begun, budget.first, budget.step, budget.steps) == (-90.0, -89.0, 20, 50)
    assert budget.deadline == pytest.approx(-90 + 180 - 0.5 - SAVING)
    assert budget.validation_batches == 0

import pytest

from core.jobs.queue import Waiting, order, ordinal, waits


def entries(text):
    """Make queued runs of ``a1 b1 a2``: run a1 of user a since 0, and so on."""
    return [Waiting(id, id[0], since) for since, id in enumerate(text.split())]


def test_one_user_keeps_the_order():
    assert order(entries("a1 a2 a3"), {}) == ["a1", "a2", "a3"]


def test_users_take_turns():
    assert order(entries("a1 a2 a3 b1 b2"), {}) == ["a1", "b1", "a2", "b2", "a3"]


def test_who_trained_last_goes_last():
    assert order(entries("a1 a2 b1"), {"a": 100.0}) == ["b1", "a1", "a2"]


def test_whose_training_is_longer_ago_goes_first():
    assert order(entries("a1 b1 c1"), {"a": 300.0, "b": 200.0, "c": 250.0}) == ["b1", "c1", "a1"]


def test_runs_without_a_user_are_one_users():
    nobody = [Waiting("x1", "", 0), Waiting("x2", "", 1), Waiting("a1", "a", 2)]
    assert order(nobody, {}) == ["x1", "a1", "x2"]


@pytest.mark.parametrize(("place", "words"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (22, "22nd")])
def test_places_in_words(place, words):
    assert ordinal(place) == words


def test_with_one_slot_each_waits_for_those_before():
    assert waits([60.0], [100.0, 30.0], slots=1) == [60.0, 160.0]


def test_with_two_slots_the_first_to_end_makes_room():
    assert waits([60.0, 10.0], [100.0, 30.0], slots=2) == [10.0, 60.0]


def test_where_slots_were_taken_away_all_but_the_last_must_end():
    assert waits([60.0, 10.0], [100.0], slots=1) == [60.0]

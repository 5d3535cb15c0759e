import pytest

from core.live.waiting_line import GONE, UNUSED, Places


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def places(clock):
    """Two places; Ada and Bo have them."""
    places = Places(2, clock)
    assert (places.ask("Ada"), places.ask("Bo")) == (0, 0)
    return places


def test_who_comes_later_stands_in_line(places):
    assert (places.ask("Cy"), places.ask("Di")) == (1, 2)
    assert places.taken() == 2


def test_a_place_that_is_given_up_goes_to_the_first_in_line(places):
    places.ask("Cy"), places.ask("Di")
    places.rest("Bo")
    assert (places.ask("Di"), places.ask("Cy")) == (1, 0)


def test_who_says_nothing_is_gone(places, clock):
    places.ask("Cy")
    clock.now = GONE + 1
    assert places.ask("Cy") == 0
    assert places.taken() == 1


def test_what_plays_keeps_its_place(places, clock):
    for clock.now in range(0, 200, 5):
        places.use("Ada"), places.use("Bo")
        assert places.ask("Cy") == 1


def test_an_unused_place_goes_to_who_waits_and_its_holder_to_the_end_of_the_line(places, clock):
    places.ask("Cy"), places.ask("Di")
    for clock.now in (10, 20, UNUSED + 1):
        places.use("Ada"), places.ask("Bo"), places.ask("Di")
        position = places.ask("Cy")
    assert position == 0
    assert (places.ask("Di"), places.ask("Bo")) == (1, 2)


def test_an_unused_place_that_nobody_wants_is_kept(places, clock):
    for clock.now in range(0, 200, 10):
        assert (places.ask("Ada"), places.ask("Bo")) == (0, 0)


def test_a_place_at_which_nothing_plays_any_more_goes_at_once_to_who_waits(places):
    places.use("Ada"), places.ask("Cy")
    places.rest("Ada")
    assert (places.ask("Cy"), places.ask("Ada")) == (0, 1)


def test_who_has_left_stands_in_nobodys_way(places):
    places.leave("Ada"), places.leave("Bo")
    assert places.taken() == 0
    assert (places.ask("Cy"), places.ask("Di")) == (0, 0)

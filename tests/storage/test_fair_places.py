"""Places of a database: whoever has waited longest is next."""

import threading

import pytest
from sqlalchemy.exc import TimeoutError

from core.storage.fair_places import FairPlaces
from tests.helpers import waiting


def test_whoever_has_waited_longest_is_next() -> None:
    places, came, threads = FairPlaces(1), [], []

    def work(number: int) -> None:
        with places.place(60):
            came.append(number)

    with places.place(1):
        for number in range(5):
            threads.append(threading.Thread(target=work, args=(number,)))
            threads[-1].start()
            waiting.until(lambda number=number: places.waiting == number + 1)
    for thread in threads:
        thread.join()
    assert came == [0, 1, 2, 3, 4]


def test_who_gives_a_place_back_does_not_take_it_before_those_who_wait() -> None:
    places, came = FairPlaces(1), []

    def work() -> None:
        with places.place(60):
            came.append("waited")

    thread = threading.Thread(target=work)
    with places.place(1):
        thread.start()
        waiting.until(lambda: places.waiting)
    with places.place(60):
        came.append("hurried")
    thread.join()
    assert came == ["waited", "hurried"]


def test_a_thread_that_is_in_may_go_in_again() -> None:
    places = FairPlaces(1)
    with places.place(0.01), places.place(0.01):
        pass
    with places.place(0.01):
        pass


def test_who_waits_in_vain_gives_up_and_takes_no_place() -> None:
    places, gave_up = FairPlaces(1), []

    def work() -> None:
        with pytest.raises(TimeoutError), places.place(0.01):
            pass
        gave_up.append(True)

    with places.place(1):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert gave_up and not places.waiting
    with places.place(0.01):
        pass

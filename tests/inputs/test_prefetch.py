import sys
import threading
from itertools import count, islice

import pytest

from core.inputs.prefetch import prefetched
from tests.helpers.waiting import until


def test_everything_comes_in_order_and_ends():
    assert list(prefetched(iter(range(20)), 3)) == list(range(20))


def test_so_many_are_prefetched_and_no_more():
    made, before = [], set(threading.enumerate())
    source = (made.append(number) or number for number in count())
    given = prefetched(source, 2)
    assert next(given) == 0
    until(lambda: made == [0, 1, 2, 3])  # one was taken, two wait, one more waits for room
    [thread] = set(threading.enumerate()) - before
    given.close()
    until(lambda: not thread.is_alive())
    assert made == [0, 1, 2, 3]


def test_an_error_of_the_source_is_raised_where_its_thing_would_have_come():
    def source():
        yield 1
        raise ValueError("the second one")

    given = prefetched(source(), 2)
    assert next(given) == 1
    with pytest.raises(ValueError, match="the second one"):
        next(given)


@pytest.mark.skipif(sys.platform != "linux", reason="threads have a priority of their own on Linux only")
def test_the_thread_gives_way():
    import os

    def source():
        while True:
            yield os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    given = prefetched(source(), 1)
    assert list(islice(given, 2)) == [min(19, before + 10)] * 2
    given.close()
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before

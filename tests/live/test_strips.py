from collections import deque

import numpy as np

from core.live import strips

BLUE = (255, 0, 0)


def drawn(trace, threshold=None):
    place = np.zeros((40, 200, 3), np.uint8)
    strips.draw(place, deque(trace), "break", BLUE, threshold)
    return place


def test_a_probability_of_one_is_at_the_top_and_none_at_the_foot():
    high, low = (drawn([(t / 10, {"break": p}) for t in range(101)]) for p in (1.0, 0.0))
    assert high[0, 100, 0] > 200 and not high[38].any()
    assert low[38, 100, 0] > 200 and not low[0].any()


def test_now_is_at_the_right():
    place = drawn([(t / 10, {"break": 0.5}) for t in range(21)])  # two of ten seconds
    assert place[:, 165:].any() and not place[:, :155].any()


def test_what_the_network_does_not_know_is_a_gap():
    known, gap = {"break": 0.5}, None
    place = drawn([(t / 10, gap if 40 <= t <= 60 else known) for t in range(101)])
    assert not place[:, 85:115].any()


def test_the_threshold_is_a_dashed_line():
    assert drawn([], threshold=0.5)[19].any(axis=1).sum() == 50


def test_ten_seconds_are_remembered():
    trace = deque()
    for second in range(30):
        strips.remember(trace, float(second), None)
    assert [time for time, _ in trace] == [float(t) for t in range(19, 30)]


def test_after_a_step_back_what_lies_ahead_is_forgotten():
    trace = deque()
    for time in (0.0, 1.0, 2.0, 1.0):
        strips.remember(trace, time, None)
    assert [time for time, _ in trace] == [0.0, 1.0]

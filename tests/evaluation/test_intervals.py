"""Intervals over videos: what they hold, and how they behave where little is known."""

import numpy as np
import pytest

from benchmarks import coverage
from core.evaluation import intervals


def videos(*frames):
    """Names of the videos of frames: so many of the first, of the second, …"""
    return np.repeat(np.array([f"v{i}" for i in range(len(frames))], object), frames)


def shares(*hits, frames=100):
    """The interval where of each video so many of its frames are right."""
    low, high = intervals.share_interval(np.array(hits, float), np.full(len(hits), frames, float))
    return float(low), float(high)


def test_five_videos_are_too_few():
    assert intervals.of_share(np.ones(500, bool), videos(*[100] * 5)) is None
    assert intervals.of_share(np.ones(600, bool), videos(*[100] * 6))


def test_an_attribute_is_counted_by_the_videos_on_which_it_is_labelled():
    assert intervals.none_of({"spot": 8, "hole": 6}) == ""
    assert intervals.none_of({"spot": 5, "hole": 5, "knot": 0}) == (
        "Too few test videos (5 of 6) to say how exact this is."
    )
    assert intervals.none_of({"spot": 8, "hole": 2}) == (
        "Too few test videos to say how exact these are: hole (2 of 6)."
    )


def test_an_interval_holds_the_share_and_stays_within_0_and_1():
    low, high = shares(100, 99, 100, 97, 100, 100)
    assert 0 < low < 0.9933 < high < 1


def test_where_all_is_right_the_interval_is_no_point():
    """Six equal videos count as 6 / 0.2 = 30 frames; t of 5 degrees is 2.5706: 30 / (30 + 2.5706²) = 0.8195."""
    assert shares(*[100] * 6) == (pytest.approx(0.8195, abs=1e-4), 1)


def test_more_videos_say_more():
    few, many = shares(*[90, 100] * 3), shares(*[90, 100] * 20)
    assert many[0] > few[0] and many[1] < few[1]


def test_more_frames_of_the_same_videos_say_no_more():
    """All frames of a video are alike: a thousand say what ten say."""
    short, long = (shares(*[frames, 0] * 4, frames=frames) for frames in (10, 1000))
    assert long == pytest.approx(short)


def test_videos_that_differ_widen_it():
    alike, unlike = shares(*[90] * 8), shares(*[100, 80] * 4)
    assert alike[0] > unlike[0] and alike[1] < unlike[1]


def test_one_mistake_does_not_narrow_it():
    assert shares(99, *[100] * 5)[0] < shares(*[100] * 6)[0]


def test_frames_are_added_up_per_video():
    frames, right = intervals.per_video(videos(2, 3), np.array([True, False, True, True, True]))
    assert (frames.tolist(), right.tolist()) == ([2, 3], [1, 3])


def test_the_better_network_everywhere_is_better():
    """Of 100 frames in each of 8 videos the second alone is right in 20."""
    first, where = np.tile(np.arange(100) < 60, 8), videos(*[100] * 8)
    second = np.tile(np.arange(100) < 80, 8)
    found = intervals.of_difference(first, second, where)
    assert 0 < found.low < 0.2 < found.high


def test_a_difference_the_other_way_is_mirrored():
    rng = np.random.default_rng(3)
    first, second, where = rng.random(600) < 0.8, rng.random(600) < 0.9, videos(*[100] * 6)
    there, back = (intervals.of_difference(*pair, where) for pair in ((first, second), (second, first)))
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


def test_networks_that_never_differ_may_differ_on_other_videos():
    same = np.ones(600, bool)
    found = intervals.of_difference(same, same, videos(*[100] * 6))
    assert found.low == pytest.approx(-found.high) and 0 < found.high < 0.2


def test_settings_can_be_measured_together():
    hits, frames = np.array([[90.0] * 6, [80.0] * 6]), np.full((2, 6), 100.0)
    low, _ = intervals.share_interval(hits, frames)
    assert low.tolist() == [shares(*[90] * 6)[0], shares(*[80] * 6)[0]]


@pytest.mark.long
def test_intervals_hold_what_they_promise():
    """About 5 s: 2,000 data sets in each of 128 settings, of 6 to 40 videos and accuracies from 0.8 to 0.98."""
    found = list(coverage.rows())
    assert min(covered for *_, covered, _ in found) >= 0.90
    many = [covered for name, count, *_, covered, _ in found if name == "coverage" and count == 40]
    assert min(many) >= 0.93 and max(many) <= 0.97
    assert sum(many) / len(many) == pytest.approx(0.95, abs=0.015)

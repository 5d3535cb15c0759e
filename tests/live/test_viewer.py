import json
import threading
from contextlib import contextmanager

import numpy as np
import pytest

from core.attributes import SEAM
from core.errors import MediaError
from core.events.detector import UNFAMILIAR, Rule
from core.events.observer import Observer
from core.events.signals import Signals
from core.inspection.compose import Look
from core.inspection.inspector import Inspection
from core.inspection.reading import Reading
from core.live import recording as recordings
from core.live.camera_feed import Newest
from core.live.playback import Playback
from core.live.viewer import Screen
from tests.helpers.waiting import until

PICTURE = np.full((48, 64, 3), 128, np.uint8)


class Told:
    """Stands for an inspector; says what it is told to say, and waits where it is told to wait."""

    attributes, thresholds = SEAM, dict.fromkeys(SEAM.names, 0.5)

    def __init__(self, fails=lambda number: False):
        self.seen, self._fails = [], fails
        self.go = threading.Event()
        self.go.set()

    def decide(self, probabilities):
        return {name: p >= 0.5 for name, p in probabilities.items()}

    def inspect(self, picture, region=None):
        assert self.go.wait(10)
        self.seen.append(int(picture[0, 0, 0]))
        if self._fails(len(self.seen)):
            raise ValueError("no good")
        probabilities = dict.fromkeys(SEAM.names, picture[0, 0, 0] / 255)
        maps = dict.fromkeys(SEAM.names, np.zeros((2, 2), np.float32))
        return Inspection(probabilities, self.decide(probabilities), maps, region, 1.0, 0.0)


class Kept:
    """Stands for a session."""

    def __init__(self, smooth=0.0):
        self.regions = []
        self.smooth, self.readings, self.is_finished, self.dropped = smooth, [], threading.Event(), 0
        self.observer = Observer({})

    def add(self, picture, reading, arrived=None, region=None):
        self.readings.append(reading)
        self.regions.append(region)
        self.observer.add(picture, reading, arrived)

    def finish(self, dropped=0):
        self.dropped = dropped
        self.is_finished.set()


class Begun(list):
    def __call__(self, smooth):
        self.append(Kept(smooth))
        return self[-1]


def screen_of(inspector=None, look=None):
    begun = Begun()
    return Screen(inspector or Told(), look or Look(), begun), begun


def grey(value):
    return np.full((48, 64, 3), value, np.uint8)


@contextmanager
def newest(inspector=None):
    screen, begun = screen_of(inspector)
    feeding = Newest(screen)
    try:
        yield feeding, screen, begun
    finally:
        screen.inspector.go.set()
        feeding.close()
        until(lambda: feeding._worker is None)


def test_a_failure_is_said_on_the_picture_and_the_next_picture_is_inspected():
    screen, begun = screen_of(Told(fails=lambda number: number == 2))
    plain = screen.draw(PICTURE)
    assert [screen.see(PICTURE, i, i / 10) for i in range(3)] == [True, False, True]
    assert screen.errors == 1 and screen.last_error == "ValueError: no good"
    assert not np.array_equal(screen.draw(PICTURE)[-44:], plain[-44:])
    assert len(begun[0].readings) == 2


def test_a_picture_is_shown_while_the_network_is_busy():
    with newest() as (feeding, screen, _):
        screen.inspector.go.clear()
        shown = [feeding.show(grey(value)) for value in (10, 20, 30)]
        assert len(shown) == 3


def test_a_slow_network_sees_the_newest_picture_only():
    with newest() as (feeding, screen, _):
        screen.inspector.go.clear()
        feeding.show(grey(1))
        until(lambda: feeding._waiting is None)
        for value in range(2, 9):
            feeding.show(grey(value))
        screen.inspector.go.set()
        until(lambda: len(screen.inspector.seen) == 2)
        assert screen.inspector.seen == [1, 8]
        assert screen.figures().dropped == 6


def test_closing_ends_the_thread_and_the_session():
    with newest() as (feeding, screen, begun):
        feeding.show(PICTURE)
        until(lambda: begun and begun[0].readings)
        feeding.close()
        assert begun[0].is_finished.wait(10)
    assert screen.is_over
    assert "live inspector" not in [thread.name for thread in threading.enumerate()]


def test_after_every_tenth_failure_it_goes_on():
    with newest(Told(fails=lambda number: number % 10 == 0)) as (feeding, screen, begun):
        for number in range(1, 31):
            feeding.show(PICTURE)
            until(lambda wanted=number: len(screen.inspector.seen) == wanted)
        until(lambda: screen.errors == 3 and len(begun[0].readings) == 27)


def test_frozen_is_the_picture_that_was_inspected():
    screen, _ = screen_of()
    screen.see(grey(200), 0, 0.0)
    screen.freeze()
    screen.see(grey(50), 1, 0.1)
    assert screen.draw(grey(10))[5, 5, 0] == 200
    screen.go_on()
    assert screen.draw(grey(10))[5, 5, 0] == 10


def test_what_was_smoothed_is_shown_and_events_smooth_for_themselves():
    screen, begun = screen_of(look=Look(smooth=1.0))
    screen.see(grey(0), 0, 0.0)
    screen.see(grey(255), 1, 0.5)
    assert screen.latest.inspection.probabilities["break"] == pytest.approx(1 - np.exp(-0.5))
    assert begun[0].readings[-1].probabilities["break"] == 1.0


def test_the_region_that_was_judged_goes_to_the_session():
    region = (0.0, 0.0, 0.5, 1.0)
    screen, begun = screen_of(look=Look(region=region))
    screen.see(PICTURE, 0, 0.0)
    assert begun[0].regions == [region]


def test_another_smoothing_begins_another_session():
    screen, begun = screen_of()
    screen.see(PICTURE, 0, 0.0)
    screen.look.smooth = 0.5
    screen.see(PICTURE, 1, 0.1)
    assert [kept.smooth for kept in begun] == [0.0, 0.5]
    assert begun[0].is_finished.is_set()


def frames(count=4):
    yield from ((index, index / 10, grey(50 * index)) for index in range(count))


def playback():
    screen, begun = screen_of()
    return Playback(frames, screen), screen, begun


def test_a_playback_leaves_no_frame_out():
    playing, screen, begun = playback()
    while not playing.at_end:
        playing.tick()
    assert screen.inspector.seen == [0, 50, 100, 150]
    assert [r.time for r in begun[0].readings] == [0.0, 0.1, 0.2, pytest.approx(0.3)]
    assert begun[0].is_finished.is_set()


@pytest.mark.parametrize(
    "error", [MediaError("a film", "half of one", "Copy it again."), KeyError("no such row")]
)
def test_an_error_of_a_playback_is_kept_to_be_said_and_its_last_picture_stands(error):
    def broken():
        yield 0, 0.0, grey(50)
        raise error

    screen, begun = screen_of()
    playing = Playback(broken, screen)
    playing.tick()
    playing.tick()
    assert str(error) in playing.problem
    assert playing.at_end and playing.frame.index == 0
    assert begun[0].is_finished.is_set()
    assert playing.tick()[0].any()


def test_half_the_speed_waits_twice_as_long(monkeypatch):
    monkeypatch.setattr("core.live.playback.monotonic", lambda: 7.0)  # no time passes between the frames
    playing, _, _ = playback()
    playing.speed = 0.5
    playing.tick()
    assert playing.tick()[1] == pytest.approx(0.2)


def test_a_step_is_one_frame_on_and_one_back_is_no_news():
    playing, _, begun = playback()
    playing.step(1), playing.tick()
    playing.step(1), playing.tick()
    playing.step(-1), playing.tick()
    assert playing.frame.index == 0
    assert [r.index for r in begun[0].readings] == [0, 1]
    playing.tick()
    assert playing.frame.index == 0


def test_from_the_start_it_is_another_session():
    playing, _, begun = playback()
    playing.tick()
    playing.again()
    playing.tick()
    assert [[r.index for r in kept.readings] for kept in begun] == [[0], [0]]


def test_an_event_of_a_session_rings_and_an_unfamiliar_picture_does_not(trained, monkeypatch):
    told = []
    monkeypatch.setattr(
        "core.events.signals.Alarm._run", lambda self, content: told.append(json.loads(content))
    )
    rules = {"spot": Rule(0.5, 0.3, least=0), UNFAMILIAR: Rule(1.0, 0.9, least=0)}
    kept = recordings.Recording(trained, "camera", rules, None, keep=False, signals=Signals(("stop",)))
    for index, (spot, strange) in enumerate([(0.9, 0.0), (0.0, 3.0)]):
        kept.add(PICTURE, Reading(index, index / 10, {"spot": spot}, strange))
    kept.finish()
    kept._pool.shutdown(wait=True)
    assert [one["attribute"] for one in told] == ["spot"]


def test_a_session_without_events_that_was_short_leaves_nothing(trained):
    kept = recordings.Recording(trained, "camera", {}, None)
    folder = kept.writer.session.path
    assert folder.is_dir()
    kept.finish()
    until(lambda: not folder.exists())

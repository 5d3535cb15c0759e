import json
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from core.attributes import SEAM, named
from core.errors import MediaError, RunError
from core.events.detector import EventRule
from core.events.signals import Signals
from core.inspection.inspector import Inspection, Reading
from core.inspection.panel import DisplayOptions
from core.live.camera_feed import CameraFeed
from core.live.playback import Playback
from core.live.recording import FrameOutcome, begin_recording
from core.live.viewer import Viewer
from core.videos.video import Decoded
from tests.helpers.waiting import until

PICTURE = np.full((48, 64, 3), 128, np.uint8)


class Told:
    """Stands for an inspector; says what it is told to report, and waits where it is told to wait."""

    attributes, thresholds = SEAM, dict.fromkeys(SEAM.names, 0.5)

    def __init__(self, fails=lambda number: False):
        self.asked, self.seen, self._fails = 0, [], fails
        self.go = threading.Event()
        self.go.set()

    def decide(self, probabilities):
        return {name: p >= 0.5 for name, p in probabilities.items()}

    def inspect(self, picture, region=None):
        self.asked += 1
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
        self.smooth, self.readings, self.regions, self.is_finished = smooth, [], [], threading.Event()

    def add(self, picture, reading, region=None):
        self.readings.append(reading)
        self.regions.append(region)
        return FrameOutcome([], [])

    def finish(self, dropped=0):
        self.is_finished.set()
        return FrameOutcome([], [])


class Begun(list):
    def __call__(self, smooth):
        self.append(Kept(smooth))
        return self[-1]


def viewer_of(inspector=None, options=None):
    begun = Begun()
    return Viewer(inspector or Told(), options or DisplayOptions(), begun), begun


def grey(value):
    return np.full((48, 64, 3), value, np.uint8)


@contextmanager
def feeding(inspector=None):
    viewer, begun = viewer_of(inspector)
    feed = CameraFeed(viewer)
    try:
        yield feed, viewer, begun
    finally:
        viewer.inspector.go.set()
        feed.close()
        until(lambda: viewer.is_over)


def test_a_failure_is_said_on_the_picture_and_the_next_picture_is_inspected():
    viewer, begun = viewer_of(Told(fails=lambda number: number == 2))
    plain = viewer.draw(PICTURE)
    assert [viewer.inspect(PICTURE, i, i / 10) for i in range(3)] == [True, False, True]
    assert viewer.errors == 1 and viewer.last_error == "ValueError: no good"
    assert not np.array_equal(viewer.draw(PICTURE)[-44:], plain[-44:])
    assert len(begun[0].readings) == 2


def test_a_network_that_learns_other_attributes_begins_anew_and_nothing_fails_meanwhile():
    first, second = Told(), Told()
    second.attributes = named(["break", "length"])
    second.inspect = lambda picture, region=None: Inspection(
        {"break": 1.0, "length": 0.0}, {"break": True, "length": False}, {}, region
    )
    newest, begun = [None], Begun()
    viewer = Viewer(first, DisplayOptions(chosen=()), begun, lambda: newest[0])
    assert viewer.inspect(PICTURE, 0, 0.0) and viewer.latest is None and not begun  # nothing learned yet
    viewer.draw(PICTURE)
    for index, newest[0] in enumerate((first, first, second), 1):
        assert viewer.inspect(PICTURE, index, index / 10)
        viewer.freeze()
        viewer.draw(PICTURE)
    assert viewer.latest.inspection.probabilities == {"break": 1.0, "length": 0.0}
    assert [len(session.readings) for session in begun] == [2, 1]
    assert viewer.errors == 0


def test_a_picture_is_shown_while_the_network_is_busy():
    with feeding() as (feed, viewer, _):
        viewer.inspector.go.clear()
        shown = [feed.show(grey(value)) for value in (10, 20, 30)]
        assert len(shown) == 3


def test_a_slow_network_sees_the_newest_picture_only():
    with feeding() as (feed, viewer, _):
        viewer.inspector.go.clear()
        feed.show(grey(1))
        until(lambda: viewer.inspector.asked == 1)
        for value in range(2, 9):
            feed.show(grey(value))
        viewer.inspector.go.set()
        until(lambda: len(viewer.inspector.seen) == 2)
        assert viewer.inspector.seen == [1, 8]
        assert viewer.figures().dropped == 6


def test_closing_ends_the_thread_and_the_session():
    with feeding() as (feed, viewer, begun):
        feed.show(PICTURE)
        until(lambda: begun and begun[0].readings)
        feed.close()
        assert begun[0].is_finished.wait(10)
    assert viewer.is_over
    until(lambda: "live inspector" not in [thread.name for thread in threading.enumerate()])


def test_after_every_tenth_failure_it_goes_on():
    with feeding(Told(fails=lambda number: number % 10 == 0)) as (feed, viewer, begun):
        for number in range(1, 31):
            feed.show(PICTURE)
            until(lambda wanted=number: len(viewer.inspector.seen) == wanted)
        until(lambda: viewer.errors == 3 and len(begun[0].readings) == 27)


def test_frozen_is_the_picture_that_was_inspected():
    viewer, _ = viewer_of()
    viewer.inspect(grey(200), 0, 0.0)
    viewer.freeze()
    viewer.inspect(grey(50), 1, 0.1)
    assert viewer.draw(grey(10))[5, 5, 0] == 200
    viewer.unfreeze()
    assert viewer.draw(grey(10))[5, 5, 0] == 10


def test_what_is_seen_is_frozen_and_not_what_was_inspected_before_it():
    viewer, begun = viewer_of()
    viewer.inspect(grey(200), 0, 0.0)
    for index, value in enumerate((200, 60, 70), 1):
        viewer.draw(grey(value), index=index, time=index / 10)
    viewer.freeze()  # the newest, since the page tells nothing
    assert (viewer.frozen.index, viewer.draw(grey(10))[5, 5, 0]) == (3, 70)
    viewer.tell_seen(2)  # it comes late
    assert (viewer.frozen.index, viewer.seen.index, viewer.draw(grey(10))[5, 5, 0]) == (2, 2, 60)
    assert viewer.seen.inspection.probabilities["break"] == 60 / 255  # of this very picture
    assert len(begun[0].readings) == 1 and viewer.verdict.is_frozen
    viewer.unfreeze()
    assert viewer.draw(grey(10))[5, 5, 0] == 10


def test_the_picture_that_the_page_saw_is_sent_or_else_the_newest():
    viewer, _ = viewer_of()
    viewer.inspect(grey(200), 0, 0.0)
    for index in (1, 2, 3):
        viewer.draw(grey(index), index=index)
    assert viewer.seen.index == 3
    viewer.tell_seen(1)
    assert viewer.seen.index == 1
    viewer.tell_seen(4000)  # long gone
    assert viewer.seen.index == 3


def test_shown_pictures_are_kept_within_a_bound_and_not_after_the_end(monkeypatch):
    monkeypatch.setattr("core.live.viewer.REMEMBERED", 2 * PICTURE.nbytes)
    viewer, _ = viewer_of()
    viewer.inspect(PICTURE, 0, 0.0)
    for index in range(1, 5):
        viewer.draw(PICTURE.copy(), index=index)
    viewer.tell_seen(1)
    assert viewer.seen.index == 4  # of 1 nothing is kept
    viewer.tell_seen(3)
    assert viewer.seen.index == 3
    viewer.close()
    assert viewer.seen is viewer.latest


def test_an_unfamiliar_picture_is_new_unless_all_is_judged():
    viewer, begun = viewer_of()
    inspect = viewer.inspector.inspect
    viewer.inspector.inspect = lambda *given: replace(inspect(*given), unfamiliarity=2.0)
    for index in range(30):
        viewer.inspect(grey(200), index, index / 10)
    assert viewer.verdict.state == "new" and not viewer.verdict.rows
    assert [frame.index for frame in viewer.new_frames] == [0, 5, 10, 15, 20, 25]  # two a second
    viewer.options.judge_all = True
    viewer.inspect(grey(200), 30, 3.0)
    assert [word.words for word in viewer.verdict.words] == ["error", "break"]
    assert begun[0].readings[-1].is_familiar and not begun[0].readings[0].is_familiar


def test_what_was_smoothed_is_shown_and_events_smooth_for_themselves():
    viewer, begun = viewer_of(options=DisplayOptions(smooth=1.0))
    viewer.inspect(grey(0), 0, 0.0)
    viewer.inspect(grey(255), 1, 0.5)
    assert viewer.latest.inspection.probabilities["break"] == pytest.approx(1 - np.exp(-0.5))
    assert begun[0].readings[-1].probabilities["break"] == 1.0


def test_the_region_that_was_judged_goes_to_the_session():
    region = (0.0, 0.0, 0.5, 1.0)
    viewer, begun = viewer_of(options=DisplayOptions(region=region))
    viewer.inspect(PICTURE, 0, 0.0)
    assert begun[0].regions == [region]


def test_another_smoothing_begins_another_session():
    viewer, begun = viewer_of()
    viewer.inspect(PICTURE, 0, 0.0)
    viewer.options.smooth = 0.5
    viewer.inspect(PICTURE, 1, 0.1)
    assert [kept.smooth for kept in begun] == [0.0, 0.5]
    assert begun[0].is_finished.is_set()


def frames(count=4):
    yield from (Decoded(index, index / 10, grey(50 * index)) for index in range(count))


def playback():
    viewer, begun = viewer_of()
    return Playback(frames, viewer), viewer, begun


def test_a_playback_leaves_no_frame_out():
    playing, viewer, begun = playback()
    while not playing.at_end:
        playing.tick()
    assert viewer.inspector.seen == [0, 50, 100, 150]
    assert [r.time for r in begun[0].readings] == [0.0, 0.1, 0.2, pytest.approx(0.3)]
    assert begun[0].is_finished.is_set()


@pytest.mark.parametrize(
    "error", [MediaError("The film is cut off.", "Copy it again."), KeyError("no such row")]
)
def test_an_error_of_a_playback_is_kept_to_be_said_and_its_last_picture_stands(error):
    def broken():
        yield Decoded(0, 0.0, grey(50))
        raise error

    viewer, begun = viewer_of()
    playing = Playback(broken, viewer)
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


def test_an_event_of_a_session_sends_a_signal(own_run, tmp_path):
    program = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())"
    signals = Signals((sys.executable, "-c", program, str(tmp_path / "told")))
    recording = begin_recording(
        own_run, "camera", {"spot": EventRule(0.5, 0.3, least=0)}, None, signals=signals
    )
    recording.add(PICTURE, Reading(0, 0.0, {"clean": 0.1, "spot": 0.9, "narrow": 0.1}))
    recording.finish(wait=True)
    told = json.loads((tmp_path / "told").read_text())
    assert (told["attribute"], told["source"]) == ("spot", "camera")


def test_a_session_without_events_that_was_short_leaves_nothing(own_run):
    recording = begin_recording(own_run, "camera", {}, None)
    folder = recording.writer.session.path
    assert folder.is_dir()
    recording.finish(wait=True)
    assert not folder.exists()


def test_a_session_that_cannot_be_written_is_said_and_its_events_are_seen(own_run, monkeypatch):
    def full(*arguments, **options):
        raise RunError("The disk is full.", "Free some space.")

    monkeypatch.setattr("core.live.recording.SessionWriter", full)
    recording = begin_recording(own_run, "camera", {"spot": EventRule(0.5, 0.3, least=0)}, None)
    assert recording.problem == "The session cannot be written: The disk is full. Free some space."
    step = recording.add(PICTURE, Reading(0, 0.0, {"clean": 0.1, "spot": 0.9, "narrow": 0.1}))
    assert [change.event.attribute for change in step.changes] == ["spot"]

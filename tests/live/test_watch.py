"""Watching as a whole: files, cameras that come and go, Ctrl-C; and what a session keeps."""

import json
import sys

import cv2
import numpy as np
import pandas as pd
import pytest

from benchmarks.unfamiliar import KINDS, seamless
from core.errors import MediaError, RunError
from core.events.detector import UNFAMILIAR, EventRule
from core.events.mqtt_settings import MqttSettings
from core.events.session import Session
from core.events.session_store import get_session, sessions
from core.events.signals import Signals
from core.events.summary import summarise, write_summary
from core.events.writer import BackgroundWriter, SessionWriter
from core.inspection.inspector import Inspector, Reading
from core.live.recording import Recording
from core.live.sources import Live, StoredSource, find_source
from core.live.watch import Options, film, load_inspector, watch
from core.training.create_run import create_run
from core.videos.add_video import add_video
from core.videos.video import Decoded, decode
from core.videos.video_writer import write_video
from tests.helpers import tiny_class
from tests.helpers.broker import MISSING, PROGRAM, Broker, subscribed
from tests.helpers.waiting import until

RULES = {"spot": EventRule(0.5, 0.3, least=0.2, gap=0.2), UNFAMILIAR: EventRule(1.0, 0.9, least=60)}
SPOT = range(10, 20)


@pytest.fixture(scope="module")
def seam(tmp_path_factory):
    """A film of 3 seconds with a spot from 1.0 to 1.9 s."""
    path = tmp_path_factory.mktemp("film") / "seam.mp4"
    rng = np.random.default_rng(6)
    write_video(path, [tiny_class.picture(index in SPOT, True, rng) for index in range(30)], 10, crf=1)
    return path


@pytest.fixture(scope="module")
def unchecked():
    """The tiny network finds rendered films unfamiliar now and then; what it knows is tested elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.explain.out_of_distribution.familiar_to", lambda run: None)
        yield


@pytest.fixture(scope="module")
def session(trained, seam, unchecked, tmp_path_factory):
    """A session of that film; only read it."""
    folder = tmp_path_factory.mktemp("session") / "one"
    return watch(trained, find_source(trained.workspace, seam), RULES, Options(folder=folder))


def test_the_spot_is_one_event(session):
    (event,) = session.events()
    assert (event["attribute"], event["start"], event["end"]) == ("spot", 1.0, 1.9)


def test_an_event_has_picture_heatmap_and_clip(session, seam):
    (event,) = session.events()
    best = cv2.imread(str(session.path / event["picture"]))
    frame = [d.picture for d in decode(seam)][event["peak_index"]]
    assert np.abs(best.astype(int) - frame).mean() < 5
    assert cv2.imread(str(session.path / event["heatmap"])).shape == frame.shape
    times = [d.time for d in decode(session.path / event["clip"])]
    assert times[-1] == pytest.approx(2.9, abs=0.01)  # from 0.0, a second before, to 2.9, a second after


def test_nothing_half_written_is_left(session):
    assert not [path for path in session.path.iterdir() if "partial" in path.name]


def test_a_replay_frame_by_frame_gives_the_same_events(trained, session, seam, unchecked):
    inspector, recording, complete = load_inspector(trained), Recording(RULES), []
    for frame in decode(seam):
        readings = inspector.read([inspector.prepare(frame.picture)], [(frame.index, frame.time)])
        complete += recording.add(frame.picture, *readings).complete
    found = [event.to_json() for event, _ in complete + recording.finish().complete]
    assert [{key: event[key] for key in found[0]} for event in session.events()] == found


def test_the_summary_counts_per_metre_without_false_alarms(session, tmp_path):
    copy = Session(tmp_path)
    for name in ("session.json", "events.jsonl"):
        (tmp_path / name).write_bytes((session.path / name).read_bytes())
    row = summarise(copy, feed=100).set_index("attribute").loc["spot"]
    assert (row["events"], row["seam_seconds"], row["metres"]) == (1, 2.9, 0.29)
    assert row["per_metre"] == pytest.approx(1 / 0.29, abs=0.001)
    copy.mark(1)
    table = pd.read_csv(write_summary(copy, feed=100)).set_index("attribute")
    assert table.loc["spot", ["events", "false_alarms", "per_metre"]].tolist() == [1, 1, 0]


def test_marks_can_be_taken_back(session, tmp_path):
    copy = Session(tmp_path)
    (tmp_path / "events.jsonl").write_bytes((session.path / "events.jsonl").read_bytes())
    copy.mark(1)
    assert [event["false_alarm"] for event in copy.events()] == [True]
    copy.mark(1, false_alarm=False)
    assert [event["false_alarm"] for event in copy.events()] == [False]
    with pytest.raises(RunError, match="no event 2"):
        copy.mark(2)


def test_a_line_that_was_cut_off_is_left_out(tmp_path):
    line = json.dumps({"number": 1, "attribute": "spot", "start": 0.0, "end": 1.0, "peak": 0.9, "peak_time": 0.5,
                       "peak_index": 5, "picture": "event_1.jpg"})  # fmt: skip
    (tmp_path / "events.jsonl").write_text(f'{line}\n{{"number": 2, "att')
    assert [event["number"] for event in Session(tmp_path).events()] == [1]


def test_a_folder_with_a_session_is_not_written_over(trained, session):
    with pytest.raises(RunError, match="already holds a session"):
        SessionWriter(trained, "camera 0", RULES, None, session.path)


def test_by_default_the_session_is_in_the_folder_of_the_run(own_run, seam, unchecked):
    made = watch(own_run, find_source(own_run.workspace, seam), RULES, Options(until=0.5))
    assert made.path.parent == own_run.path / "events"
    assert [get_session(own_run, "latest").id] == [session.id for session in sessions(own_run)] == [made.id]
    assert made.details["readings"] == 6


def test_a_session_elsewhere_is_known_by_its_folder(trained, session):
    assert get_session(trained, str(session.path)).events() == session.events()


def test_ctrl_c_closes_and_writes_what_is_open(trained, seam, unchecked, tmp_path):
    def stop(reading):
        if reading.index == 15:
            raise KeyboardInterrupt

    options = Options(folder=tmp_path / "s", heatmaps=False)
    made = watch(trained, find_source(trained.workspace, seam), RULES, options, on_reading=stop)
    (event,) = made.events()
    assert (event["start"], event["end"]) == (1.0, 1.5)
    assert (made.path / event["clip"]).exists()


def test_a_camera_that_comes_back_is_watched_on(trained, unchecked, tmp_path):
    rng, said = np.random.default_rng(0), []
    turns = [1, 0, 1]
    taken = []

    def connect():
        yield from (tiny_class.picture(False, True, rng) for _ in range(turns.pop(0) if turns else 0))

    def read(reading):
        taken.append(reading.index)
        if len(taken) == 2:
            raise KeyboardInterrupt

    source = Live("camera 0", connect, said.append, first_pause=0.01)
    made = watch(trained, source, RULES, Options(folder=tmp_path / "s"), on_reading=read)
    assert made.details["readings"] == 2
    assert "camera 0 is back." in said


def spots(times, camera_away_from):
    """A camera that shows a spot from 1 s on, in seconds of its own, and is then away."""
    rng = np.random.default_rng(0)
    yield from (Decoded(index, time, tiny_class.picture(True, True, rng)) for index, time in enumerate(times))
    yield from camera_away_from


def test_an_event_ends_while_the_camera_is_away(trained, unchecked, tmp_path):
    told = []

    def pulse():
        yield from spots([1.0, 1.2, 1.4], [2.0, 6.6])
        until(lambda: told)  # it is written before another frame comes
        yield 7.0

    source = Live("camera 0", lambda: iter(()), lambda words: None)
    source.pulse = pulse
    options = Options(folder=tmp_path / "s", heatmaps=False)
    watch(trained, source, RULES, options, lambda line: told.append((line["start"], line["end"])))
    assert told == [(1.0, 1.4)]


def test_an_event_that_cannot_be_written_is_said_and_the_next_one_is_tried(
    trained, unchecked, tmp_path, monkeypatch
):
    def frames():
        rng = np.random.default_rng(0)
        yield from (Decoded(i, i / 10, tiny_class.picture(i // 10 % 2 == 0, True, rng)) for i in range(40))

    def write(self, event, evidence):
        if event.number == 1:
            raise OSError("the disk is full")
        return real(self, event, evidence)

    real, said = SessionWriter.write, []
    monkeypatch.setattr(SessionWriter, "write", write)
    options = Options(folder=tmp_path / "s", heatmaps=False)
    with pytest.raises(OSError, match="the disk is full"):
        watch(trained, StoredSource("seam.mp4", frames), RULES, options, report=said.append)
    assert said == ["Event 1 (spot, at 0.0 s) could not be written: the disk is full"]
    assert [event["number"] for event in Session(tmp_path / "s").events()] == [2]


def test_a_broken_file_keeps_what_came_before(trained, unchecked, tmp_path):
    def frames():
        rng = np.random.default_rng(0)
        yield from (Decoded(i, i / 10, tiny_class.picture(True, True, rng)) for i in range(5))
        raise MediaError("cut.mp4 is cut off.", "Copy it again.")

    with pytest.raises(MediaError, match="cut off"):
        watch(trained, StoredSource("cut.mp4", frames), RULES, Options(folder=tmp_path / "s", heatmaps=False))
    assert [event["end"] for event in Session(tmp_path / "s").events()] == [0.4]


def test_a_source_that_cannot_be_opened_leaves_no_session(trained, unchecked, tmp_path):
    def nothing():
        yield from ()

    with pytest.raises(MediaError):
        watch(trained, Live("camera 9", nothing, lambda words: None), RULES, Options(folder=tmp_path / "s"))
    assert not (tmp_path / "s").exists()


def test_signals_are_sent_when_the_event_begins(trained, seam, unchecked, tmp_path):
    program = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())"
    signals = Signals((sys.executable, "-c", program, str(tmp_path / "told")))
    options = Options(folder=tmp_path / "s", heatmaps=False, signals=signals)
    watch(trained, find_source(trained.workspace, seam), RULES, options)
    told = json.loads((tmp_path / "told").read_text())
    assert (told["attribute"], told["start"], told["end"]) == ("spot", 1.0, 1.2)


@pytest.mark.skipif(PROGRAM is None, reason=MISSING)
def test_a_broker_is_told_of_each_event_and_at_the_end_that_nobody_watches(
    trained, seam, unchecked, tmp_path
):
    broker = Broker(tmp_path).start()
    try:
        with subscribed(broker.port) as told:
            signals = Signals(mqtt=MqttSettings(broker.address))
            options = Options(folder=tmp_path / "s", heatmaps=False, signals=signals)
            watch(trained, find_source(trained.workspace, seam), RULES, options)
            until(lambda: told.latest("seamlens/status") == "offline")
            (event,) = told.events()
            assert (event["attribute"], event["start"], event["session"]) == ("spot", 1.0, "s")
            assert json.loads(told.latest("seamlens/spot/state"))["state"] is False
    finally:
        broker.kill()


PICTURE = np.zeros((4, 4, 3), np.uint8)


class Full(SessionWriter):
    """The writer of a session on a full disk: every second frame would be kept."""

    def add(self, picture, reading, region=None):
        if reading.index % 2:
            return False
        raise RunError("The disk is full.", "Free some space.")


def test_a_full_disk_is_said_once_and_not_for_every_uncertain_frame(trained, tmp_path):
    said = []
    writer = BackgroundWriter(Full(trained, "camera 0", RULES, None, tmp_path / "s"), report=said.append)
    for index in range(6):
        writer.add(PICTURE, Reading(index, index / 10, {"spot": 0.5}))
    writer.finish(wait=True)
    assert said == ["The uncertain frame 0 could not be kept: The disk is full. Free some space."]
    assert writer.problem == said[0]


@pytest.fixture(scope="module")
def short_seam(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "seam.mp4"
    rng = np.random.default_rng(6)
    write_video(path, [tiny_class.picture(i >= 4, True, rng) for i in range(8)], 10)
    return path


def test_a_file_frame_by_frame(trained, short_seam):
    seen = list(film(trained, short_seam))
    assert [s.index for s in seen] == list(range(8))
    assert [s.time for s in seen] == pytest.approx([i / 10 for i in range(8)])
    frames = [decoded.picture for decoded in decode(short_seam)]
    assert all(np.array_equal(s.picture, f) for s, f in zip(seen, frames, strict=True))
    assert seen[5].inspection.probabilities == Inspector.load(trained).inspect(frames[5]).probabilities


def test_a_line_and_json(trained, short_seam):
    first = next(film(trained, str(short_seam)))
    said = json.loads(json.dumps(first.to_json()))
    assert list(said) == ["index", "time", "probabilities", "decisions", "milliseconds"]
    assert list(said["probabilities"]) == ["clean", "spot", "narrow"]
    assert "spot" in first.summary()


def test_a_picture_group_of_the_workspace(trained):
    seen = list(film(trained, "video_2"))
    assert [s.index for s in seen] == list(range(12))


def test_a_video_of_the_workspace(tmp_path, short_seam, trained):
    workspace = tiny_class.make(tmp_path / "class", videos=3)
    key = add_video(workspace, short_seam).video.key
    run = create_run(workspace, tiny_class.quick())
    run.model_file.write_bytes(trained.model_file.read_bytes())
    assert len(list(film(run, key))) == 8


def test_stopped_early_with_a_film_of_what_was_seen(trained, short_seam, tmp_path):
    assert len(list(film(trained, short_seam, frames=3, out=tmp_path / "three.mp4"))) == 3
    assert len(list(decode(tmp_path / "three.mp4"))) == 3
    watching = film(trained, short_seam, out=tmp_path / "two.mp4")
    for _ in range(2):
        next(watching)
    watching.close()
    assert len(list(decode(tmp_path / "two.mp4"))) == 2


@pytest.mark.parametrize("source", ["nowhere.mp4", "no_video"])
def test_no_such_source(trained, source):
    with pytest.raises(MediaError, match=source):
        next(film(trained, source))


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_are_those_of_the_camera_and_of_the_seed(kind):
    first, again = list(seamless(kind, 1, seed=5)), list(seamless(kind, 1, seed=5))
    assert [p.shape for p in first] == [(480, 640, 3)]
    assert all(p.dtype == np.uint8 and np.array_equal(p, q) for p, q in zip(first, again, strict=True))


def test_a_covered_lens_is_dark():
    assert next(seamless("covered", 1)).mean() < 60

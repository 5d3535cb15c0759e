"""Back to labelling: from a replay the frame is its own, from a camera it is of its session's group."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from core.errors import MediaError, RunError
from core.events.detector import UNFAMILIAR, EventRule
from core.events.send_to_labelling import Sent, send_back, send_events, send_uncertain, sent
from core.events.writer import SessionWriter
from core.inputs import batches
from core.inspection.inspector import Reading
from core.jobs import worker
from core.labels.consensus import consensus
from core.labels.labels import record
from core.media.add_frames import stream_origin
from core.media.library import frame_table, get_video, remove_video, videos
from core.runs.run import Run
from core.splits import stored_split
from core.splits.extend_split import extend
from core.splits.make_split import split_from_table
from core.training.create_run import create_run
from core.videos.add_video import add_video
from core.videos.video_writer import write_video
from core.workspace import open_workspace
from tests.helpers import tiny_class

RULES = {"spot": EventRule(0.5, 0.3), UNFAMILIAR: EventRule(1.0, 0.9)}
PICTURE = tiny_class.picture(True, True, np.random.default_rng(5))


def reading(index, spot=0.01, unfamiliarity=0.1):
    probabilities = {"clean": 0.99, "spot": spot, "narrow": 0.01}
    return Reading(index, float(index), probabilities, unfamiliarity)


@pytest.fixture
def run(trained, tmp_path):
    """A trained run in a workspace of its own."""
    shutil.copytree(trained.workspace.path, tmp_path / "class")
    return Run(open_workspace(tmp_path / "class"), trained.id)


def watched(run, source, *readings):
    writer = SessionWriter(run, source, RULES, None)
    for one in readings:
        writer.add(PICTURE, one)
    writer.finish()
    return writer.session


def camera(run, *readings):
    return watched(run, "camera 0", *readings)


def test_from_a_replay_the_frame_is_its_own_and_nothing_is_copied(run):
    before = len(frame_table(run.workspace))
    found = send_back(run.workspace, watched(run, "video_3"), reading(5), PICTURE)
    assert (found.video, found.index) == ("video_3", 5)
    assert len(frame_table(run.workspace)) == before


def test_where_only_some_frames_of_a_video_are_kept_the_nearest_goes(run, tmp_path):
    write_video(tmp_path / "long.mp4", [PICTURE] * 9, 10)
    add_video(run.workspace, tmp_path / "long.mp4", every=4)
    assert send_back(run.workspace, watched(run, "long"), reading(7), PICTURE).index == 8


def test_from_a_file_that_was_brought_in_the_frame_is_its_own(run, tmp_path):
    write_video(tmp_path / "other.mp4", [PICTURE] * 3, 10)
    add_video(run.workspace, tmp_path / "other.mp4", name="seam.mp4")
    session = watched(run, str(tmp_path / "other.mp4"))
    assert send_back(run.workspace, session, reading(1), PICTURE).video == "seam"


def test_an_upload_that_is_called_like_a_video_is_not_taken_for_it(run, tmp_path):
    write_video(tmp_path / "tmp123.mp4", [PICTURE] * 3, 10)
    writer = SessionWriter(run, "video_3", RULES, None, file=tmp_path / "tmp123.mp4")
    assert send_back(run.workspace, writer.session, reading(1), PICTURE).video == "video_3_2"


def test_from_another_file_the_frames_of_all_sessions_are_one_group(run, tmp_path):
    write_video(tmp_path / "other.mp4", [PICTURE] * 3, 10)
    one, two = (watched(run, str(tmp_path / "other.mp4")) for _ in range(2))
    send_back(run.workspace, one, reading(1), PICTURE)
    send_back(run.workspace, two, reading(2), PICTURE)
    assert frame_table(run.workspace, "other")["index"].tolist() == [1, 2]


def test_from_a_camera_there_is_one_group_per_session(run):
    sessions = camera(run), camera(run)
    keys = [send_back(run.workspace, s, reading(i), PICTURE).video for s in sessions for i in (4, 9)]
    assert keys[0] == keys[1] != keys[2] == keys[3]
    assert get_video(run.workspace, keys[0]).origin == "live"
    assert frame_table(run.workspace, keys[0])["index"].tolist() == [4, 9]


def test_of_all_sessions_of_one_stream_the_frames_are_one_group(run):
    live = stream_origin()
    written = [SessionWriter(run, "camera", RULES, None, live=live).session for _ in range(2)]
    keys = {send_back(run.workspace, s, reading(i), PICTURE).video for i, s in enumerate(written)}
    assert len(keys) == 1


def test_the_same_frame_twice_goes_once(run):
    session = camera(run)
    news = [send_back(run.workspace, session, reading(4), PICTURE).new for _ in range(2)]
    assert news == [True, False]
    assert len(sent(run.workspace, session)) == 1


def test_the_uncertain_frames_go_with_their_reasons(run):
    session = camera(run, reading(0), reading(2, spot=0.55), reading(4), reading(6, unfamiliarity=3.0))
    found = send_uncertain(run.workspace, session)
    assert [(s.index, s.why) for s in found] == [(2, "spot near the threshold"), (6, "unfamiliar")]
    assert frame_table(run.workspace, found[0].video)["index"].tolist() == [2, 6]


def test_a_frame_that_was_judged_within_a_region_is_sent_as_such(run):
    writer = SessionWriter(run, "camera 0", RULES, None)
    writer.add(PICTURE, reading(2, spot=0.55), (0.0, 0.0, 0.5, 1.0))
    writer.add(PICTURE, reading(4, spot=0.55))
    assert [one.within for one in send_uncertain(run.workspace, writer.session)] == [True, False]


def test_of_a_replay_the_session_keeps_no_pictures(run):
    session = watched(run, "video_3", reading(2, spot=0.5))
    assert [s.index for s in send_uncertain(run.workspace, session)] == [2]
    assert sorted(file.name for file in session.path.iterdir()) == [
        "doubts.jsonl",
        "sent.jsonl",
        "session.json",
    ]


def test_a_session_without_uncertain_frames_sends_nothing(run):
    session = camera(run, reading(0))
    assert send_uncertain(run.workspace, session) == []
    assert len(videos(run.workspace)) == 5


def test_the_peak_of_an_event_goes(run):
    session = watched(run, "video_3")
    line = {
        "number": 1,
        "attribute": "spot",
        "start": 5.0,
        "end": 7.0,
        "peak": 0.9,
        "peak_time": 6.0,
        "peak_index": 6,
    }
    (session.path / "events.jsonl").write_text(json.dumps(line | {"picture": "x.jpg"}) + "\n")
    assert send_events(run.workspace, session, [1]) == [Sent("video_3", 6, "spot", True, found_part(run))]
    with pytest.raises(RunError, match="no event 2"):
        send_events(run.workspace, session, [2])


def found_part(run):
    table = stored_split.load(run.workspace).table
    return table.loc[table["video"] == "video_3", "part"].iloc[0]


def test_a_picture_that_is_gone_stops_all(run):
    session = camera(run, reading(2, spot=0.5), reading(4, spot=0.5))
    (session.path / "doubt_4.jpg").unlink()
    with pytest.raises(MediaError, match="doubt_4"):
        send_uncertain(run.workspace, session)
    assert sent(run.workspace, session) == []
    assert len(videos(run.workspace)) == 5


def test_a_video_that_was_removed_is_said(run):
    session = watched(run, "video_3")
    remove_video(run.workspace, "video_3")
    with pytest.raises(MediaError, match="video_3"):
        send_back(run.workspace, session, reading(1), PICTURE)


def test_what_is_sent_says_which_part_it_will_be_in(run):
    assert send_back(run.workspace, watched(run, "video_3"), reading(1), PICTURE).part == found_part(run)
    assert send_back(run.workspace, camera(run), reading(1), PICTURE).part == ""


def test_a_new_group_is_in_no_part_until_the_split_is_extended(run):
    key = send_back(run.workspace, camera(run), reading(4), PICTURE).video
    record(run.workspace, "teacher", key, 4, 4, {"clean": False, "spot": True, "narrow": True})
    new = create_run(run.workspace, tiny_class.quick(leaking=True))
    assert key not in set(new.frames["video"])
    extended = extend(stored_split.load(run.workspace), consensus(run.workspace))
    assert key in extended.notes[0]  # said, not silent


def test_a_frame_sent_back_is_labelled_trained_on_and_in_the_next_split_under_its_own_group(run, tmp_path):
    workspace = run.workspace
    key = send_back(workspace, camera(run), reading(4), PICTURE).video
    record(workspace, "teacher", key, 4, 4, {"clean": False, "spot": True, "narrow": True})
    table = stored_split.load(workspace).table[["name", "part"]]
    wanted = pd.concat([table, pd.DataFrame({"name": [f"{key}_4"], "part": ["train"]})])
    wanted.to_csv(tmp_path / "split.csv", index=False)
    split = split_from_table(consensus(workspace), tmp_path / "split.csv")
    new = create_run(workspace, tiny_class.quick(epochs=1, leaking=True), split)
    row = new.frames[new.frames["name"] == f"{key}_4"]
    assert row[["video", "part", "spot"]].to_numpy().tolist() == [[key, "train", True]]
    worker.train(new)
    trained_on = batches.load(new, "train")
    place = trained_on.frames["name"].tolist().index(f"{key}_4")
    assert np.abs(trained_on.pictures[place].astype(int) - PICTURE).mean() < 5
    assert new.state == "done"

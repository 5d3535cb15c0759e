"""Frames that came alone: one group per origin, stored whole or not at all."""

import shutil

import cv2
import numpy as np
import pytest

from core.errors import MediaError
from core.media import add_frames
from core.media.add_frames import Origin, Shot, add_shots, belonging, origin_of, stream_origin, video_with
from core.media.images import encode_jpeg, perceptual_hash
from core.media.library import frame_table, get_video, read_frame, remove_video, videos
from core.videos.add_video import add_video
from core.videos.video import decode
from core.videos.video_writer import write_video
from tests.helpers import bare_frames

LIVE = Origin("session a", "live_monday", "live")


def picture(number):
    made = np.full((48, 64, 3), 90, np.uint8)
    made[10:20, 3 * number : 3 * number + 10] = (200, 60, 20)
    return made


def shot(number):
    return Shot(number, number / 10, encode_jpeg(picture(number)))


@pytest.fixture
def workspace(tmp_path):
    return bare_frames.make(tmp_path / "class", {})


def test_frames_keep_index_time_and_hash(workspace):
    add_shots(workspace, LIVE, [shot(7), shot(3)])
    table = frame_table(workspace, "live_monday")
    assert table[["name", "index", "time"]].to_numpy().tolist() == [
        ["live_monday_3", 3, 0.3],
        ["live_monday_7", 7, 0.7],
    ]
    assert table["phash"][0] == perceptual_hash(read_frame(workspace, "live_monday_3"))


def test_what_is_stored_is_the_jpeg_that_came(workspace):
    add_shots(workspace, LIVE, [shot(7)])
    stored = (workspace.frames / "live_monday" / "live_monday_7.jpg").read_bytes()
    assert stored == shot(7).jpeg


def test_the_group_is_a_video_of_origin_live(workspace):
    video = get_video(workspace, add_shots(workspace, LIVE, [shot(7)]))
    assert (video.origin, video.file, video.width, video.height) == ("live", None, 64, 48)


def test_the_same_frame_twice_is_stored_once(workspace):
    add_shots(workspace, LIVE, [shot(7), shot(7)])
    add_shots(workspace, LIVE, [shot(7), shot(8)])
    assert frame_table(workspace, "live_monday")["index"].tolist() == [7, 8]


def test_another_session_of_the_same_name_is_another_group(workspace):
    add_shots(workspace, LIVE, [shot(7)])
    assert add_shots(workspace, Origin("session b", "live_monday", "live"), [shot(7)]) == "live_monday_2"


def test_a_group_that_was_removed_comes_back(workspace):
    add_shots(workspace, LIVE, [shot(7)])
    remove_video(workspace, "live_monday")
    assert add_shots(workspace, LIVE, [shot(7)]) == "live_monday"
    assert [video.key for video in videos(workspace)] == ["live_monday"]


def test_no_picture_stores_nothing(workspace):
    with pytest.raises(MediaError):
        add_shots(workspace, LIVE, [shot(7), Shot(8, 0.8, b"no picture")])
    assert videos(workspace) == []
    assert list(workspace.frames.iterdir()) == []


def test_an_error_of_the_database_leaves_no_file(workspace, monkeypatch):
    monkeypatch.setattr(add_frames, "insert_frames", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        add_shots(workspace, LIVE, [shot(7)])
    assert list(workspace.frames.iterdir()) == []


def test_a_file_that_was_left_behind_is_replaced(workspace):
    add_shots(workspace, LIVE, [shot(7)])
    (workspace.frames / "live_monday" / "live_monday_8.jpg").write_bytes(b"half")
    add_shots(workspace, LIVE, [shot(8)])
    assert read_frame(workspace, "live_monday_8").shape == (48, 64, 3)


def test_a_frame_that_is_there_but_damaged_is_restored(workspace):
    add_shots(workspace, LIVE, [shot(7), shot(8)])
    (workspace.frames / "live_monday" / "live_monday_8.jpg").write_bytes(b"")
    before = frame_table(workspace)
    add_shots(workspace, LIVE, [shot(7), shot(8)])
    assert (read_frame(workspace, "live_monday_8") == cv2.imdecode(
        np.frombuffer(shot(8).jpeg, np.uint8), cv2.IMREAD_COLOR)).all()  # fmt: skip
    assert frame_table(workspace).equals(before)


def test_two_sessions_of_one_file_have_one_origin(tmp_path):
    file = write_video(tmp_path / "seam.mp4", [picture(0)], 10) or tmp_path / "seam.mp4"
    shutil.copyfile(file, tmp_path / "copy.mp4")
    one, two = origin_of(str(file)), origin_of(str(tmp_path / "copy.mp4"))
    assert one.identity == two.identity
    assert (one.stem, one.kind) == ("seam", "pictures")


def uploaded(folder, *values):
    """Return the origin of pictures of a visitor, as they lie in a folder that is gone with him."""
    folder.mkdir()
    for number, value in enumerate(values, 9):
        cv2.imwrite(str(folder / f"seam_{number}.png"), np.full((8, 8, 3), value, np.uint8))
    return origin_of(f"{len(values)} pictures", folder)


def test_the_same_pictures_uploaded_twice_have_one_origin_with_a_readable_name(tmp_path):
    one, two = (uploaded(tmp_path / name, 10, 20) for name in ("tmp1", "tmp2"))
    assert one == two
    assert one.stem == "pictures_seam_9"


def test_other_pictures_have_another_origin(tmp_path):
    one, two = uploaded(tmp_path / "tmp1", 10, 20), uploaded(tmp_path / "tmp2", 10, 30)
    assert one.identity != two.identity


def test_every_stream_is_an_origin_of_its_own():
    one, two = stream_origin(), stream_origin()
    assert one.identity != two.identity
    assert one.kind == "live"


def test_what_is_live_is_not_taken_for_a_video_of_its_name(workspace):
    live = stream_origin()
    write_video(workspace.path / "camera.mp4", [picture(0)], 10)
    add_video(workspace, workspace.path / "camera.mp4")
    assert belonging(workspace, "camera") == {"video": "camera"}
    assert belonging(workspace, "camera", live)["origin"]["identity"] == live.identity


def test_a_video_is_found_by_its_content(workspace, tmp_path):
    write_video(tmp_path / "seam.mp4", [picture(0), picture(1)], 10)
    add_video(workspace, tmp_path / "seam.mp4")
    sha256 = origin_of(str(tmp_path / "seam.mp4")).identity.removeprefix("file ")
    assert video_with(workspace, sha256) == "seam"
    remove_video(workspace, "seam")
    assert video_with(workspace, sha256) is None


def test_the_whole_video_takes_the_group_of_its_file_over(workspace, tmp_path):
    file = tmp_path / "seam.mp4"
    write_video(file, [picture(number) for number in range(4)], 10, crf=1)
    frames = [Shot(d.index, d.time, encode_jpeg(d.picture)) for d in decode(file)]
    add_shots(workspace, origin_of(str(file)), frames[2:3])
    add_video(workspace, file)
    assert [(video.key, video.frames) for video in videos(workspace)] == [("seam", 4)]


def test_a_jpeg_keeps_thin_coloured_threads():
    drawn = np.full((32, 32, 3), 128, np.uint8)
    drawn[:, ::4] = (40, 40, 220)
    read = cv2.imdecode(np.frombuffer(encode_jpeg(drawn), np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(read.astype(int) - drawn).max() < 30

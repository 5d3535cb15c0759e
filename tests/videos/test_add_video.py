"""Bringing videos into a workspace."""

import threading
import unicodedata
from pathlib import Path

import cv2
import imagehash
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import update

from core import workspace
from core.errors import MediaError, WorkspaceError
from core.media.images import perceptual_hash, read_picture
from core.media.library import frame_table, get_video, read_frame, remove_video, videos
from core.media.video_keys import video_key
from core.storage import database as db
from core.videos import add_video as module
from core.videos import store_video_frames
from core.videos.add_video import add_video
from core.workspace import Workspace
from tests.helpers.tiny_videos import HEIGHT, WIDTH, film, numbered, save, shown, textured

UNEVEN = [0.0, 0.04, 0.05, 0.2, 0.21, 0.5, 0.52, 1.0, 1.001, 1.3, 1.9, 2.0, 2.01, 3.0, 3.5]


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return workspace.create(tmp_path / "class")


def contents(ws: Workspace) -> list[str]:
    """Return every file in the workspace but those of the database and the lock."""
    files = (f.relative_to(ws.path).as_posix() for f in ws.path.rglob("*") if f.is_file())
    return sorted(f for f in files if not f.startswith(("labels.db", "database.json", ".adding.lock")))


def shown_in(ws: Workspace, video: str) -> list[int]:
    return [shown(read_picture(ws.path / file)) for file in frame_table(ws, video)["file"]]


def test_a_video_becomes_frames_with_index_time_and_hash(ws: Workspace, tmp_path: Path) -> None:
    added = add_video(ws, film(tmp_path / "seam.mp4", 30))
    table = frame_table(ws, "seam")
    assert (added.is_new, added.frames, added.video) == (True, 30, get_video(ws, "seam"))
    assert table["name"].tolist() == [f"seam_{i}" for i in range(30)]
    assert table["file"][7] == "frames/seam/seam_7.jpg"
    assert table["time"].tolist() == pytest.approx(np.arange(30) / 25)
    assert table["phash"].str.fullmatch("[0-9a-f]{16}").all()


def test_what_is_known_of_a_video(ws: Workspace, tmp_path: Path) -> None:
    video = add_video(ws, film(tmp_path / "seam.mp4", 50), origin="camera").video
    assert (video.key, video.origin, video.file) == ("seam", "camera", Path("videos/seam.mp4"))
    assert (video.width, video.height, video.frames) == (WIDTH, HEIGHT, 50)
    assert (video.frame_rate, video.seconds) == pytest.approx((25, 2))


def test_the_original_is_kept_unchanged(ws: Workspace, tmp_path: Path) -> None:
    path = film(tmp_path / "seam.mp4", 5)
    add_video(ws, path)
    assert (ws.videos / "seam.mp4").read_bytes() == path.read_bytes()


def test_index_and_picture_agree_in_a_phone_video(ws: Workspace, tmp_path: Path) -> None:
    add_video(ws, film(tmp_path / "phone.mp4", len(UNEVEN), UNEVEN, turn=90))
    assert shown_in(ws, "phone") == frame_table(ws, "phone")["index"].tolist() == list(range(len(UNEVEN)))
    assert frame_table(ws, "phone")["time"].tolist() == pytest.approx(UNEVEN, abs=1e-4)


def test_more_frames_than_wait_at_a_time(ws: Workspace, tmp_path: Path) -> None:
    add_video(ws, film(tmp_path / "long.mp4", 4 * store_video_frames.IN_FLIGHT))
    assert shown_in(ws, "long") == list(range(4 * store_video_frames.IN_FLIGHT))


def test_every_kth_frame_keeps_its_index(ws: Workspace, tmp_path: Path) -> None:
    video = add_video(ws, film(tmp_path / "seam.mp4", 30), every=7).video
    assert shown_in(ws, "seam") == frame_table(ws, "seam")["index"].tolist() == [0, 7, 14, 21, 28]
    assert video.frame_rate == pytest.approx(25)


def test_stored_pictures_keep_full_colour(ws: Workspace, tmp_path: Path) -> None:
    add_video(ws, film(tmp_path / "seam.mp4", 1))
    with Image.open(ws.path / "frames/seam/seam_0.jpg") as picture:
        assert [layer[1:3] for layer in picture.layer] == [(1, 1)] * 3  # type: ignore[attr-defined]


def test_progress_goes_to_the_end(ws: Workspace, tmp_path: Path) -> None:
    steps: list[tuple[int, int | None]] = []
    add_video(ws, film(tmp_path / "seam.mp4", 30), progress=lambda done, total: steps.append((done, total)))
    assert steps == [(i + 1, 30) for i in range(30)]


def test_the_same_content_is_known_whatever_its_name(ws: Workspace, tmp_path: Path) -> None:
    path = film(tmp_path / "seam.mp4", 5)
    add_video(ws, path)
    again = add_video(ws, path.rename(tmp_path / "copy.mp4"))
    assert (again.is_new, again.frames, again.video.key, len(videos(ws))) == (False, 0, "seam", 1)


def test_two_videos_of_one_name_get_two_keys(ws: Workspace, tmp_path: Path) -> None:
    add_video(ws, film(tmp_path / "seam.mp4", 5))
    added = add_video(ws, film(tmp_path / "Seam.mp4", 6))
    assert added.video.key == "Seam_2"
    assert frame_table(ws, "Seam_2")["name"][5] == "Seam_2_5"


def test_the_name_of_an_upload_counts(ws: Workspace, tmp_path: Path) -> None:
    assert add_video(ws, film(tmp_path / "tmp123", 3), name="Naht 2 mm.MP4").video.file == Path(
        "videos/Naht_2_mm.mp4"
    )


def test_videos_stand_in_natural_order(ws: Workspace, tmp_path: Path) -> None:
    for number in (10, 2):
        add_video(ws, film(tmp_path / f"seam{number}.mp4", number))
    assert [video.key for video in videos(ws)] == ["seam2", "seam10"]
    assert list(dict.fromkeys(frame_table(ws)["video"])) == ["seam2", "seam10"]
    assert frame_table(ws).groupby("video")["index"].is_monotonic_increasing.all()


def test_a_removed_video_is_hidden_and_comes_back_with_its_content(ws: Workspace, tmp_path: Path) -> None:
    path = film(tmp_path / "seam.mp4", 3)
    number = add_video(ws, path).video.id
    remove_video(ws, "seam")
    assert videos(ws) == [] and frame_table(ws).empty
    assert add_video(ws, path).video.id == number


def test_a_removed_video_keeps_its_key(ws: Workspace, tmp_path: Path) -> None:
    add_video(ws, film(tmp_path / "seam.mp4", 3))
    remove_video(ws, "seam")
    assert add_video(ws, film(tmp_path / "seam.mp4", 4)).video.key == "seam_2"


@pytest.mark.parametrize("ask", [get_video, remove_video, frame_table, read_frame])
def test_an_unknown_name_is_an_error(ws: Workspace, ask: object) -> None:
    with pytest.raises(MediaError, match="'nothing'"):
        ask(ws, "nothing")  # type: ignore[operator]


def test_reading_a_frame_by_name(ws: Workspace, tmp_path: Path) -> None:
    add_video(ws, film(tmp_path / "seam.mp4", 20))
    assert shown(read_frame(ws, "seam_13")) == 13


@pytest.mark.parametrize("name", ["cut.mp4", "text.mp4", "seam.png", "none.mp4"])
def test_what_is_no_video_leaves_nothing(ws: Workspace, tmp_path: Path, name: str) -> None:
    before = contents(ws)
    whole = film(tmp_path / "whole.mp4", 60)
    (tmp_path / "cut.mp4").write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    (tmp_path / "text.mp4").write_text("a recipe\n" * 100)
    (tmp_path / "seam.png").write_bytes(b"")
    with pytest.raises(MediaError, match=name):
        add_video(ws, tmp_path / name)
    assert (videos(ws), contents(ws)) == ([], before)


def test_every_must_be_positive(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="every 0 frames"):
        add_video(ws, film(tmp_path / "seam.mp4", 3), every=0)


def test_a_full_disk_leaves_nothing(ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, picture: np.ndarray, *settings: object) -> dict[str, object]:
        if path.name == "seam_20.jpg":
            raise OSError(28, "The disk is full on device")
        path.write_bytes(b"")
        return {"size": 0, "sha256": ""}

    before = contents(ws)
    monkeypatch.setattr(store_video_frames, "write_jpeg", full)
    with pytest.raises(WorkspaceError, match="The disk is full"):
        add_video(ws, film(tmp_path / "seam.mp4", 60))
    assert (videos(ws), contents(ws)) == ([], before)


def test_rows_that_cannot_be_written_leave_nothing(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(ws)
    monkeypatch.setattr(module, "insert_frames", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        add_video(ws, film(tmp_path / "seam.mp4", 5))
    assert (videos(ws), contents(ws)) == ([], before)


def harm(ws: Workspace) -> None:
    """Do what a power failure may do: empty a picture and the original, and lose a picture."""
    (ws.frames / "seam" / "seam_1.jpg").write_bytes(b"")
    (ws.frames / "seam" / "seam_3.jpg").unlink()
    (ws.videos / "seam.mp4").write_bytes(b"")


def test_a_video_that_is_here_but_not_whole_is_restored(ws: Workspace, tmp_path: Path) -> None:
    path = film(tmp_path / "seam.mp4", 5)
    video = add_video(ws, path).video
    before, table = {file: (ws.path / file).read_bytes() for file in contents(ws)}, frame_table(ws)
    harm(ws)
    again = add_video(ws, path)
    assert (again.is_new, again.frames, again.repaired, again.video) == (False, 0, 3, video)
    assert again.summary() == "seam is already in the workspace; 3 damaged or missing files restored."
    assert {file: (ws.path / file).read_bytes() for file in contents(ws)} == before
    assert frame_table(ws).equals(table)
    assert add_video(ws, path).repaired == 0


def test_only_frames_that_were_stored_are_restored(ws: Workspace, tmp_path: Path) -> None:
    path = film(tmp_path / "seam.mp4", 9)
    add_video(ws, path, every=4)
    (ws.frames / "seam" / "seam_8.jpg").unlink()
    assert add_video(ws, path).repaired == 1
    assert shown_in(ws, "seam") == frame_table(ws, "seam")["index"].tolist() == [0, 4, 8]


def test_a_video_of_before_is_restored_where_its_files_are_empty_or_gone(
    ws: Workspace, tmp_path: Path
) -> None:
    path = film(tmp_path / "seam.mp4", 5)
    add_video(ws, path)
    with db.writing(ws) as connection:
        connection.execute(update(db.frames).values(size=None, sha256=None))
        connection.execute(update(db.videos).values(size=None))
    assert add_video(ws, path).repaired == 0
    harm(ws)
    assert add_video(ws, path).repaired == 3
    assert shown_in(ws, "seam") == [0, 1, 2, 3, 4]


def test_two_threads_may_add_at_once(ws: Workspace, tmp_path: Path) -> None:
    paths = [film(tmp_path / str(number) / "seam.mp4", number) for number in _made(tmp_path, 3)]
    threads = [threading.Thread(target=add_video, args=(ws, path)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(video.key for video in videos(ws)) == ["seam", "seam_2", "seam_3"]


def _made(folder: Path, count: int) -> list[int]:
    for number in range(1, count + 1):
        (folder / str(number)).mkdir()
    return list(range(1, count + 1))


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=200), st.sets(st.sampled_from(["video", "video_2", "a", "A_2", "con"])))
def test_a_key_is_a_file_name_and_new(stem: str, taken: set[str]) -> None:
    key = video_key(stem, taken)
    assert all(c.isalnum() or c in "_-" or unicodedata.category(c)[0] == "M" for c in key)
    assert 0 < len(key.encode()) < 220 and not key.startswith("-")
    assert key.lower() not in {other.lower() for other in taken} | {"con", "prn", "nul", "aux"}


@pytest.mark.parametrize(
    ("stem", "key"),
    [("seam", "seam_3"), ("Naht ä", "Naht_ä"), ("O\u0308se", "Öse"), ("con", "video_con"), ("", "video")],
)
def test_keys(stem: str, key: str) -> None:
    assert video_key(stem, {"seam", "SEAM_2"}) == key


@pytest.mark.parametrize("seed", range(10))
def test_the_hash_is_that_of_imagehash(seed: int) -> None:
    picture = textured(seed)
    grey = cv2.resize(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), (32, 32), interpolation=cv2.INTER_AREA)
    assert perceptual_hash(picture) == str(imagehash.phash(Image.fromarray(grey)))


@pytest.mark.parametrize(("height", "width"), [(480, 640), (432, 768), (1083, 1917), (20, 3000)])
def test_the_hash_of_a_large_picture_is_near_that_of_imagehash(height: int, width: int) -> None:
    picture = textured(1, height, width)
    theirs = imagehash.phash(Image.fromarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)))
    assert imagehash.hex_to_hash(perceptual_hash(picture)) - theirs <= 4


def test_a_broken_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with pytest.raises(MediaError, match=r"broken\.png"):
        read_picture(tmp_path / "broken.png")


def test_pictures_are_found_under_names_of_any_alphabet(tmp_path: Path) -> None:
    path = tmp_path / "Nähte 縫い目.png"
    path.write_bytes(save(tmp_path / "a.png", numbered(3)).read_bytes())
    assert shown(read_picture(path)) == 3

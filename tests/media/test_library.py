"""Videos and frames found by their permanent numbers."""

from pathlib import Path

import pytest

from core.errors import MediaError
from core.media.library import Video, drawn, get_video, picture_file, remove_video, video_of_id
from core.workspace import Workspace
from tests.helpers import bare_frames


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    return bare_frames.make(tmp_path / "w", {"seam_1": 3, "seam_2": 2})


def test_a_video_is_found_by_its_number(seams: Workspace) -> None:
    assert video_of_id(seams, 2) == get_video(seams, "seam_2")


def test_a_video_that_was_removed_is_not_found(seams: Workspace) -> None:
    remove_video(seams, "seam_2")
    with pytest.raises(MediaError, match="the number 2"):
        video_of_id(seams, 2)


def test_a_frame_has_its_picture_file(seams: Workspace) -> None:
    file = seams.frames / "seam_1" / "seam_1_2.jpg"
    file.parent.mkdir()
    file.write_bytes(b"")
    assert picture_file(seams, 1, 2) == file


@pytest.mark.parametrize(("video", "index"), [(1, 3), (9, 0)])
def test_a_frame_that_is_not_there_is_named(seams: Workspace, video: int, index: int) -> None:
    with pytest.raises(MediaError, match=f"index {index} of the video number {video}"):
        picture_file(seams, video, index)


def test_frames_of_a_removed_video_are_not_shown(seams: Workspace) -> None:
    remove_video(seams, "seam_1")
    with pytest.raises(MediaError, match="index 0"):
        picture_file(seams, 1, 0)


def test_a_missing_file_is_named_and_labels_are_said_to_be_safe(seams: Workspace) -> None:
    with pytest.raises(MediaError, match=r"seam_1_0\.jpg.*labels are not affected"):
        picture_file(seams, 1, 0)


def of_origin(*origins: str) -> list[Video]:
    return [Video(n, f"seam_{n}", origin, None, None, 640, 480, 1, None) for n, origin in enumerate(origins)]


@pytest.mark.parametrize(
    ("origins", "words"),
    [
        ([], ""),
        (["video", "pictures"], ""),
        (["rendered"], "The only video is a practice video, drawn by SeamLens."),
        (["rendered"] * 3, "All 3 videos are practice videos, drawn by SeamLens."),
        (["rendered"] * 18 + ["video"] * 4, "18 of 22 videos are practice videos, drawn by SeamLens."),
        (["rendered", "camera"], "1 of 2 videos is a practice video, drawn by SeamLens."),
    ],
)
def test_how_many_videos_are_drawn_is_counted(origins: list[str], words: str) -> None:
    assert drawn(of_origin(*origins)) == words

"""Leaks: which test frames have a near-duplicate in training, and which videos were added twice."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from core import workspace as workspaces
from core.attributes import SEAM
from core.media.images import perceptual_hash, write_jpeg
from core.splits.leaks import Leaks, leak_of, leaks, sentence
from core.splits.split import Split
from core.storage import database as db
from core.videos.add_video import add_video
from core.videos.duplicate_videos import same_videos
from core.videos.video_writer import write_video
from core.workspace import Workspace

FPS = 10


def picture(number: int) -> np.ndarray:
    """A (120, 160, 3) uint8 BGR picture of blotches; another number is another picture."""
    noise = np.random.default_rng(number).normal(0, 1, (12, 16)).astype(np.float32)
    grey = np.clip(128 + 40 * cv2.resize(noise, (160, 120), interpolation=cv2.INTER_CUBIC), 0, 255)
    return np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    return workspaces.create(tmp_path / "class", SEAM)


def add(seams: Workspace, key: str, pictures: list[np.ndarray], times: bool = True) -> None:
    """Store pictures as the frames of a video of 10 frames a second, or of a group of pictures without times."""
    about = {"key": key, "origin": "video", "width": 160, "height": 120, "added": "", "hidden": False}
    (seams.frames / key).mkdir()
    rows = []
    for index, drawn in enumerate(pictures):
        file = f"frames/{key}/{key}_{index}.jpg"
        write_jpeg(seams.path / file, drawn)
        row = {"index": index, "name": f"{key}_{index}", "file": file, "phash": perceptual_hash(drawn)}
        rows.append({**row, "time": index / FPS if times else None})
    with db.writing(seams) as connection:
        video = connection.execute(db.videos.insert().values(about)).inserted_primary_key[0]
        connection.execute(db.frames.insert(), [{**row, "video_id": video} for row in rows])


def parts(**chosen: str) -> pd.DataFrame:
    """A split of frames by name: ``parts(a_0="train", b_0="test")``."""
    rows = [(name, name.rpartition("_")[0], part) for name, part in chosen.items()]
    return pd.DataFrame(rows, columns=["name", "video", "part"])


def numbers_of(found: Leaks) -> tuple[int, int, float]:
    return found.test_frames, found.leaking_test_frames, found.meter


class TestByTime:
    @pytest.fixture
    def video(self, seams: Workspace) -> Workspace:
        add(seams, "a", [picture(i) for i in range(20)])
        return seams

    def test_half_a_second_is_a_twin(self, video: Workspace) -> None:
        assert leak_of(video, parts(a_0="train", a_5="test")).leaking_test_frames == 1

    def test_more_than_half_a_second_is_none(self, video: Workspace) -> None:
        assert leak_of(video, parts(a_0="train", a_6="test")).leaking_test_frames == 0

    def test_the_nearest_is_named_with_its_seconds(self, video: Workspace) -> None:
        pair = leak_of(video, parts(a_3="train", a_9="train", a_7="test")).pairs[0]
        assert (pair.frame, pair.twin, pair.why, pair.seconds) == ("a_7", "a_9", "time", 0.2)

    def test_the_meter_is_the_share_of_test_frames_in_percent(self, video: Workspace) -> None:
        found = leak_of(video, parts(a_0="train", a_1="test", a_10="test", a_12="test", a_19="test"))
        assert numbers_of(found) == (4, 1, 25.0)

    def test_validation_frames_do_not_count_for_the_meter(self, video: Workspace) -> None:
        found = leaks(video, Split(parts(a_0="train", a_1="valid", a_19="test"), "file"))
        assert found.meter == 0
        assert [(pair.part, pair.twin_part) for pair in found.pairs] == [("valid", "train")]

    def test_frames_of_a_removed_video_do_not_count(self, video: Workspace) -> None:
        split = parts(a_0="train", a_1="test", gone_0="test")
        assert numbers_of(leak_of(video, split)) == (1, 1, 100.0)
        assert numbers_of(leaks(video, Split(split, "file"))) == (1, 1, 100.0)

    def test_another_video_at_the_same_time_is_none(self, video: Workspace) -> None:
        add(video, "b", [picture(100)])
        assert leak_of(video, parts(a_0="train", b_0="test")).meter == 0


class TestByLook:
    def leak(self, seams: Workspace, one: np.ndarray, other: np.ndarray) -> Leaks:
        add(seams, "a", [picture(1), one])
        add(seams, "b", [picture(2), other])
        return leak_of(seams, parts(a_0="train", a_1="train", b_0="test", b_1="test"))

    def test_the_same_picture_in_two_videos_is_found(self, seams: Workspace) -> None:
        pair = self.leak(seams, picture(0), picture(0)).pairs[0]
        assert (pair.frame, pair.twin, pair.why) == ("b_1", "a_1", "look")

    def test_a_re_encoded_and_brighter_one_is_found(self, seams: Workspace) -> None:
        brighter = cv2.convertScaleAbs(picture(0), beta=13)
        _, content = cv2.imencode(".jpg", brighter, [cv2.IMWRITE_JPEG_QUALITY, 60])
        assert numbers_of(self.leak(seams, picture(0), cv2.imdecode(content, 1))) == (2, 1, 50.0)

    def test_other_pictures_are_none(self, seams: Workspace) -> None:
        assert self.leak(seams, picture(0), picture(3)).meter == 0

    def test_equal_hashes_are_not_enough(self, seams: Workspace) -> None:
        add(seams, "a", [picture(0)])
        add(seams, "b", [picture(3)])
        with db.writing(seams) as connection:
            connection.execute(db.frames.update().values(phash="0" * 16))
        assert leak_of(seams, parts(a_0="train", b_0="test")).meter == 0

    def test_a_picture_that_is_gone_has_no_near_duplicate(self, seams: Workspace) -> None:
        add(seams, "a", [picture(0)])
        add(seams, "b", [picture(0)])
        (seams.frames / "b" / "b_0.jpg").unlink()
        assert leak_of(seams, parts(a_0="train", b_0="test")).meter == 0


class TestPicturesWithoutTimes:
    """The second picture is the first one, 10 pixels further; its hash is another."""

    def group(self, seams: Workspace, second: np.ndarray) -> Leaks:
        add(seams, "a", [picture(0), second], times=False)
        return leak_of(seams, parts(a_0="train", a_1="test"))

    def test_a_neighbour_that_looks_the_same_is_a_near_duplicate(self, seams: Workspace) -> None:
        assert self.group(seams, np.roll(picture(0), 10, axis=0)).meter == 100

    def test_a_neighbour_that_looks_different_is_none(self, seams: Workspace) -> None:
        assert self.group(seams, picture(1)).meter == 0


@pytest.mark.parametrize(("leaking", "is_leaking"), [(0, False), (1, False), (2, True)])
def test_one_percent_of_the_test_frames_is_no_leak_yet(leaking: int, is_leaking: bool) -> None:
    assert Leaks((), 100, leaking).is_leaking == is_leaking


def test_a_split_without_test_frames_does_not_leak() -> None:
    assert Leaks((), 0, 0).meter == 0


def test_a_leaking_split_is_warned_of() -> None:
    assert "97.0 % of the test frames have a near-duplicate in training" in sentence(
        Leaks((), 100, 97).mark()
    )


def test_a_little_more_than_is_allowed_is_told_from_it() -> None:
    assert "1.4 % of the test frames" in sentence(Leaks((), 214, 3).mark())


def test_a_run_that_was_not_tested_is_not_called_tested() -> None:
    mark = Leaks((), 100, 97).mark()
    assert sentence(mark).startswith("Tested on a leaking split: 97.0 % of the test frames")
    assert sentence(mark, is_tested=False).startswith("Trained on a leaking split: 97.0 % of the test frames")


@pytest.mark.parametrize("mark", [None, Leaks((), 100, 1).mark()])
def test_an_honest_split_has_no_warning(mark: dict | None) -> None:
    assert sentence(mark) == ""


def test_json_has_the_published_keys() -> None:
    assert {"pairs", "test_frames", "leaking_test_frames", "meter"} <= set(Leaks((), 10, 5).to_json())


class TestSameVideos:
    def write(self, seams: Workspace, name: str, numbers: range, crf: int) -> None:
        write_video(seams.path / name, (picture(i) for i in numbers), FPS, crf=crf)
        add_video(seams, seams.path / name)

    def test_a_video_in_another_encoding_is_found(self, seams: Workspace) -> None:
        self.write(seams, "seam.mp4", range(12), 18)
        self.write(seams, "again.mp4", range(12), 30)
        found = [{same.video, same.other} for same in same_videos(seams)]
        assert found == [{"seam", "again"}]

    def test_a_part_of_a_video_is_found(self, seams: Workspace) -> None:
        self.write(seams, "seam.mp4", range(30), 18)
        self.write(seams, "part.mp4", range(20, 28), 30)
        assert [same.video for same in same_videos(seams)] == ["part"]

    def test_videos_of_other_seams_are_not(self, seams: Workspace) -> None:
        self.write(seams, "seam.mp4", range(12), 18)
        self.write(seams, "other.mp4", range(50, 62), 18)
        assert same_videos(seams) == []

    def test_the_nearest_picture_is_compared_in_each_video(self, seams: Workspace) -> None:
        """Both others have the pictures of the first, one of them among many more."""
        for key, numbers in {"a": [0, 1], "b": [5, 0, 1, 6], "c": [1, 0]}.items():
            add(seams, key, [picture(number) for number in numbers])
        found = {frozenset((same.video, same.other)): same.share for same in same_videos(seams)}
        assert found == {frozenset("ab"): 1, frozenset("ac"): 1, frozenset("bc"): 1}

    def test_two_photos_are_no_video(self, seams: Workspace) -> None:
        for key in "ab":
            add(seams, key, [picture(0)], times=False)
        assert same_videos(seams) == []

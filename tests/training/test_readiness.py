"""What a training needs and what the labels give, by tables small enough to count by hand."""

from pathlib import Path

import pandas as pd
import pytest

from core.attributes import SEAM, named
from core.errors import RunError, SplitError
from core.splits import split as splits
from core.splits import stored_split
from core.splits.extend_split import with_newer
from core.splits.make_split import make_split, split_by_video
from core.training.learnable import learnable_attributes
from core.training.readiness import Readiness, readiness
from core.workspace import Workspace
from tests.helpers import bare_frames

Rows = list[tuple[object, ...]]
TWO = ("good", "error")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Four videos of 300 pictures, which lie ten seconds of a usual camera."""
    return bare_frames.make(tmp_path / "class", dict.fromkeys("abcd", 300), named(TWO))


def both(*videos: str, frames: int = 20) -> Rows:
    """Frames of which every other one is good, and the others show an error."""
    return [(video, i, i % 2 == 0, i % 2 == 1) for video in videos for i in range(frames)]


def ready(workspace: Workspace, rows: Rows, names: tuple[str, ...] = TWO) -> Readiness:
    return readiness(workspace, bare_frames.labels(*rows, attributes=names))


def ways(found: Readiness) -> list[str]:
    return [way.words for way in found.ways]


def test_three_videos_with_both_answers_are_ready(workspace: Workspace) -> None:
    found = ready(workspace, both("a", "b", "c"))
    assert (found.is_ready, found.labelled, found.videos) == (True, 60, ("a", "b", "c"))
    assert [(a.name, a.true, a.false, a.is_learned) for a in found.answers] == [
        ("good", 30, 30, True), ("error", 30, 30, True),
    ]  # fmt: skip
    assert found.split and found.split.by == "video"
    assert not (found.left_out or found.doubts or found.ways or found.newer)


@pytest.mark.parametrize(
    ("rows", "problem", "offered"),
    [
        ([("a", 0, None, None)], "None of the 1 frames is labelled", ["Label frames"]),
        ([("a", 0, True, None)], "You have 1 labelled video; an honest test needs 3.", ["Add a second video"]),
        (both("a", frames=20), "cannot test yet: only 0.6 s are labelled; 6 s are needed", ["Add a second video"]),
        (both("a", frames=200), "test on parts of the same video", ["Split by blocks", "Add a second video"]),
        ([*both("a", "b", frames=200), ("c", 0, None, None)], "2 labelled videos", ["Split by blocks", "Label a third video"]),
    ],
)  # fmt: skip
def test_what_is_missing_is_a_sentence_with_ways_on(
    workspace: Workspace, rows: Rows, problem: str, offered: list[str]
) -> None:
    found = ready(workspace, rows)
    assert problem.lower() in str(found.missing).lower()
    assert ways(found) == offered
    assert "--" not in str(found.missing)
    with pytest.raises((RunError, SplitError)):
        found.learned()


def test_practice_videos_are_offered_where_the_attributes_are_theirs(tmp_path: Path) -> None:
    seams = bare_frames.make(tmp_path / "seams", {"a": 300}, SEAM)
    found = ready(seams, [("a", 0, True, False, False, True)], SEAM.names)
    assert ways(found) == ["Add a second video", "Add practice videos beside mine"]


def test_an_attribute_with_one_answer_is_left_out_and_the_others_are_learned(workspace: Workspace) -> None:
    found = ready(workspace, [(video, i, i % 2 == 0, False) for video in "abc" for i in range(20)])
    assert found.attributes and found.attributes.names == ("good",)
    assert found.left_out == ("“error” is left out: all 60 answers are “no”.",)
    assert ways(found) == ["Erase these 60 answers about “error”"]
    assert list(found.frames) == ["name", "video", "part", "good"]


def test_an_answer_has_the_meaning_of_its_attribute(tmp_path: Path) -> None:
    seams = bare_frames.make(tmp_path / "seams", dict.fromkeys("abc", 300), SEAM)
    rows = [(video, i, i % 2 == 0, i % 2 == 1, None, False) for video in "abc" for i in range(20)]
    assert ready(seams, rows, SEAM.names).left_out == (
        "“break” is left out: nobody has answered it yet.",
        "“length” is left out: all 60 answers are “4 mm stitches”.",
    )


def test_frames_that_say_nothing_of_what_is_learned_do_not_count(workspace: Workspace) -> None:
    found = ready(workspace, [*both("a", "b", "c")[:-1], ("c", 19, None, False)])
    assert len(found.frames) == 60
    one_sided = [(video, i, i % 2 == 0 if i < 10 else None, False) for video in "abc" for i in range(20)]
    assert len(ready(workspace, one_sided).frames) == 30


def test_where_no_attribute_has_both_answers_there_is_nothing_to_learn(workspace: Workspace) -> None:
    found = ready(workspace, [(video, i, True, False) for video in "abc" for i in range(4)])
    assert str(found.missing) == (
        "No attribute has both answers, so there is nothing to learn (“good”: all 12 answers are “yes” and “error”: "
        "all 12 answers are “no”). Label frames where “good” is “no”."
    )
    assert ways(found) == ["Label frames: good no"]


def test_what_the_training_part_lacks_may_come_with_another_split(workspace: Workspace) -> None:
    rows: Rows = [(video, i, video == "c", None) for video in "abc" for i in range(4)]
    table = bare_frames.labels(*rows)
    part = table["video"].map({"a": "train", "b": "valid", "c": "test"})
    split = splits.Split(table[["name", "video"]].assign(part=part), "video")
    found = readiness(workspace, table, split)
    assert "The training part has one answer only of “good”" in str(found.missing)
    assert ways(found)[0] == "Split again by video"


@pytest.mark.parametrize(
    ("way", "used", "command"),
    [("video", "Use the new video", "split --extend"), ("random", "Use the new video", "split --by random")],
)
def test_new_videos_are_offered(workspace: Workspace, way: splits.By, used: str, command: str) -> None:
    stored_split.store(workspace, make_split(workspace, bare_frames.labels(*both("a", "b", "c")), way))
    rows = both("a", "b", "c", "d")
    found = ready(workspace, rows)
    assert (found.new_videos, found.newer, found.ways[0].words) == (("d",), "1 new video (d)", used)
    assert found.hints == (command,)
    table = bare_frames.labels(*rows)
    assert found.split
    made = with_newer(workspace, found.split, table)
    assert set(made.table["video"]) == set("abcd")


def test_frames_labelled_after_a_split_by_blocks_are_offered(workspace: Workspace) -> None:
    """Of 200 frames, 6.7 s, three blocks of 2.2 s are made; a half of a second at each border between parts is left out."""
    before = bare_frames.labels(*both("a", frames=200))
    stored_split.store(workspace, make_split(workspace, before, "blocks"))
    assert not ready(workspace, both("a", frames=200)).newer  # the gaps are no news
    found = ready(workspace, both("a", frames=300))
    assert (found.newer, found.ways[0].words) == ("100 new labelled pictures", "Use the 100 new pictures")


def test_it_is_said_before_the_training(workspace: Workspace) -> None:
    table = bare_frames.labels(*both("a", "b", "c"))
    table.loc[table["video"] == "c", "error"] = False
    part = table["video"].map({"a": "train", "b": "valid", "c": "test"})
    split = splits.Split(table[["name", "video"]].assign(part=part), "video")
    assert readiness(workspace, table, split).doubts == (
        "For some attributes this test cannot show that the network beats guessing: error (all 20 test frames alike).",
    )


CLASSES = bare_frames.labels(
    ("a", 0, True, False, False), ("a", 1, False, True, False), ("b", 0, False, True, False), ("c", 0, False, False, True),
    attributes=("p", "q", "r"),
).assign(part=["train", "train", "valid", "test"])  # fmt: skip


@pytest.fixture
def classes(tmp_path: Path) -> Workspace:
    return bare_frames.make(
        tmp_path / "classes", dict.fromkeys("abc", 3), named(["p", "q", "r"], exclusive=True)
    )


def of_parts(table: pd.DataFrame) -> splits.Split:
    return splits.Split(table[["name", "video", "part"]], "video")


def test_frames_of_a_class_that_is_not_learned_teach_nothing(classes: Workspace) -> None:
    found = readiness(classes, CLASSES.drop(columns="part"), of_parts(CLASSES))
    assert found.attributes and found.attributes.names == ("p", "q")
    assert found.frames["name"].tolist() == ["a_0", "a_1", "b_0"]
    assert found.left_out == ("“r” is left out: no picture in the training part shows it.",)
    assert found.doubts == ("No labelled frame is in the test part, so nothing can be tested.",)


def test_of_one_class_there_is_nothing_to_tell(classes: Workspace) -> None:
    only = CLASSES.assign(part=["valid", "train", "train", "test"])
    assert learnable_attributes(classes.attributes, only) is None
    found = readiness(classes, only.drop(columns="part"), of_parts(only))
    assert "The training part has one answer only of “p”, “q” and “r”" in str(found.missing)
    same = only[only["q"].fillna(False)]
    assert "All 2 labelled frames show “q”" in str(
        readiness(classes, same.drop(columns="part"), of_parts(same)).missing
    )


def test_names_of_60_characters_and_60_videos_stay_in_a_sentence(tmp_path: Path) -> None:
    videos = [f"{number:02d}_{'x' * 57}" for number in range(60)]
    made = bare_frames.make(tmp_path / "long", dict.fromkeys(videos, 4), named(TWO))
    stored_split.store(made, split_by_video(bare_frames.labels(*both(*videos[:3], frames=4))))
    found = ready(made, both(*videos, frames=4))
    assert found.newer.startswith("57 new videos (03_xxx") and found.newer.endswith(" and 54 more)")

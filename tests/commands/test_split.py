import json

import numpy as np
import pytest

from core.labels import labels
from core.labels.consensus import consensus
from core.splits import split, stored_split
from core.splits.make_split import split_by_video
from core.workspace import open_workspace
from tests.helpers import tiny_class


@pytest.fixture
def taught(tmp_path):
    """Five videos of twelve labelled frames, where the fixture ``seamlens`` looks."""
    return tiny_class.make(tmp_path / "class")


def test_a_split_by_video_has_nothing_that_leaks(seamlens, taught):
    seamlens("split")
    found = json.loads(seamlens("leaks", "--json")[1])
    assert (found["test_frames"], found["leaking_test_frames"], found["meter"]) == (12, 0, 0)


def test_without_a_split_leaks_speaks_of_the_one_by_video_and_stores_none(seamlens, taught):
    assert "There is no split yet" in seamlens("leaks")[1]
    assert not taught.split_file.exists()


def leaking(taught):
    """Make a frame that trains a copy of a test frame; return the name of the first frame of each part."""
    made = split_by_video(consensus(taught))
    stored_split.store(taught, made)
    by_part = {part: made.table.loc[made.table["part"] == part, "name"].iloc[0] for part in split.PARTS}
    tiny_class.copy_frame(taught, by_part["test"], by_part["train"])
    return by_part


def test_a_copied_frame_is_a_pair(seamlens, taught):
    by_part = leaking(taught)
    found = json.loads(seamlens("leaks", "--json")[1])
    twins = {pair["frame"]: pair["twin"] for pair in found["pairs"]}
    assert twins[by_part["test"]] == by_part["train"]


def test_the_meter_is_printed_with_the_pair(seamlens, taught):
    leaking(taught)
    lines = seamlens("leaks")[1].splitlines()
    assert lines[0] == "Leak meter 8.3 %: 1 of 12 test frames have a near-duplicate in training."
    assert lines[2].split()[-1] == "look"


def test_split_json_says_as_the_printed_table_does_what_the_parts_have_too_little_of(seamlens, taught):
    shortages = json.loads(seamlens("split", "--json")[1])["shortages"]
    assert shortages[0].startswith("“clean” is true in too few frames: 8 in valid and 8 in test;")
    assert seamlens("split")[1].endswith("\n".join(shortages) + "\n")


def test_split_json_has_its_notes(seamlens, taught):
    seamlens("split")
    assert json.loads(seamlens("split", "--extend", "--json")[1])["notes"] == ["There is no new video."]


def test_a_folder_in_place_of_the_split_is_refused(seamlens, taught):
    taught.split_file.mkdir()
    for command in ("split", "leaks"):
        code, _, error = seamlens(command)
        assert (code, error.count("\n")) == (2, 1)
        assert "split.csv is a folder, not a file" in error


def test_leaks_needs_three_videos(seamlens, tmp_path):
    tiny_class.make(tmp_path / "class", videos=2)
    assert seamlens("leaks")[0] == 2
    assert open_workspace(tmp_path / "class").split_file.exists() is False


def test_a_split_is_extended_by_the_videos_that_came_since(seamlens, taught):
    seamlens("split")
    before = stored_split.load(taught).table.drop_duplicates("video").set_index("video")["part"]
    tiny_class.add_frames(taught, "late", [tiny_class.picture(True, False, np.random.default_rng(7))])
    labels.record(taught, "teacher", "late", 0, 0, {"spot": True})
    assert "New: late: " in seamlens("split", "--extend")[1]
    after = stored_split.load(taught).table.drop_duplicates("video").set_index("video")["part"]
    assert after.drop("late").equals(before)


def test_there_must_be_a_split_to_extend(seamlens, taught):
    assert seamlens("split", "--extend")[0] == 2


def test_the_folds_test_each_video_once(seamlens, taught):
    tested = []
    for fold in range(1, 6):
        assert seamlens("split", "--folds", 5, "--fold", fold)[0] == 0
        table = stored_split.load(taught).table
        tested += table.loc[table["part"] == "test", "video"].unique().tolist()
    assert sorted(tested) == [f"video_{v}" for v in range(5)]


def test_a_fold_without_their_number_is_refused(seamlens, taught):
    code, _, error = seamlens("split", "--fold", 2)
    assert (code, error.count("\n")) == (2, 1)
    assert stored_split.load(taught) is None


def test_a_fold_beyond_the_folds_is_refused(seamlens, taught):
    assert seamlens("split", "--folds", 3, "--fold", 4)[0] == 2


def test_one_video_is_split_by_blocks_and_nothing_leaks_by_time(seamlens, tmp_path):
    made = tiny_class.make(tmp_path / "class", videos=1, frames=200)
    assert seamlens("split", "--by", "blocks")[0] == 0
    assert stored_split.load(made).by == "blocks"
    found = json.loads(seamlens("leaks", "--json")[1])
    assert [pair for pair in found["pairs"] if pair["why"] == "time"] == []


def test_what_there_is_too_little_of_is_said(seamlens, taught):
    assert "“spot” is true in too few frames: 4 in valid and 4 in test" in seamlens("split")[1]

import json

import pytest

from core.data import labels, splits
from core.workspace import open_workspace
from tests.model import classroom


@pytest.fixture
def taught(tmp_path):
    """Five videos of twelve labelled frames, where the fixture ``seamlens`` looks."""
    return classroom.make(tmp_path / "class")


def test_a_split_by_video_has_nothing_that_leaks(seamlens, taught):
    seamlens("split")
    found = json.loads(seamlens("leaks", "--json")[1])
    assert (found["test_frames"], found["leaking_test_frames"], found["meter"]) == (12, 0, 0)


def test_without_a_split_leaks_speaks_of_the_one_by_video_and_stores_none(seamlens, taught):
    assert "There is no split yet" in seamlens("leaks")[1]
    assert not taught.split_file.exists()


def leaking(taught):
    """Make a frame that trains a copy of a test frame; return the name of the first frame of each part."""
    made = splits.split_by_video(labels.consensus(taught))
    splits.store(taught, made)
    by_part = {part: made.table.loc[made.table["part"] == part, "name"].iloc[0] for part in splits.PARTS}
    classroom.copy_frame(taught, by_part["test"], by_part["train"])
    return by_part


def test_a_copied_frame_is_a_pair(seamlens, taught):
    by_part = leaking(taught)
    found = json.loads(seamlens("leaks", "--json")[1])
    twins = {pair["frame"]: pair["twin"] for pair in found["pairs"]}
    assert twins[by_part["test"]] == by_part["train"]


def test_the_meter_is_printed_with_the_pair(seamlens, taught):
    leaking(taught)
    lines = seamlens("leaks")[1].splitlines()
    assert lines[0] == "Leak meter 8.3 %: 1 of 12 test frames have a twin in training."
    assert lines[2].split()[-1] == "look"


def test_leaks_needs_three_videos(seamlens, tmp_path):
    classroom.make(tmp_path / "class", videos=2)
    assert seamlens("leaks")[0] == 2
    assert open_workspace(tmp_path / "class").split_file.exists() is False

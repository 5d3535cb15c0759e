"""The parts of a run in words."""

from types import SimpleNamespace

import pandas as pd
import pytest

from core.runs import run_parts
from core.runs.run import Run
from tests.helpers import bare_frames

ROWS = {"train": ["a", "a", "b"], "valid": ["c", "c"], "test": ["d", "e"]}


def made(tmp_path, leak=None, **changes) -> Run:
    rows = ROWS | changes
    table = pd.DataFrame([(part, group) for part, groups in rows.items() for group in groups], columns=["part", "video"])  # fmt: skip
    run = Run(bare_frames.make(tmp_path / "class", {"seam": 1}), "run")
    vars(run).update(frames=table, config=SimpleNamespace(leak=leak))
    return run


def test_frames_and_videos_are_counted(tmp_path):
    run = made(tmp_path)
    assert run_parts.frames_counted(run, "test") == "2 frames of 2 videos"
    assert run_parts.unseen(run, "valid") == "2 frames of 1 unseen video"


@pytest.mark.parametrize("other", ["a", "c"])
def test_a_video_that_trained_or_validated_is_not_unseen(tmp_path, other):
    run = made(tmp_path, test=["d", other])
    assert not run_parts.is_unseen(run, "test")
    assert run_parts.unseen(run, "test") == "2 frames of 2 videos"


def test_a_validation_video_may_be_tested_on_and_is_unseen_still(tmp_path):
    assert run_parts.is_unseen(made(tmp_path, test=["c"]), "valid")


def test_a_leaking_run_has_seen_its_test_part(tmp_path):
    run = made(tmp_path, leak={"meter": 50.0})
    assert not run_parts.is_unseen(run, "test")


def test_a_video_is_held_out_where_all_of_its_frames_are_tested_on(tmp_path):
    assert run_parts.held_out(made(tmp_path, test=["a", "d", "e"])) == {"d", "e"}

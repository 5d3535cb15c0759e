"""How long a training takes: by sums that a reader can do, and only by what was measured on this computer."""

from pathlib import Path

import pytest

from core.jobs import pace
from core.jobs.pace import Pace, seconds
from core.runs.settings import TrainSettings
from core.training.create_run import create_run
from core.workspace import Workspace
from tests.helpers import bare_frames, tiny_class

MEASURED = Pace(start=20, picture=0.003)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return bare_frames.make(tmp_path / "class", {})


def test_a_training_takes_its_start_its_steps_and_its_validations() -> None:
    # 16 epochs of 62 steps of 32 pictures, 600 forward passes of a third of a step each behind every epoch.
    expected = 20 + 0.003 * 16 * (62 * 32 + 600 / 3)
    assert seconds(MEASURED, TrainSettings("seam_lite"), False, 2000, 600) == pytest.approx(expected)


def test_minutes_are_the_end_of_it() -> None:
    assert seconds(MEASURED, TrainSettings("seam_lite", minutes=1), False, 2000, 600) == 60


def test_a_pretrained_network_learns_its_head_first() -> None:
    # 100 frames: the head sees each 8 times, then 5 epochs of 30 steps of 32 pictures.
    expected = 20 + 0.003 * (800 / 3 + 5 * (30 * 32 + 20 / 3))
    assert seconds(MEASURED, TrainSettings("seam_pretrained"), False, 100, 20) == pytest.approx(expected)


def test_a_damaged_file_is_measured_anew(workspace: Workspace) -> None:
    (workspace.path / "cache").mkdir()
    (workspace.path / "cache" / "pace.json").write_text('{"here": 5}', "utf-8")
    assert pace.pace(workspace, "seam_lite") is None


def test_a_training_that_ended_tells_how_fast_it_was_here(
    tmp_path: Path, tiny_network: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """36 frames train and 12 validate: an epoch is 20 steps of 8 pictures and 12 passes of a third of a step: 164."""
    run = create_run(tiny_class.make(tmp_path / "tiny"), tiny_class.quick())
    columns = ["epoch,seconds,loss,val_loss,learning_rate", "1,8.2,1,1,1", "2,8.2,1,1,1"]
    (run.path / "history.csv").write_text("\n".join(columns) + "\n", "utf-8")
    run.write_status(state="done", seconds=21.4)
    pace.note(run)
    measured = pace.pace(run.workspace, "tiny")
    assert measured and measured.picture == pytest.approx(8.2 / 164)
    assert measured.start == pytest.approx(21.4 - 16.4)
    monkeypatch.setattr("platform.node", lambda: "elsewhere")
    assert pace.pace(run.workspace, "tiny") is None

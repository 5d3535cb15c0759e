"""A run of which a file is damaged is a line in its list that breaks nothing else."""

from pathlib import Path

import pytest

from core.errors import RunError
from core.jobs import slots
from core.runs.run_store import damaged_runs, get_run, list_runs
from core.training.create_run import create_run
from tests.helpers import tiny_class


@pytest.fixture
def two(workspace):
    """A whole run, and one to damage."""
    return create_run(workspace, tiny_class.quick()), create_run(workspace, tiny_class.quick())


@pytest.mark.parametrize(
    ("file", "content", "why"),
    [
        ("config.json", "{", "config.json cannot be read (it is not JSON from line 1 on)"),
        ("status.json", "[]", "status.json cannot be read (it holds something else)"),
        ("status.json", '{"epoch": -1}', "status.json cannot be read (epoch: input should be greater than or equal to 0)"),
        ("limits.json", '{"epochs": "many"}', "limits.json cannot be read (epochs: "),
        ("history.csv", "loss\n1\n", "history.csv cannot be read (it has no column epoch)"),
        ("frames.csv", "name,group,part\na,b,train\n", "frames.csv cannot be read (it has no column clean)"),
        ("test.json", "null", "test.json cannot be read (it holds something else)"),
        ("thresholds.json", "{}", "thresholds.json of "),
    ],
)  # fmt: skip
def test_the_list_says_what_is_damaged_and_has_the_other(workspace, two, file: str, content: str, why: str):
    whole, hurt = two
    (hurt.path / file).write_text(content)
    assert [run.id for run in list_runs(workspace)] == [whole.id]
    [damaged] = damaged_runs(workspace)
    assert damaged.id == hurt.id
    assert why in damaged.error.problem and damaged.error.advice


def test_choosing_it_says_what_to_do(workspace, two):
    whole, hurt = two
    (hurt.path / "test.json").write_text("torn")
    with pytest.raises(RunError, match="Delete the file, then test the run again"):
        get_run(workspace, hurt.id)
    assert get_run(workspace, "latest").id == whole.id
    (hurt.path / "test.json").unlink()
    assert get_run(workspace, hurt.id).id == hurt.id


def test_a_run_without_its_configuration_is_damaged_and_a_folder_without_anything_is_none(workspace, two):
    _, hurt = two
    (hurt.path / "config.json").unlink()
    (workspace.runs / "notes").mkdir()
    assert [run.id for run in damaged_runs(workspace)] == [hurt.id]


def test_the_queue_goes_on_without_it(workspace, two):
    whole, hurt = two
    for number, run in enumerate(two):
        run.write_status(state="queued", queued=float(number))
    (hurt.path / "status.json").write_bytes(b"\0" * 64)
    assert [run.id for run in slots.waiting(workspace)] == [whole.id]


def test_a_status_that_is_being_written_is_not_damaged(workspace, two):
    from core.runs import locks

    run, _ = two
    (run.path / "status.json").write_text('{"state": "run')
    with locks.held(run.lock, RunError("", "")):
        assert run.status.state == "running"
    with pytest.raises(RunError):
        _ = run.status


def test_whole_files_are_read_once(workspace, two, monkeypatch: pytest.MonkeyPatch):
    list_runs(workspace)
    monkeypatch.setattr(Path, "read_text", None)
    assert damaged_runs(workspace) == []

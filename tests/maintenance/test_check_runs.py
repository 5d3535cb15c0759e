"""What a check says of runs, sessions and the split."""

import json
import shutil
from pathlib import Path

import pytest

from core.maintenance.check import check_workspace, repair
from core.runs.run_store import list_runs
from core.workspace import Workspace
from tests.maintenance.conftest import kinds, problems


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("config.json", b"{"),
        ("status.json", b""),
        ("frames.csv", b""),
        ("history.csv", b"\x00\x01"),
        ("test.json", b"[1]"),
        ("thresholds.json", b"{"),
        ("model.keras", b"no zip"),
        ("checkpoint.npz", b""),
    ],
)
def test_a_damaged_file_of_a_run_is_named(trained: Workspace, name: str, content: bytes) -> None:
    run = list_runs(trained)[0]
    (run.path / name).write_bytes(content)
    (finding,) = check_workspace(trained).findings
    assert (finding.kind, finding.where) == ("run", f"runs/{run.id}/{name}")
    assert f"{name} of {run.id} cannot be read" in finding.problem


def test_a_folder_without_config_is_no_run(trained: Workspace) -> None:
    (trained.runs / "copy of run").mkdir()
    assert "copy of run has no config.json" in problems(trained)


def test_a_training_whose_process_is_gone_is_marked(trained: Workspace) -> None:
    run = list_runs(trained)[0]
    run.write_status(state="running", pid=1, born=1.0)
    assert kinds(check_workspace(trained)) == ["dead run"]
    report = repair(trained)
    assert report.is_whole
    assert run.status.state == "interrupted"


def session_of(trained: Workspace) -> Path:
    (session,) = trained.runs.glob("*/events/*")
    return session


def test_a_damaged_session_is_named(trained: Workspace) -> None:
    (session_of(trained) / "session.json").write_text("{}")
    assert "cannot be read" in problems(trained)


def test_a_line_that_was_cut_and_a_picture_that_is_missing_are_named(trained: Workspace) -> None:
    session = session_of(trained)
    picture = json.loads((session / "events.jsonl").read_text().splitlines()[0])["picture"]
    (session / picture).write_bytes(b"")
    assert f"missing: {picture}" in problems(trained)
    with (session / "marks.jsonl").open("a") as file:
        file.write('{"number": 1, "fal\n')
    assert "1 line of marks.jsonl" in problems(trained)


def test_the_last_line_may_be_written_just_now(trained: Workspace) -> None:
    with (session_of(trained) / "marks.jsonl").open("a") as file:
        file.write('{"number": 1, "fal')
    assert check_workspace(trained).is_whole


def test_a_split_that_lost_a_file_or_names_unknown_frames_is_told(seams: Workspace) -> None:
    table, origin = seams.split_file, seams.path / "split.json"
    text = table.read_text()
    table.write_text(text + "seam_z_1,seam_z,train\n")
    assert "1 frame of the split is not in the workspace: seam_z_1." in problems(seams)
    table.write_text(text.replace(",seam_a,", ",seam_b,"))
    assert "6 frames of the split under the name of another video" in problems(seams)
    table.write_text(text.replace("train", "practice"))
    assert "The split cannot be read" in problems(seams)
    table.write_text(text)
    shutil.move(origin, seams.path / "kept.json")
    assert "split.json is missing" in problems(seams)
    shutil.move(seams.path / "kept.json", origin)
    table.unlink()
    assert "split.csv is gone" in problems(seams)

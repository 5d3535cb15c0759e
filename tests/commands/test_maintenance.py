"""check, backup and restore on the command line: their exit codes and their words."""

import json
from pathlib import Path

import pytest

from core.workspace import Workspace
from tests.helpers.page_workspace import small_workspace


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    return small_workspace(tmp_path / "class")


def test_a_whole_workspace(seamlens, seams):
    assert seamlens("check") == (0, f"{seams.path} is whole.\n", "")
    code, out, _ = seamlens("check", "--json")
    assert (code, json.loads(out)) == (0, {"whole": True, "findings": [], "repaired": [], "notes": []})


def test_what_is_wrong_ends_with_1_and_is_repaired_on_request(seamlens, seams):
    (seams.frames / "seam_a" / "seam_a_0.jpg").unlink()
    code, out, _ = seamlens("check")
    assert code == 1
    assert out.splitlines() == [
        "frames/seam_a: 1 picture of seam_a is missing: seam_a_0. --repair: Decodes them again from the original.",
        "1 finding; --repair repairs 1 of them.",
    ]
    code, out, _ = seamlens("check", "--json")
    (finding,) = json.loads(out)["findings"]
    assert (code, finding["kind"], finding["where"]) == (1, "picture", "frames/seam_a")
    code, out, _ = seamlens("check", "--repair")
    assert code == 0
    assert out.startswith("Repaired: frames/seam_a: 1 picture of seam_a is missing")


def test_what_cannot_be_repaired_says_what_to_do(seamlens, seams):
    (seams.videos / "seam_a.mp4").unlink()
    code, out, _ = seamlens("check", "--repair")
    assert code == 1
    assert "Put it back from a backup, or add the video again" in out


def test_without_a_workspace_it_ends_with_2(seamlens):
    code, _, error = seamlens("check")
    assert (code, "is not a workspace" in error) == (2, True)


def test_a_backup_becomes_a_workspace(seamlens, seams, tmp_path):
    code, out, _ = seamlens("backup", tmp_path / "class.zip")
    assert code == 0
    assert "class.zip: " in out
    assert "read back and compared." in out
    code, out, _ = seamlens("restore", tmp_path / "class.zip", "--into", tmp_path / "a")
    assert (code, f"Restored {tmp_path / 'a'}" in out) == (0, True)
    assert seamlens("restore", tmp_path / "class.zip", workspace=tmp_path / "b")[0] == 0
    assert seamlens("check", workspace=tmp_path / "b")[0] == 0
    code, _, error = seamlens("restore", tmp_path / "class.zip")
    assert (code, "is not empty" in error) == (2, True)

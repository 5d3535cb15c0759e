import json
from pathlib import Path
from typing import get_args

import pytest

from core.commands.label_formats import FormatName
from core.label_formats.registry import FORMATS
from tests.helpers import bare_frames


@pytest.fixture
def labelled(tmp_path, seamlens):
    """Two labelled frames of one video, and one that is not."""
    made = bare_frames.make(tmp_path / "class", {"one": 3})
    seamlens("labels", "set", "one", "good=true", "error=false", "--last", "1", "--annotator", "Ada")
    return made


def test_the_command_line_has_every_format():
    assert get_args(FormatName) == tuple(FORMATS)


def test_an_export_says_first_what_is_lost(seamlens, labelled, tmp_path):
    code, text, _ = seamlens("labels", "export", tmp_path / "out", "--format", "boris")
    lines = text.splitlines()
    assert code == 0
    assert lines[0].startswith("2 answers “false” left out")
    assert lines[-1] == f"Wrote 2 answers of 2 frames to {tmp_path / 'out'} as BORIS."


def test_a_dry_run_only_says_what_is_lost(seamlens, labelled, tmp_path):
    _, text, _ = seamlens("labels", "export", tmp_path / "out", "--format", "boris", "--dry-run", "--json")
    assert [loss["kind"] for loss in json.loads(text)["losses"]] == ["false", "people"]
    assert not (tmp_path / "out").exists()


def test_an_export_as_json_has_its_losses(seamlens, labelled, tmp_path):
    _, text, _ = seamlens("labels", "export", tmp_path / "out", "--format", "coco", "--tables-only", "--json")
    said = json.loads(text)
    assert (said["format"], said["frames"], said["answers"]) == ("coco", 2, 4)
    assert [loss["kind"] for loss in said["losses"]] == ["people"]


def test_what_was_exported_is_imported_under_another_name(seamlens, labelled, tmp_path):
    seamlens("labels", "export", tmp_path / "out", "--format", "datumaro", "--tables-only")
    _, text, _ = seamlens(
        "labels", "import", tmp_path / "out", "--format", "datumaro", "--annotator", "Ben", "--dry-run"
    )
    assert text.startswith("1 files of datumaro with 2 frames; 0 pictures would be added.\n")
    code, text, _ = seamlens(
        "labels", "import", tmp_path / "out", "--format", "datumaro", "--annotator", "Ben"
    )
    assert (code, text) == (0, "4 labels of 2 frames from Datumaro.\n")


@pytest.mark.parametrize("arguments", [
    ["labels", "export", "out", "--format", "voc"], ["labels", "export", "out", "--format", "coco", "--absolute"],
    ["labels", "export", "out", "--dry-run"], ["labels", "import", "x.json", "--format", "coco", "--threshold", "0.5"],
    ["labels", "import", "x.json", "--format", "coco"],
])  # fmt: skip
def test_bad_input_is_one_line_and_exit_code_2(seamlens, labelled, tmp_path, arguments, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, error = seamlens(*arguments)
    assert code == 2
    assert error.count("\n") == 1
    assert not Path("out").exists()

"""New annotators have a budget."""

from pathlib import Path

import pytest

from core.errors import LabelError
from core.labels.labels import annotators, record
from core.storage import new_names
from core.workspace import Workspace
from tests.helpers import bare_frames


@pytest.fixture
def seams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setattr(new_names, "MOST", 2)
    return bare_frames.make(tmp_path / "workspace", {"seam_1": 1})


def label(workspace: Workspace, name: str) -> None:
    record(workspace, name, "seam_1", 0, 0, {"good": True})


def test_more_names_than_a_class_has_wait_a_minute(seams: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("Ann", "Ben"):
        label(seams, name)
    with pytest.raises(LabelError, match="new names came within a minute"):
        label(seams, "Cleo")
    assert annotators(seams) == ["Ann", "Ben"]
    monkeypatch.setattr(new_names, "MINUTE", 0.0)
    label(seams, "Cleo")


def test_who_is_known_may_always_label(seams: Workspace) -> None:
    for name in ("Ann", "Ben", "Ann", "Ben", "Ann"):
        label(seams, name)
    assert annotators(seams) == ["Ann", "Ben"]

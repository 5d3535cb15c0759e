"""The data version changes whenever something is stored, wherever the labels database is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomlkit

from core import workspace
from core.attributes import named
from core.labels.assignments import assign, remove
from core.labels.labels import record
from core.media.library import remove_video
from core.storage import database as db
from core.storage.version import data_version, tables_version
from core.workspace import Workspace
from tests.helpers import bare_frames

CHANGES: dict[str, Callable[[Workspace], Any]] = {
    "a label": lambda seams: record(seams, "Ann", "seam_1", 0, 0, {"good": True}),
    "a label taken away": lambda seams: record(seams, "Ben", "seam_1", 1, 1, {"good": None}),
    "a new video": lambda seams: bare_frames.add(seams, {"seam_3": 2}),
    "a removed video": lambda seams: remove_video(seams, "seam_2"),
    "an assignment": lambda seams: assign(seams, ["seam_2"], ["Ben"], 1),
    "an assignment taken back": lambda seams: remove(seams, ["seam_1"]),
}


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    """Two videos, one label and one assignment, in a database outside of the workspace."""
    made = workspace.create(tmp_path / "w", named(["good", "error"]))
    settings = tomlkit.parse((made.path / "workspace.toml").read_text())
    (tmp_path / "elsewhere").mkdir()
    settings["database"] = f"sqlite:///{(tmp_path / 'elsewhere' / 'class.db').as_posix()}"
    (made.path / "workspace.toml").write_text(tomlkit.dumps(settings))
    made = workspace.open_workspace(made.path)
    bare_frames.add(made, {"seam_1": 4, "seam_2": 4})
    record(made, "Ben", "seam_1", 1, 1, {"good": True})
    assign(made, ["seam_1"], ["Ben"], 1)
    return made


def of_tables(seams: Workspace) -> tuple[Any, ...]:
    """Return the data version that a server has."""
    with db.reading(seams) as connection:
        return tables_version(connection)


def stored(seams: Workspace, seq: int) -> None:
    about = {"at": "", "annotator_id": 1, "video_id": 1, "attribute_id": 1, "first": 0, "last": 0}
    with db.writing(seams) as connection:
        connection.execute(db.events.insert().values(seq=seq, id=f"{seq}", source="key", value=True, **about))


@pytest.mark.parametrize("of", [data_version, of_tables])
@pytest.mark.parametrize("change", CHANGES)
def test_each_change_changes_it(seams: Workspace, change: str, of: Callable[[Workspace], Any]) -> None:
    before = of(seams)
    CHANGES[change](seams)
    assert of(seams) != before


@pytest.mark.parametrize("of", [data_version, of_tables])
def test_reading_does_not_change_it(seams: Workspace, of: Callable[[Workspace], Any]) -> None:
    assert of(seams) == of(seams)


def test_an_event_that_a_server_stores_late_changes_it(seams: Workspace) -> None:
    stored(seams, 9)
    before = of_tables(seams)
    stored(seams, 5)
    assert of_tables(seams) != before


def test_a_database_without_labels_has_one(tmp_path: Path) -> None:
    assert of_tables(workspace.create(tmp_path / "w")) != of_tables(
        bare_frames.make(tmp_path / "v", {"seam_1": 1})
    )

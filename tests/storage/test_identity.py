"""A workspace that has been used never becomes a new, empty class."""

import json
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from core import workspace
from core.errors import WorkspaceError
from core.labels.labels import annotators, record
from core.media.library import videos
from core.storage import copies
from core.storage import database as db
from core.workspace import Workspace, open_workspace
from tests.helpers import bare_frames


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    made = bare_frames.make(tmp_path / "w", {"seam_1": 3})
    record(made, "Ann", "seam_1", 0, 2, {"good": True})
    return made


def remove_database(seams: Workspace) -> Path:
    for file in seams.path.glob("labels.db*"):
        file.unlink()
    return seams.path / "labels.db"


@pytest.mark.sqlite
def test_a_new_workspace_is_not_marked_and_one_with_a_video_is(tmp_path: Path) -> None:
    made = workspace.create(tmp_path / "w")
    assert videos(made) == []
    assert not (made.path / "database.json").exists()
    bare_frames.add(made, {"seam_1": 1})
    id = json.loads((made.path / "database.json").read_text())["id"]
    with db.reading(made) as connection:
        assert connection.scalar(db.identity_table.select()) == id


@pytest.mark.sqlite
def test_a_database_that_is_gone_is_not_made_anew(seams: Workspace) -> None:
    file = remove_database(seams)
    with pytest.raises(WorkspaceError, match=r"labels\.db is gone.*restore a backup"):
        annotators(seams)
    assert not file.exists()


@pytest.mark.sqlite
def test_an_empty_database_is_not_filled(seams: Workspace) -> None:
    remove_database(seams).touch()
    with pytest.raises(WorkspaceError, match=r"labels\.db is empty \(0 bytes\)"):
        annotators(seams)


def test_a_database_without_tables_is_not_filled(seams: Workspace, tmp_path: Path) -> None:
    other = replace(seams, database=f"sqlite:///{tmp_path / 'other.db'}")
    other_file = tmp_path / "other.db"
    with sqlite3.connect(other_file) as made:
        made.execute("CREATE TABLE shopping (thing)")
    with pytest.raises(WorkspaceError, match=r"other\.db has no tables"):
        annotators(other)


@pytest.mark.sqlite
def test_a_database_of_another_class_is_refused(seams: Workspace, tmp_path: Path) -> None:
    other = bare_frames.make(tmp_path / "other", {"seam_1": 3})
    copies.copy_sqlite(other.path / "labels.db", tmp_path / "copy.db")
    with pytest.raises(WorkspaceError, match=r"copy\.db belongs to another workspace"):
        annotators(replace(seams, database=f"sqlite:///{tmp_path / 'copy.db'}"))


@pytest.mark.sqlite
def test_a_damaged_database_is_called_damaged(seams: Workspace) -> None:
    file = remove_database(seams)
    file.write_bytes(b"shopping list " * 500)
    with pytest.raises(WorkspaceError, match=r"labels\.db is damaged .*core check"):
        annotators(seams)


@pytest.mark.sqlite
def test_originals_alone_tell_that_a_workspace_of_before_has_been_used(seams: Workspace) -> None:
    (seams.path / "database.json").unlink()
    (seams.videos / "seam_1.mp4").write_bytes(b"video")
    remove_database(seams)
    with pytest.raises(WorkspaceError, match="is gone"):
        annotators(seams)


@pytest.mark.sqlite
def test_a_workspace_of_before_is_marked_when_it_is_opened(seams: Workspace, tmp_path: Path) -> None:
    copy = open_workspace(Path(shutil.copytree(seams.path, tmp_path / "copy")))
    (copy.path / "database.json").unlink()
    assert annotators(copy) == ["Ann"]
    assert (copy.path / "database.json").read_text() == (seams.path / "database.json").read_text()


def test_a_mark_that_is_damaged_is_named(seams: Workspace, tmp_path: Path) -> None:
    copy = open_workspace(Path(shutil.copytree(seams.path, tmp_path / "copy")))
    (copy.path / "database.json").write_text("{")
    with pytest.raises(WorkspaceError, match=r"database\.json is damaged"):
        annotators(copy)

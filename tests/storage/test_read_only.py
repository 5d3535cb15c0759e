"""A database on a disk that may only be read is read all the same, and nothing is written."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from core.errors import WorkspaceError
from core.labels.labels import annotators, record
from core.storage import database as db
from core.workspace import Workspace, open_workspace
from tests.helpers import bare_frames
from tests.helpers.disks import read_only


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    made = bare_frames.make(tmp_path / "class", {"seam_1": 3})
    record(made, "Ann", "seam_1", 0, 0, {"good": True})
    return made


@pytest.fixture
def place(seams: Workspace) -> Iterator[Path]:
    with read_only(seams.path) as place:
        yield place


@pytest.mark.sqlite
def test_it_is_read_and_saving_is_refused_in_a_sentence(place: Path) -> None:
    workspace = open_workspace(place)
    assert annotators(workspace) == ["Ann"]
    with pytest.raises(WorkspaceError, match=f"{place} is read-only"):
        record(workspace, "Ben", "seam_1", 0, 0, {"good": False})
    assert annotators(workspace) == ["Ann"]


def test_what_another_computer_writes_is_read_too(seams: Workspace, place: Path) -> None:
    workspace = open_workspace(place)
    if place == seams.path:
        pytest.skip("needs a second way to the folder")
    before = db.data_version(workspace), annotators(workspace)
    record(seams, "Ben", "seam_1", 0, 0, {"good": False})
    assert (before[1], annotators(workspace)) == (["Ann"], ["Ann", "Ben"])
    assert db.data_version(workspace) != before[0]


@pytest.mark.sqlite
def test_one_without_its_log_and_of_an_earlier_version_is_read(seams: Workspace) -> None:
    with db.writing(seams) as connection:
        connection.execute(text("DROP TABLE identity"))
        connection.execute(text("ALTER TABLE events DROP COLUMN role"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0005'"))
    with db.reading(seams) as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    for file in seams.path.glob("labels.db-*"):
        file.unlink()
    with read_only(seams.path) as place:
        before = sorted(place.rglob("*"))
        assert annotators(open_workspace(place)) == ["Ann"]
        assert sorted(place.rglob("*")) == before

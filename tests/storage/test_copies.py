"""Copies of the database: whole while others write, and before every migration."""

import os
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from core.labels.labels import annotators, record
from core.storage import copies
from core.storage import database as db
from core.storage.upgrade import schema
from core.workspace import Workspace, open_workspace
from tests.helpers import bare_frames


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    made = bare_frames.make(tmp_path / "w", {"seam_1": 40})
    record(made, "Ann", "seam_1", 0, 2, {"good": True})
    return made


@contextmanager
def nobody() -> Iterator[None]:
    """Be a user who may write only where everybody may, as root is bound by no permissions."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.sqlite
@pytest.mark.skipif(os.name == "nt", reason="Windows knows no permissions of folders")
def test_a_database_on_a_read_only_disk_is_copied(seams: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as place:
        disk, free = Path(place) / "disk", Path(place) / "free"
        for folder in (disk, free):
            folder.mkdir()
        copies.copy_sqlite(seams.path / "labels.db", disk / "labels.db")
        for path, mode in ((Path(place), 0o755), (disk / "labels.db", 0o444), (disk, 0o555), (free, 0o777)):
            path.chmod(mode)
        monkeypatch.setattr(tempfile, "tempdir", str(free))
        with nobody():
            copies.copy_sqlite(disk / "labels.db", free / "copy.db")
        assert rows(free / "copy.db", "SELECT name FROM annotators") == [("Ann",)]
        assert [path.name for path in disk.iterdir()] == ["labels.db"]
        disk.chmod(0o755)


def rows(file: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(file) as database:
        return database.execute(query).fetchall()


@pytest.mark.sqlite
def test_a_copy_is_whole_while_another_thread_writes(seams: Workspace, tmp_path: Path) -> None:
    writer = threading.Thread(
        target=lambda: [
            record(seams, "Ben", "seam_1", i, i, {"good": True, "error": False}) for i in range(40)
        ]
    )
    writer.start()
    for number in range(5):
        copies.copy_sqlite(seams.path / "labels.db", tmp_path / f"{number}.db")
    writer.join()
    for number in range(5):
        assert rows(tmp_path / f"{number}.db", "PRAGMA integrity_check") == [("ok",)]
        # both answers of a save, or none
        assert rows(tmp_path / f"{number}.db", "SELECT COUNT(*) % 2 FROM events WHERE annotator_id = 2") == [
            (0,)
        ]


def test_tables_of_a_server_become_a_file(seams: Workspace, tmp_path: Path) -> None:
    with db.reading(seams) as connection:
        copies.copy_tables(connection, tmp_path / "copy.db")
    assert rows(tmp_path / "copy.db", "SELECT name FROM annotators") == [("Ann",)]
    assert rows(tmp_path / "copy.db", 'SELECT "index", value, seq FROM current') == [
        (i, 1, 1) for i in range(3)
    ]
    assert rows(tmp_path / "copy.db", "SELECT COUNT(*) FROM frames") == [(40,)]


@pytest.mark.sqlite
def test_a_database_is_copied_before_it_is_migrated(seams: Workspace, tmp_path: Path) -> None:
    scripts = ScriptDirectory(str(Path(db.__file__).parent / "migrations"))
    before = scripts.get_revision("0006").down_revision
    file = tmp_path / "w" / "labels.db"
    engine = create_engine(f"sqlite:///{file}")
    for _ in range(2):  # an earlier copy is never replaced
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE identity"))
            connection.execute(text("ALTER TABLE events DROP COLUMN role"))
            connection.execute(text("UPDATE alembic_version SET version_num = :before"), {"before": before})
        # as another process opens it
        renamed = open_workspace(seams.path.rename(seams.path.with_name(f"{seams.path.name}_")))
        file = renamed.path / "labels.db"
        engine = create_engine(f"sqlite:///{file}")
        assert annotators(renamed) == ["Ann"]
        seams = renamed
    head, _ = schema()
    made = sorted(seams.path.glob("backups/*"))
    assert [copy.name for copy in made] == [f"labels-before-{head}-2.db", f"labels-before-{head}.db"]
    for copy in made:
        assert rows(copy, "SELECT version_num FROM alembic_version") == [(before,)]
        assert rows(copy, "SELECT name FROM annotators") == [("Ann",)]

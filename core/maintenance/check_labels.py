"""Checks of the labels database. They read a copy, so that the class works on and a read-only disk is no trouble."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from sqlalchemy import func, select

from core.errors import WorkspaceError
from core.json_files import readable
from core.maintenance.findings import Finding, labels_name, of_error
from core.storage import copies, current_view, identity
from core.storage import database as db
from core.storage.upgrade import schema
from core.text import count
from core.workspace import Workspace

RESTORE = "Restore a backup into a new folder, see docs/backup.md."


def open_copy(workspace: Workspace, folder: Path) -> tuple[Workspace | None, list[Finding]]:
    """Copy the database into ``folder`` and open the copy, brought up to this version.

    Returns:
        A workspace whose labels are the copy's, or none where they cannot be read or are not of this workspace; and what is
        wrong with the database as such.
    """
    source, target, where = db.sqlite_file(workspace), folder / "labels.db", labels_name(workspace)
    findings: list[Finding] = []
    try:
        if source is None:
            copy_server(workspace, target)
        else:
            identity.check_file(workspace.path, source)
            if not source.is_file():
                return None, []  # nothing was stored yet
            copies.copy_sqlite(source, target)
            _check_belongs(workspace, target, where)
            findings += _damage(workspace, target, where)
        if any(finding.mend is None for finding in findings):
            return None, findings
        copy = replace(workspace, path=folder, database=f"sqlite:///{target.as_posix()}")
        with db.reading(copy):  # which brings it up to date
            return copy, findings
    except sqlite3.DatabaseError as error:
        return None, [
            Finding("database", where, f"The labels database is damaged ({error}).", advice=RESTORE)
        ]
    except WorkspaceError as error:
        return None, [of_error("database", where, error)]


def copy_server(workspace: Workspace, target: Path) -> None:
    """Copy the database of a server into a SQLite file with the same tables."""
    with db.reading(workspace) as connection:
        copies.fill(connection, db.metadata, target)
    with closing(sqlite3.connect(target)) as copy, copy:
        copy.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        copy.execute("INSERT INTO alembic_version VALUES (?)", [schema()[0]])


def _damage(workspace: Workspace, copy: Path, where: str) -> Iterator[Finding]:
    with closing(sqlite3.connect(copy)) as database:
        lines = [str(line) for (line,) in database.execute("PRAGMA integrity_check(20)") if line != "ok"]
    if lines and all("index" in line for line in lines):
        problem, repair = f"An index is damaged ({lines[0]}).", "Makes its indexes anew; no row changes."
        yield Finding("index", where, problem, repair, mend=lambda: _reindex(workspace))
    elif lines:
        yield Finding("database", where, f"The labels database is damaged ({lines[0]}).", advice=RESTORE)


def references(workspace: Workspace, labels: Workspace) -> Iterator[Finding]:
    """Tell rows of the copy ``labels`` that name others which are not there."""
    with db.reading(labels) as connection:
        rows = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    for (table, parent), number in Counter((row[0], row[2]) for row in rows).items():
        problem = f"{count(number, 'row')} of “{table}” without the row of “{parent}” that it belongs to."
        yield Finding("reference", labels_name(workspace), problem, advice=RESTORE)


def _check_belongs(workspace: Workspace, copy: Path, where: str) -> None:
    with closing(sqlite3.connect(copy)) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
        if "alembic_version" not in tables:
            identity.check_tables(workspace.path, where)
        if "identity" in tables:
            for (id,) in database.execute("SELECT id FROM identity"):
                identity.check_id(workspace.path, id, where)


def _reindex(workspace: Workspace) -> None:
    with db.writing(workspace) as connection:
        connection.exec_driver_sql("REINDEX")


def view(workspace: Workspace, labels: Workspace) -> Iterator[Finding]:
    """Compare the current view with what the log makes of it."""
    with db.reading(labels) as connection:
        wrong = len(current_view.differences(connection))
    if wrong:
        problem = f"{count(wrong, 'answer')} of the current view {'differ' if wrong > 1 else 'differs'} from the log."
        repair = "Copies the database to backups/, then makes the view anew from the log, which is complete."
        yield Finding("view", labels_name(workspace), problem, repair, mend=lambda: _rebuild(workspace))


def _rebuild(workspace: Workspace) -> None:
    with db.writing(workspace) as connection:
        copies.keep(connection, db.file(workspace), workspace.path, "repair")
        current_view.rebuild(connection)


def age(workspace: Workspace, labels: Workspace) -> Iterator[Finding]:
    """Tell a database that is older than the files: a test saw labels that it does not have."""
    with db.reading(labels) as connection:
        latest = connection.scalar(select(func.max(db.events.c.seq))) or 0
    for file in sorted(workspace.runs.glob("[!.]*/seen.json")):
        try:
            event = int(json.loads(readable(file).read_text(encoding="utf-8"))["event"])
        except (OSError, ValueError, KeyError, TypeError):
            continue  # told with the run
        if event > latest:
            problem = (
                f"The labels are older than the files: they end with event {latest:,}, but the test of {file.parent.name} saw "
                f"event {event:,}."
            )
            advice = "Put the newer labels.db back; a copy made by hand lacks what stands in labels.db-wal."
            if db.sqlite_file(workspace) is None:
                advice = "Put the newer labels back on the server."
            yield Finding("older labels", labels_name(workspace), problem, advice=advice)
            return

"""Labels move between the SQLite file of a workspace and a PostgreSQL server, history included, and nobody's label is lost.

Nobody writes while they are copied. The copy is compared row by row before workspace.toml names it; until then the source counts,
whatever breaks. What was the source is put aside, not deleted, and takes no more labels.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from dataclasses import replace as changed
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, create_engine, delete, func, insert, make_url, select, text
from sqlalchemy.exc import DataError, IntegrityError

from core import database_urls as urls
from core.access.rights import Right, needs
from core.errors import WorkspaceError
from core.files import Progress, replacing, writable
from core.media.transaction import paused
from core.storage import copies, identity, postgresql
from core.storage import database as db
from core.storage.plain_errors import plain_errors
from core.storage.upgrade import upgrade
from core.text import count
from core.workspace import Workspace, open_workspace, set_database

TO_FILE = "sqlite"
"""What names the SQLite file of the workspace as the target."""

PATIENCE = 300.0
"""Seconds to wait for an addition to end."""

_NUMBERED = (db.annotators, db.videos, db.attributes, db.events)
"""Tables whose rows are numbered by the database."""


@dataclass(frozen=True)
class Moved:
    """Labels that were moved.

    Args:
        source: where they were, without a password.
        target: where they are.
        events: of the history.
        rows: of all tables, each compared.
        aside: where the labels as they were are kept.
        stale: the variable of the environment that still names the source; empty where it does not.
    """

    source: str
    target: str
    events: int
    rows: int
    aside: str
    stale: str

    def summary(self) -> str:
        """Return one line."""
        line = (
            f"Moved {count(self.events, 'event')} of the history from {self.source} to {self.target}: "
            f"{count(self.rows, 'row')} of all tables, each compared. The labels as they were: {self.aside}."
        )
        return line + (
            f" Unset {self.stale} or change it: it still names {self.source}." if self.stale else ""
        )


@needs(Right.BACK_UP)
def move_labels(path: Path, to: str, *, replace: bool = False, progress: Progress | None = None) -> Moved:
    """Move the labels of the workspace in ``path``, and let its workspace.toml say where they are.

    Args:
        path: of the workspace.
        to: the address of a PostgreSQL database, without a password; or `TO_FILE`.
        replace: labels of this workspace that are there already are put aside; without it they are an error.
        progress: told how many rows are done, of how many.

    Raises:
        WorkspaceError: they are there already, the target cannot be used or holds a password, or an addition does not end. The
            source counts as before.
    """
    target = _target(path, to)
    source = _source(path, target)
    if urls.is_same_place(source.database, target):
        raise WorkspaceError(f"The labels are in {urls.shown(target)} already.", "Name another database.")
    with paused(source, PATIENCE) as is_paused:
        if not is_paused:
            raise WorkspaceError(
                "Something is being added to the workspace.", "Move its labels when that has ended."
            )
        with db.handing_over(source) as old:
            id = identity.begin(path, str(old.scalar(select(db.identity_table.c.id))))
            counts = _counts(old)
            with _filled(path, target, old, id, replace, _Steps(counts, progress)):
                set_database(source, target if urls.is_server(target) else None)
            aside = _put_aside(source, old, id)
    _remove_file(source)
    server = urls.from_environment()
    stale = urls.VARIABLE if server and not urls.is_same_place(server, target) else ""
    return Moved(
        urls.shown(source.database), urls.shown(target), counts["events"], sum(counts.values()), aside, stale
    )


def _target(path: Path, to: str) -> str:
    """Return the address of the target, with the password that the environment has of it."""
    if to == TO_FILE:
        return urls.own_file(path)
    urls.check_server(to, f"{urls.shown(to)!r}")
    if urls.has_password(to):
        raise WorkspaceError(
            "The address holds a password, which others on this computer can read while the command runs.",
            f"Leave it out. {urls.SECRET}",
        )
    server = urls.from_environment()
    return server if server and urls.is_same_place(server, to) else to


def _source(path: Path, target: str) -> Workspace:
    """Return the workspace with the address where its labels are now: where the folder says, else the environment."""
    own = open_workspace(path, use_environment=False)
    server = urls.from_environment()
    file = db.sqlite_file(own)
    if server is None or (file is not None and file.is_file()):
        return own
    is_target = urls.is_same_place(server, target)
    return own if is_target and urls.is_server(own.database) else changed(own, database=server)


class _Steps:
    """Tells how many rows are copied and compared, of how many."""

    def __init__(self, counts: dict[str, int], progress: Progress | None) -> None:
        self._done, self._total, self._progress = 0, 3 * sum(counts.values()), progress

    def add(self, rows: int) -> None:
        self._done += rows
        if self._progress:
            self._progress(self._done, max(self._total, self._done))


def _counts(connection: Connection) -> dict[str, int]:
    return {
        table.name: connection.scalar(select(func.count()).select_from(table)) or 0
        for table in db.metadata.sorted_tables
    }


@contextmanager
def _filled(
    path: Path, target: str, old: Connection, id: str, replace: bool, steps: _Steps
) -> Iterator[None]:
    """Fill the target; where the block fails, which is to say that it counts, it is as it was."""
    fill = _filled_server if urls.is_server(target) else _filled_file
    with fill(path, target, old, id, replace, steps):
        yield


@contextmanager
def _filled_server(
    path: Path, target: str, old: Connection, id: str, replace: bool, steps: _Steps
) -> Iterator[None]:
    schema = postgresql.schema_name(id)
    _, writer = postgresql.engines(make_url(target), schema)
    try:
        aside = None
        with plain_errors(target), writer.begin() as new:
            postgresql.check_encoding(new, make_url(target))
            postgresql.take_turn(new)
            if postgresql.has_schema(new, schema):
                _check_may_replace(urls.shown(target), replace)
                aside = postgresql.put_aside(new, schema, schema)
            postgresql.make_schema(new, schema)
            upgrade(new, path, None, is_kept=False, is_new=True)
            _fill(old, new, steps)
            for table in _NUMBERED:
                postgresql.set_next_number(new, table)
        try:
            yield
        except BaseException:
            with suppress(WorkspaceError), plain_errors(target), writer.begin() as new:
                postgresql.remove_schema(new, schema)
                if aside:
                    new.execute(text(f'ALTER SCHEMA "{aside}" RENAME TO "{schema}"'))
            raise
    finally:
        writer.dispose()


@contextmanager
def _filled_file(
    path: Path, target: str, old: Connection, id: str, replace: bool, steps: _Steps
) -> Iterator[None]:
    file = path / urls.FILE
    if file.exists():
        _check_may_replace(str(file), replace)
    with writable(file):
        with replacing(file) as partial:
            engine = create_engine(f"sqlite:///{partial.as_posix()}")
            try:
                with plain_errors(target), engine.begin() as new:
                    upgrade(new, path, None, is_kept=False, is_new=True)
                    _fill(old, new, steps)
            finally:
                engine.dispose()
            if file.exists():
                copies.keep(old, file, path, "move")
                _remove(file)
        try:
            yield
        except BaseException:
            _remove(file)
            raise


def _check_may_replace(place: str, replace: bool) -> None:
    if not replace:
        raise WorkspaceError(
            f"{place} has labels of this workspace already.",
            "If those may be put aside (they are not deleted), say --replace.",
        )


def _fill(old: Connection, new: Connection, steps: _Steps) -> None:
    """Make all tables of ``new`` those of ``old``, with the same numbers, and compare them."""
    tables = db.metadata.sorted_tables
    for table in reversed(tables):  # what the migrations have put there
        new.execute(delete(table))
    try:
        for table in tables:
            for rows in _rows(old, table):
                if new.dialect.name == "postgresql":
                    postgresql.copy_rows(new, table, rows)
                else:
                    names = table.columns.keys()
                    new.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
                steps.add(len(rows))
    except (IntegrityError, DataError) as error:
        why = str(error.orig).splitlines()[0]
        raise WorkspaceError(
            f"The labels cannot be copied: the new database does not take a row of theirs ({why}).",
            "See what “python -m core check” says.",
        ) from error
    for table in tables:
        if _digest(old, table, steps) != _digest(new, table, steps):
            raise WorkspaceError(
                f"The copy of the labels differs from them in {table.name!r}, so they stay where they are.",
                "Try again; see what “python -m core check” says.",
            )


def _rows(connection: Connection, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    found = connection.execute(select(table).execution_options(yield_per=copies.ROWS))
    for part in found.partitions(copies.ROWS):
        yield [tuple(row) for row in part]


def _digest(connection: Connection, table: Table, steps: _Steps) -> tuple[int, int]:
    """Return the number of rows, and the sum of their SHA-256: databases order texts differently."""
    number = total = 0
    for rows in _rows(connection, table):
        number += len(rows)
        total += sum(int.from_bytes(sha256(repr(row).encode()).digest(), "big") for row in rows)
        steps.add(len(rows))
    return number, total


def _put_aside(source: Workspace, old: Connection, id: str) -> str:
    """Keep the source under another name, such that who still has it open cannot write into it; return where."""
    file = db.sqlite_file(source)
    if file is None:
        schema = postgresql.put_aside(
            old, postgresql.current_schema(old), postgresql.schema_name(id), db.metadata.tables
        )
        return f"the schema {schema} of {urls.shown(source.database)}"
    kept = copies.keep(old, file, source.path, "move")
    for table in db.metadata.sorted_tables:
        old.execute(text(f"ALTER TABLE {table.name} RENAME TO moved_{table.name}"))
    return str(kept)


def _remove_file(source: Workspace) -> None:
    file = db.sqlite_file(source)
    if file is not None:
        with suppress(OSError):  # on Windows another program may have it open: its tables have other names
            _remove(file)


def _remove(file: Path) -> None:
    for path in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        path.unlink(missing_ok=True)

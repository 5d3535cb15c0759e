"""Opens the labels database, a SQLite file or a schema on a PostgreSQL server, and brings its tables to this version."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError

from core.database_urls import shown
from core.errors import WorkspaceError
from core.files import files_version, unwritable
from core.storage import identity, postgresql, read_only, sqlite
from core.storage.fair_places import FairPlaces
from core.storage.plain_errors import plain_errors, unusable
from core.storage.shared_flush import SharedFlush
from core.storage.upgrade import upgrade


@dataclass
class OpenedDatabase:
    """Two engines on one pool of connections, which begin their transactions differently."""

    reader: Engine
    writer: Engine
    file: str | None
    identity: tuple[int, int] | None
    log: SharedFlush | None  # of SQLite: what was stored since the last checkpoint
    is_marked: bool = False
    places: FairPlaces | None = None  # of a server: who may use it at the same time
    # Of a server: what says which schema, as it was then.
    mark: tuple[Path, tuple[tuple[int, int], ...]] | None = None
    copy: read_only.ReadOnlyCopy | None = None  # what is read where the file can only be read

    @property
    def is_current(self) -> bool:
        """Whether it is still the file that was opened, and may be written, or not, as then; or the workspace of that schema."""
        if self.mark is not None:
            return files_version(self.mark[0]) == self.mark[1]
        if self.file is None:
            return True
        if self.copy:
            return self.copy.is_current(Path(self.file))
        return self.identity == sqlite.file_identity(self.file) and os.access(self.file, os.W_OK)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Wait until a connection to a server is free; of a file everybody has one."""
        if self.places is None:
            yield
            return
        with self.places.place(postgresql.WAIT_SECONDS):
            yield

    @contextmanager
    def turn(self, shared: bool = False) -> Iterator[Connection]:
        """Begin a transaction that writes, when its turn has come; for ``shared`` see `core.storage.database.writing`."""
        with self.writer.begin() as connection:
            if self.file is None:
                postgresql.take_turn(connection, shared)
            yield connection

    def flush(self) -> None:
        """Wait until all that is committed is on the disk; a server answers only then (``synchronous_commit``)."""
        if self.log:
            try:
                self.log.wait()
            except OSError as error:
                raise unwritable(self.log.file, error, WorkspaceError) from error


def open_database(url: str, folder: Path) -> OpenedDatabase:
    """Open a database and bring its tables, and what older versions kept in files of ``folder``, to this version.

    Raises:
        WorkspaceError: the address cannot be understood, or the database cannot be opened or read.
    """
    with plain_errors(url):
        try:
            address = make_url(url)
            backend = address.get_backend_name()
            if backend == "sqlite":
                return _open_file(address, folder)
            if backend in ("postgresql", "postgres"):
                return _open_schema(address, folder)
        except (ArgumentError, ImportError) as error:  # no address, or a driver that is not installed
            raise unusable(url, error) from error
    raise WorkspaceError(
        f"The labels database {shown(url)} cannot be read or written: labels are kept in SQLite or PostgreSQL, not in {backend}.",
        "Change the address of the database.",
    )


def _open_file(address: URL, folder: Path) -> OpenedDatabase:
    file = address.database
    if file is not None:
        identity.check_file(folder, Path(file))
    copy = read_only.ReadOnlyCopy(Path(file)) if file and read_only.applies(Path(file)) else None
    reader, writer = sqlite.engines(address.set(database=str(copy.file)) if copy else address)
    log = SharedFlush(Path(f"{file}-wal"), alone=writer.begin) if file else None
    with writer.begin() as connection:
        upgrade(connection, folder, None if copy else file, is_kept=not copy)
    opened = OpenedDatabase(reader, writer, file, sqlite.file_identity(file), log, copy=copy)
    if not copy:
        opened.flush()
    return opened


def _open_schema(address: URL, folder: Path) -> OpenedDatabase:
    schema = postgresql.schema_of(address, folder)
    reader, writer = postgresql.engines(address, schema)
    with writer.begin() as connection:
        postgresql.take_turn(connection)  # of several who come first one makes the tables
        is_new = schema is not None and not postgresql.has_schema(connection, schema)
        postgresql.make_schema(connection, schema)
        upgrade(connection, folder, None, is_kept=True, is_new=is_new)
    return OpenedDatabase(reader, writer, None, None, None, places=FairPlaces(postgresql.PLACES))

"""The labels database: its tables, and how it is opened.

SQLite in WAL mode by default, so that several annotators write while others read; a PostgreSQL server instead
(`core.storage.postgresql`).
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from sqlalchemy import (
    URL,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    cast,
    create_engine,
    event,
    func,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from core.access.rights import Right, check
from core.database_urls import shown
from core.errors import WorkspaceError
from core.files import files_version, unwritable
from core.storage import identity, postgresql, read_only
from core.storage.fair_places import FairPlaces
from core.storage.plain_errors import WAIT_SECONDS, plain_errors, unusable
from core.storage.shared_flush import SharedFlush
from core.storage.upgrade import upgrade
from core.workspace import Workspace

_NAMES = {"pk": "pk_%(table_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s"}
metadata = MetaData(naming_convention=_NAMES)

annotators = Table(
    "annotators",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("hidden", Boolean, nullable=False, default=False),
)

videos = Table(
    "videos",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("origin", String, nullable=False),  # video | camera | rendered | pictures | live
    Column("file", String),  # original, relative to the workspace; none for pictures
    Column("sha256", String, unique=True),  # of the original's content; of what shots came from
    Column("frame_rate", Float),  # average, frames per second
    Column("size", BigInteger),  # bytes of the original; none where it came before this was stored
    Column("width", Integer, nullable=False),  # pixels, after rotation
    Column("height", Integer, nullable=False),
    Column("added", String, nullable=False),  # ISO 8601, UTC
    Column("hidden", Boolean, nullable=False, default=False),
)

frames = Table(
    "frames",
    metadata,
    Column("video_id", ForeignKey("videos.id"), primary_key=True),
    Column("index", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("file", String, nullable=False),  # relative to the workspace
    Column("time", Float),  # presentation time in seconds; none for pictures
    Column("phash", String(16), nullable=False),  # perceptual hash, 64 bits as hexadecimal digits
    Column("size", Integer),  # bytes of the file; none where it came before this was stored
    Column("sha256", String(64)),  # of the file
)

attributes = Table(
    "attributes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("hidden", Boolean, nullable=False, default=False),
)

events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True),  # the order of things; never the clock
    Column("id", String(36), nullable=False, unique=True),
    Column("at", String, nullable=False),  # ISO 8601, UTC
    Column("annotator_id", ForeignKey("annotators.id"), nullable=False),
    Column("video_id", ForeignKey("videos.id"), nullable=False),
    Column("first", Integer, nullable=False),  # a stretch of frames, both ends included
    Column("last", Integer, nullable=False),
    Column("attribute_id", ForeignKey("attributes.id"), nullable=False),
    Column("value", Boolean),  # none is unset
    # key | paint | import | suggestion | adjudication | gold | accepted | undo
    Column("source", String, nullable=False),
    Column("undoes", String(36)),  # id of the event that this one takes back
    Column("action", String(36)),  # events of one action are taken back together; none: the event alone
    # Of who did it: student | instructor | owner (the command line, the app without sign-in); none: before this was stored
    Column("role", String(16)),
    Index("ix_events_annotator_video", "annotator_id", "video_id", "seq"),
)
Index(  # of the events that share an action
    "ix_events_action",
    events.c.action,
    sqlite_where=events.c.action.is_not(None),
    postgresql_where=events.c.action.is_not(None),
)
Index(  # of the few events that take another one back
    "ix_events_undoes",
    events.c.undoes,
    sqlite_where=events.c.undoes.is_not(None),
    postgresql_where=events.c.undoes.is_not(None),
)
Index(  # of the few gold labels
    "ix_events_gold",
    events.c.video_id,
    sqlite_where=events.c.source == "gold",
    postgresql_where=events.c.source == "gold",
)

current = Table(
    "current",
    metadata,
    Column("video_id", ForeignKey("videos.id"), primary_key=True),
    Column("index", Integer, primary_key=True),
    Column("attribute_id", ForeignKey("attributes.id"), primary_key=True),
    Column("annotator_id", ForeignKey("annotators.id"), primary_key=True),
    Column("value", Boolean),
    Column("seq", ForeignKey("events.seq"), nullable=False),
    sqlite_with_rowid=False,  # one tree instead of two: faster to write and to read in its order
)

identity_table = Table(  # one row: the id that the mark of the workspace names, see `core.storage.identity`
    "identity",
    metadata,
    Column("id", String(36), primary_key=True),
)

assignments = Table(  # who labels a video blind, without seeing the labels of others
    "assignments",
    metadata,
    Column("video_id", ForeignKey("videos.id"), primary_key=True),
    Column("annotator_id", ForeignKey("annotators.id"), primary_key=True),
)

additions = Table(  # whose files have landed for good; see `core.media.transaction`
    "additions",
    metadata,
    Column("token", String, primary_key=True),
)


@contextmanager
def reading(workspace: Workspace) -> Iterator[Connection]:
    """Open the database for reading: all of the block sees the same state.

    Raises:
        AccessError: who acts has not signed in.
        WorkspaceError: the database cannot be opened or read.
    """
    check(Right.LOOK)
    with plain_errors(workspace.database):
        opened = _database(workspace)
        with opened.place(), opened.reader.connect() as connection:
            yield connection


@contextmanager
def writing(workspace: Workspace, *, shared: bool = False) -> Iterator[Connection]:
    """Open the database for one transaction: all of the block is stored, and on the disk after it, or nothing.

    Args:
        workspace: whose.
        shared: on a server, others may write meanwhile who share as well: only where the block takes turns with whoever
            could be in its way. SQLite has one writer in any case.

    Raises:
        AccessError: who acts has not signed in.
        WorkspaceError: the database cannot be opened or written.
    """
    check(Right.LOOK)
    opened = _writable(workspace)
    with plain_errors(workspace.database):
        with opened.place(), _turn(opened, shared) as connection:
            yield connection
        opened.flush()
        if not opened.is_marked:
            _mark(opened, workspace.path)


@contextmanager
def handing_over(workspace: Workspace) -> Iterator[Connection]:
    """Open the database for its last transaction, in which nobody else writes, before another one takes its place.

    Raises:
        AccessError: who acts may make no backups.
        WorkspaceError: the database cannot be opened or written.
    """
    check(Right.BACK_UP)
    opened = _writable(workspace)
    with plain_errors(workspace.database):
        with _turn(opened) as connection:
            yield connection
        opened.flush()
    _databases.pop(_key(workspace), None)
    opened.reader.dispose()


def _writable(workspace: Workspace) -> "_Database":
    """Return the opened database; refuse one that can only be read."""
    opened = _database(workspace)
    if opened.copy:
        raise read_only.refusal(Path(str(opened.file)), workspace.path)
    return opened


@contextmanager
def _turn(opened: "_Database", shared: bool = False) -> Iterator[Connection]:
    """Begin a transaction that writes, when its turn has come."""
    with opened.writer.begin() as connection:
        if opened.file is None:
            postgresql.take_turn(connection, shared)
        yield connection


def integers(connection: Connection, query: Select[Any]) -> np.ndarray:
    """Return what a query for whole numbers selects: (columns, rows) int64.

    The database hands over one row of long texts: a row for each label takes three times as long.
    """
    texts = [func.aggregate_strings(cast(column, String), ",") for column in query.subquery().c]
    row = connection.execute(select(*texts)).one()
    return np.array([np.fromstring(text or "", np.int64, sep=",") for text in row], np.int64)


def sqlite_file(workspace: Workspace) -> Path | None:
    """Return the file of a SQLite database, which may not be there, without opening it; none on a server.

    Raises:
        WorkspaceError: the address cannot be understood.
    """
    try:
        url = make_url(workspace.database)
    except ArgumentError as error:
        raise unusable(workspace.database, error) from error
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def file(workspace: Workspace) -> Path | None:
    """Return the file of a SQLite database, opened if it was not; none on a server."""
    name = _database(workspace).file
    return None if name is None else Path(name)


@dataclass
class _Database:
    """Two engines on one pool of connections, which begin their transactions differently."""

    reader: Engine
    writer: Engine
    file: str | None
    identity: tuple[int, int] | None
    log: SharedFlush | None  # of SQLite: what was stored since the last checkpoint
    is_marked: bool = False
    places: FairPlaces | None = None  # of a server: who may use it at the same time
    mark: tuple[Path, tuple[tuple[int, int], ...]] | None = (
        None  # of a server: what says which schema, as it was then
    )
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
        return self.identity == _identity(self.file) and os.access(self.file, os.W_OK)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Wait until a connection to a server is free; of a file everybody has one."""
        if self.places is None:
            yield
            return
        with self.places.place(postgresql.WAIT_SECONDS):
            yield

    def flush(self) -> None:
        """Wait until all that is committed is on the disk; a server answers only then (``synchronous_commit``)."""
        if self.log:
            try:
                self.log.wait()
            except OSError as error:
                raise unwritable(self.log.file, error, WorkspaceError) from error


MOST_OPEN = 32
"""Databases that stay open in a process; a check or a test that looks into hundreds closes those it opened first."""

_databases: dict[str, _Database] = {}
_opening = Lock()


def _key(workspace: Workspace) -> str:
    """Return what tells one opened database from another: a server has a schema for each workspace."""
    url = workspace.database
    return url if url.startswith("sqlite") else f"{url} {workspace.path}"


def _database(workspace: Workspace) -> _Database:
    """Return the opened database, opened anew when its SQLite file was removed or replaced meanwhile."""
    url, key = workspace.database, _key(workspace)
    opened = _databases.get(key)
    if opened is None or not opened.is_current:
        with _opening:
            opened = _databases.get(key)
            if opened is None or not opened.is_current:
                if opened is not None:
                    opened.reader.dispose()  # both engines have one pool
                opened = _databases[key] = _open(url, workspace.path)
                while len(_databases) > MOST_OPEN:  # connections in use end when they are given back
                    _databases.pop(next(iter(_databases))).reader.dispose()
    return opened


def _open(url: str, folder: Path) -> _Database:
    """Open a database and bring its tables, and what older versions kept in files of ``folder``, to this version."""
    with plain_errors(url):
        try:
            address = make_url(url)
            backend = address.get_backend_name()
            if backend == "sqlite":
                return _open_file(address, folder)
            if backend in ("postgresql", "postgres"):
                return _open_server(address, folder)
        except (ArgumentError, ImportError) as error:  # no address, or a driver that is not installed
            raise unusable(url, error) from error
    raise WorkspaceError(
        f"The labels database {shown(url)} cannot be read or written: labels are kept in SQLite or PostgreSQL, not in {backend}.",
        "Change the address of the database.",
    )


def _open_file(address: URL, folder: Path) -> _Database:
    file = address.database
    if file is not None:
        identity.check_file(folder, Path(file))
    copy = read_only.ReadOnlyCopy(Path(file)) if file and read_only.applies(Path(file)) else None
    reader, writer = _sqlite_engines(address.set(database=str(copy.file)) if copy else address)
    log = SharedFlush(Path(f"{file}-wal"), alone=writer.begin) if file else None
    with writer.begin() as connection:
        upgrade(connection, folder, None if copy else file, is_kept=not copy)
    opened = _Database(reader, writer, file, _identity(file), log, copy=copy)
    if not copy:
        opened.flush()
    _mark(opened, folder)
    return opened


def _open_server(address: URL, folder: Path) -> _Database:
    schema = postgresql.schema_of(address, folder)
    reader, writer = postgresql.engines(address, schema)
    with writer.begin() as connection:
        postgresql.take_turn(connection)  # of several who come first one makes the tables
        is_new = schema is not None and not postgresql.has_schema(connection, schema)
        postgresql.make_schema(connection, schema)
        upgrade(connection, folder, None, is_kept=True, is_new=is_new)
    opened = _Database(reader, writer, None, None, None, places=FairPlaces(postgresql.PLACES))
    _mark(opened, folder)
    return opened


def _mark(opened: _Database, folder: Path) -> None:
    """Write down in ``folder`` that it has been used, once this database has a video; refuse that of another workspace."""
    with opened.reader.connect() as connection:
        id = connection.scalar(select(identity_table.c.id))
        identity.check_id(folder, str(id), shown(str(opened.reader.url.render_as_string())))
        opened.is_marked = connection.scalar(select(videos.c.id).limit(1)) is not None
    if opened.is_marked and not identity.is_marked(folder):
        identity.mark(folder, str(id))
    if opened.file is None:
        opened.mark = folder / identity.MARK, files_version(folder / identity.MARK)


def _sqlite_engines(url: URL) -> tuple[Engine, Engine]:
    """Make the reader and the writer of a SQLite file."""
    # The driver's own transactions begin with the first change, when another writer may be in the way: a writer asks for
    # its turn at once. A page runs in a new thread each time, and opening a connection costs more than saving a label.
    arguments = {"isolation_level": None, "check_same_thread": False, "timeout": WAIT_SECONDS}
    reader = create_engine(url, poolclass=QueuePool, max_overflow=-1, connect_args=arguments)
    writer = create_engine(url, pool=reader.pool)
    event.listen(reader.pool, "connect", _set_up_sqlite)
    # Begun by the dialect itself: an event listener would double the time to save a label.
    reader.dialect.do_begin = lambda connection: connection.execute("BEGIN")  # type: ignore
    writer.dialect.do_begin = lambda connection: connection.execute("BEGIN IMMEDIATE")  # type: ignore
    return reader, writer


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # NORMAL: a commit does not wait for the disk while it holds the turn of all writers; `writing` does so afterwards, for
    # all who wait together. With FULL, sixty who label at once wait for one another.
    # 32 MB of pages, in KiB: with the 2 MB of SQLite an import of a million rows writes the same pages again and again.
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "cache_size = -32000"):
        connection.execute(f"PRAGMA {pragma}")


def _identity(file: str | None) -> tuple[int, int] | None:
    """Return device and inode of a SQLite file. The pool holds the file open, so no other gets its number."""
    if file is None:
        return None
    try:
        status = os.stat(file)  # noqa: PTH116 - making a Path takes longer than looking
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


LATEST = 1000
"""Events that are looked at: on a server one may be stored after one with a higher number, but not that much later."""


def data_version(workspace: Workspace) -> tuple[Any, ...]:
    """Return what changes whenever something is stored in the database: of SQLite its files, of a server what it holds.

    Caches know by it what is out of date.
    """
    if path := file(workspace):
        return read_only.version(path)
    with reading(workspace) as connection:
        return tables_version(connection)


def tables_version(connection: Connection) -> tuple[Any, ...]:
    """Return what changes whenever a table does, read in milliseconds however many labels there are.

    Comparable within one process only: texts are hashed.
    """
    latest = select(events.c.seq).order_by(events.c.seq.desc()).limit(LATEST).subquery()
    # Events are only ever added: each one makes the sum of the latest numbers greater.
    seqs = connection.scalar(select(func.sum(latest.c.seq)))
    number = connection.scalar(select(func.count()).select_from(frames))
    v, a = videos.c, attributes.c
    small = (  # these change without an event, too; they grow with the class, not with its labels
        select(v.id, v.key, v.hidden, v.added).order_by(v.id),
        select(a.id, a.name, a.hidden).order_by(a.id),
        select(annotators).order_by(annotators.c.id),
        select(assignments).order_by(*assignments.primary_key),
    )
    return (seqs, number, *(hash(tuple(map(tuple, connection.execute(query)))) for query in small))

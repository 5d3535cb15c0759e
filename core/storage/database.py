"""The labels database: its tables, and how it is read and written.

A SQLite file by default (`core.storage.sqlite`), or a PostgreSQL server (`core.storage.postgresql`); `core.storage.opened_database`
opens either.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    cast,
    func,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError

from core.access.rights import Right, check
from core.database_urls import shown
from core.files import files_version
from core.storage import identity, read_only
from core.storage.opened_database import OpenedDatabase, open_database
from core.storage.plain_errors import plain_errors, unusable
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
        with opened.place(), opened.turn(shared) as connection:
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
        with opened.turn() as connection:
            yield connection
        opened.flush()
    _databases.pop(_key(workspace), None)
    opened.reader.dispose()


def _writable(workspace: Workspace) -> OpenedDatabase:
    """Return the opened database; refuse one that can only be read."""
    opened = _database(workspace)
    if opened.copy:
        raise read_only.refusal(Path(str(opened.file)), workspace.path)
    return opened


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


MOST_OPEN = 32
"""Databases that stay open in a process; a check or a test that looks into hundreds closes those it opened first."""

_databases: dict[str, OpenedDatabase] = {}
_opening = Lock()


def _key(workspace: Workspace) -> str:
    """Return what tells one opened database from another: a server has a schema for each workspace."""
    url = workspace.database
    return url if url.startswith("sqlite") else f"{url} {workspace.path}"


def _database(workspace: Workspace) -> OpenedDatabase:
    """Return the opened database, opened anew when its SQLite file was removed or replaced meanwhile."""
    url, key = workspace.database, _key(workspace)
    opened = _databases.get(key)
    if opened is None or not opened.is_current:
        with _opening:
            opened = _databases.get(key)
            if opened is None or not opened.is_current:
                if opened is not None:
                    opened.reader.dispose()  # both engines have one pool
                opened = open_database(url, workspace.path)
                with plain_errors(url):
                    _mark(opened, workspace.path)
                _databases[key] = opened
                while len(_databases) > MOST_OPEN:  # connections in use end when they are given back
                    _databases.pop(next(iter(_databases))).reader.dispose()
    return opened


def _mark(opened: OpenedDatabase, folder: Path) -> None:
    """Write down in ``folder`` that it has been used, once this database has a video; refuse that of another workspace."""
    with opened.reader.connect() as connection:
        id = connection.scalar(select(identity_table.c.id))
        identity.check_id(folder, str(id), shown(str(opened.reader.url.render_as_string())))
        opened.is_marked = connection.scalar(select(videos.c.id).limit(1)) is not None
    if opened.is_marked and not identity.is_marked(folder):
        identity.mark(folder, str(id))
    if opened.file is None:
        opened.mark = folder / identity.MARK, files_version(folder / identity.MARK)


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

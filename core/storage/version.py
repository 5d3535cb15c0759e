"""The data version: it changes whenever something is stored in the labels database, so that caches know what is out of date."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from core.storage import database as db
from core.workspace import Workspace

LATEST = 1000
"""Events that are looked at: on a server one may be stored after one with a higher number, but not that much later."""


def data_version(workspace: Workspace) -> tuple[Any, ...]:
    """Return what changes whenever something is stored in the database: of SQLite its files, of a server what it holds."""
    if file := db.file(workspace):
        return files_version(file, file.with_name(f"{file.name}-wal"))
    with db.reading(workspace) as connection:
        return tables_version(connection)


def files_version(*files: Path) -> tuple[tuple[int, int], ...]:
    """Return time (ns) and size (bytes) of each file; 0 where there is none."""
    return tuple(_time_and_size(file) for file in files)


def _time_and_size(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except FileNotFoundError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


def tables_version(connection: Connection) -> tuple[Any, ...]:
    """Return what changes whenever a table does, read in milliseconds however many labels there are.

    Comparable within one process only: texts are hashed.
    """
    latest = select(db.events.c.seq).order_by(db.events.c.seq.desc()).limit(LATEST).subquery()
    # Events are only ever added: each one makes the sum of the latest numbers greater.
    events = connection.scalar(select(func.sum(latest.c.seq)))
    frames = connection.scalar(select(func.count()).select_from(db.frames))
    return (events, frames, *(hash(rows) for rows in _small_tables(connection)))


def _small_tables(connection: Connection) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the tables that also change without an event; they grow with the class, not with its labels."""
    v, a = db.videos.c, db.attributes.c
    for query in (
        select(v.id, v.key, v.hidden, v.added).order_by(v.id),
        select(a.id, a.name, a.hidden).order_by(a.id),
        select(db.annotators).order_by(db.annotators.c.id),
        select(db.assignments).order_by(*db.assignments.primary_key),
    ):
        yield tuple(map(tuple, connection.execute(query)))

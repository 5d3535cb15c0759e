"""A SQLite file as the labels database: how it is opened, and how one file is told from another.

WAL mode, so that several annotators write while others read.
"""

import os
import sqlite3

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from core.storage.plain_errors import WAIT_SECONDS


def engines(url: URL) -> tuple[Engine, Engine]:
    """Make the reader and the writer of a file."""
    # The driver's own transactions begin with the first change, when another writer may be in the way: a writer asks for
    # its turn at once. A page runs in a new thread each time, and opening a connection costs more than saving a label.
    arguments = {"isolation_level": None, "check_same_thread": False, "timeout": WAIT_SECONDS}
    reader = create_engine(url, poolclass=QueuePool, max_overflow=-1, connect_args=arguments)
    writer = create_engine(url, pool=reader.pool)
    event.listen(reader.pool, "connect", _set_up)
    # Begun by the dialect itself: an event listener would double the time to save a label.
    reader.dialect.do_begin = lambda connection: connection.execute("BEGIN")  # type: ignore
    writer.dialect.do_begin = lambda connection: connection.execute("BEGIN IMMEDIATE")  # type: ignore
    return reader, writer


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    # NORMAL: a commit does not wait for the disk while it holds the turn of all writers; `core.storage.database.writing`
    # does so afterwards, for all who wait together. With FULL, sixty who label at once wait for one another.
    # 32 MB of pages, in KiB: with the 2 MB of SQLite an import of a million rows writes the same pages again and again.
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "cache_size = -32000"):
        connection.execute(f"PRAGMA {pragma}")


def file_identity(file: str | None) -> tuple[int, int] | None:
    """Return device and inode of a file that is there. The pool holds the file open, so no other gets its number."""
    if file is None:
        return None
    try:
        status = os.stat(file)  # noqa: PTH116 - making a Path takes longer than looking
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino

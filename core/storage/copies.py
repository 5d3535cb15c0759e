"""Copies of the database that are whole, whoever writes into it meanwhile; each is one SQLite file."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Column, Connection, MetaData, Table, create_engine, insert, select

from core.files import make_folder, replacing, writable

ROWS = 5_000
"""Rows of a server that are copied at a time."""


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite file through its online backup API, also from a disk that is read-only.

    Raises:
        sqlite3.DatabaseError: ``source`` is no database, or is damaged beyond copying.
    """
    try:
        address = f"file:{quote(str(source.resolve()))}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as original:
            _back_up(original, target)
    except sqlite3.OperationalError:
        # On a read-only disk the files of the write-ahead log cannot be made: nobody writes there, so read a plain copy.
        with _plain_copy(source) as file, closing(sqlite3.connect(file)) as original:
            _back_up(original, target)


def _back_up(original: sqlite3.Connection, target: Path) -> None:
    with closing(sqlite3.connect(target)) as copy:
        original.backup(copy)


@contextmanager
def _plain_copy(source: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        for file in (source, source.with_name(f"{source.name}-wal")):
            if file.is_file():
                shutil.copyfile(file, Path(folder) / file.name)
        yield Path(folder) / source.name


def copy_tables(connection: Connection, target: Path) -> None:
    """Copy all tables of a server into a new SQLite file, without indexes and keys; see `fill`."""
    there = MetaData()
    there.reflect(connection)
    plain = MetaData()
    for table in there.sorted_tables:
        Table(
            table.name,
            plain,
            *(Column(c.name, c.type.as_generic(allow_nulltype=True)) for c in table.columns),
        )
    fill(connection, plain, target)


def fill(connection: Connection, tables: MetaData, target: Path) -> None:
    """Make ``tables`` in the SQLite file ``target`` and copy their rows into it."""
    engine = create_engine(f"sqlite:///{target.as_posix()}")
    try:
        tables.create_all(engine)
        with engine.begin() as copy:
            for table in tables.sorted_tables:
                rows = connection.execute(select(table).execution_options(yield_per=ROWS)).mappings()
                for part in rows.partitions(ROWS):
                    copy.execute(insert(table), [dict(row) for row in part])
    finally:
        engine.dispose()


def keep(connection: Connection, file: Path | None, folder: Path, change: str) -> Path:
    """Copy the database to ``backups/labels-before-<change>.db``, beside a SQLite file or in ``folder``, and flush it.

    Raises:
        WorkspaceError: the disk is full or read-only.
    """
    backups = (file.parent if file else folder) / "backups"
    target = _free(backups, f"labels-before-{change}")
    with writable(target):
        make_folder(backups)
        with replacing(target) as partial:
            if file:
                copy_sqlite(file, partial)
            else:
                copy_tables(connection, partial)
    return target


def _free(folder: Path, stem: str) -> Path:
    """Return a name that no file has: an earlier copy is never replaced."""
    target, number = folder / f"{stem}.db", 1
    while target.exists():
        number += 1
        target = folder / f"{stem}-{number}.db"
    return target

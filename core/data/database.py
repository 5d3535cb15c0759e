"""The labels database: its tables, its version, and how it is opened.

SQLite in WAL mode by default, so that several annotators write while others read; any SQLAlchemy URL instead.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    event,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from core.errors import WorkspaceError
from core.workspace import Workspace

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(column_0_label)s",
    }
)

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
    Column("origin", String, nullable=False),  # video | camera | rendered | pictures
    Column("file", String),  # original, relative to the workspace; none for pictures
    Column("sha256", String, unique=True),  # of the original's content
    Column("frame_rate", Float),  # average, frames per second
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
    Column(
        "source", String, nullable=False
    ),  # key | paint | import | suggestion | adjudication | gold | undo
    Column("undoes", String(36)),
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
    Index("ix_current_attribute_value", "attribute_id", "value"),
)


@contextmanager
def reading(workspace: Workspace) -> Iterator[Connection]:
    """Open the database for reading."""
    with _engine(workspace).connect() as connection:
        yield connection


@contextmanager
def writing(workspace: Workspace) -> Iterator[Connection]:
    """Open the database for one transaction: all of the block is stored, or nothing."""
    with _engine(workspace).begin() as connection:
        yield connection


def _engine(workspace: Workspace) -> Engine:
    try:
        return _ready_engine(workspace.database, str(workspace.path))
    except SQLAlchemyError as error:
        raise WorkspaceError(
            "a readable labels database",
            f"{workspace.database} ({_first_line(error)})",
            "Check the file or the address.",
        ) from error


@lru_cache(maxsize=16)
def _ready_engine(url: str, _workspace: str) -> Engine:
    """Make an engine whose tables are of this version. Connections are opened per use: reruns are threads."""
    engine = create_engine(url, poolclass=NullPool) if url.startswith("sqlite") else create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
    _upgrade(engine)
    return engine


def _set_up_sqlite(connection, _record) -> None:  # type: ignore[no-untyped-def]
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "busy_timeout = 10000"):
        connection.execute(f"PRAGMA {pragma}")


def _upgrade(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    scripts = ScriptDirectory.from_config(config)
    with engine.begin() as connection:
        stored = MigrationContext.configure(connection).get_current_revision()
        if stored == scripts.get_current_head():
            return
        if stored is not None and stored not in {script.revision for script in scripts.walk_revisions()}:
            raise WorkspaceError(
                "a labels database of this version of SeamLens or an older one",
                f"the newer schema {stored!r}",
                "Update SeamLens, then open the workspace again.",
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]

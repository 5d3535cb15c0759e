"""A PostgreSQL server as the labels database: how it is opened, whose schema is whose, and who writes at the same time.

Each workspace has a schema of its own, named by the id in its folder (`core.storage.identity`), so that the classes of a school
share one database. SQLite has one writer at a time, and the code relies on it; here an advisory lock does the same: everybody who
writes takes turns, but those who save labels, each for themselves, share a turn.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import URL, Connection, Engine, NullPool, Table, create_engine, text
from sqlalchemy.exc import DBAPIError

from core.database_urls import SECRET, shown
from core.errors import WorkspaceError
from core.storage import identity

PREFIX = "seamlens_"
"""Of the names of schemas."""

WAIT_SECONDS = 20
"""How long a writer waits for its turn, and everybody for a connection, before they give up."""
CONNECT_SECONDS = 10
"""How long to wait for a server that does not answer."""
PLACES = 20
"""Threads of a process that use the database at once; a server has 100 connections for all."""

_SETTINGS = {
    "lock_timeout": f"{WAIT_SECONDS}s",
    "client_min_messages": "warning",
    # Whoever vanishes with a turn in hand, such as a laptop that was closed, gives it back within a minute.
    "tcp_keepalives_idle": "20",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}


def normal(url: URL) -> URL:
    """Return an address with the driver that is used here, whichever name of PostgreSQL or driver it has."""
    return url.set(drivername="postgresql+psycopg")


def engines(url: URL, schema: str | None) -> tuple[Engine, Engine]:
    """Make the reader and the writer of a schema; none is the one that the server gives, as earlier versions used it."""
    address = _with_options(normal(url), {**_SETTINGS, **({"search_path": schema} if schema else {})})
    # More than `PLACES` only where a block opens the database again.
    writer = _engine(address, pool_pre_ping=True, pool_size=PLACES, max_overflow=-1)
    # All of a block sees the same state, as with SQLite.
    reader = writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return reader, writer


def _engine(url: URL, **options: Any) -> Engine:
    try:
        return create_engine(url, **options)
    except ImportError as error:
        raise WorkspaceError(
            "Labels on a PostgreSQL server need the package psycopg, which is not installed.",
            "Install it: pip install -r requirements-postgres.txt",
        ) from error


def _with_options(url: URL, settings: dict[str, str]) -> URL:
    own = url.query.get("options", "")
    options = " ".join(
        [*([own] if isinstance(own, str) and own else []), *(f"-c {k}={v}" for k, v in settings.items())]
    )
    timeout = {} if "connect_timeout" in url.query else {"connect_timeout": str(CONNECT_SECONDS)}
    return url.update_query_dict(
        {**timeout, "options": options, "application_name": "seamlens", "client_encoding": "utf8"}
    )


def schema_name(id: str) -> str:
    """Return the schema of the workspace with this id.

    >>> schema_name("6fcb8600-1111-4222-8333-444455556666")
    'seamlens_6fcb8600_1111_4222_8333_444455556666'
    """
    return PREFIX + re.sub(r"[^0-9a-z]", "_", id.lower())[:50]


def schema_of(url: URL, folder: Path) -> str | None:
    """Return the schema on a server that belongs to the workspace in ``folder``, which may not be there yet.

    None is the schema that the server gives by itself, where the labels of a workspace of an earlier version are.

    Raises:
        WorkspaceError: the workspace has been used, but its labels are not there; or the server keeps no Unicode.
    """
    engine = _engine(_with_options(normal(url), _SETTINGS), poolclass=NullPool)
    with engine.connect() as connection:
        check_encoding(connection, url)
        id = identity.marked(folder)
        if id and has_schema(connection, schema_name(id)):
            return schema_name(id)
        if _is_of_before(connection, folder, id):
            return None
    if identity.is_used(folder):
        raise WorkspaceError(
            f"This workspace has been used, but {shown(str(url))} has no labels of it.",
            "Check the address of the database; “python -m core labels move” moves labels from one to another.",
        )
    return schema_name(identity.begin(folder))


def check_encoding(connection: Connection, url: URL) -> None:
    """Refuse a database that cannot keep every text."""
    encoding = connection.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8":
        raise WorkspaceError(
            f"The database {shown(str(url))} keeps texts as {encoding}, which has no place for all names.",
            "Make it anew: createdb --encoding UTF8 --template template0 …",
        )


def has_schema(connection: Connection, schema: str) -> bool:
    """Return whether a server has a schema of that name."""
    query = text("SELECT 1 FROM pg_namespace WHERE nspname = :name")
    return connection.scalar(query, {"name": schema}) is not None


def _is_of_before(connection: Connection, folder: Path, id: str | None) -> bool:
    """Return whether the schema that the server gives holds the labels of a workspace of an earlier version."""
    has_labels = connection.scalar(
        text("SELECT to_regclass('alembic_version') IS NOT NULL AND to_regclass('events') IS NOT NULL")
    )
    if not has_labels:
        return False
    if not connection.scalar(text("SELECT to_regclass('identity') IS NOT NULL")):
        return identity.is_used(folder)  # older still
    theirs = connection.scalar(text("SELECT id FROM identity"))
    return theirs == id if id else identity.is_used(folder)


def make_schema(connection: Connection, schema: str | None) -> None:
    """Make a schema where it is not there; the caller has the turn."""
    if schema and not has_schema(connection, schema):
        connection.execute(text(f'CREATE SCHEMA "{schema}"'))


def take_turn(connection: Connection, shared: bool = False) -> None:
    """Wait for one's turn to write, until the end of the transaction.

    Args:
        connection: of the writer.
        shared: others who share may write as well; who does not share waits for all of them, and they for who does not.
    """
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    connection.exec_driver_sql(f"SELECT {function}({_turn(connection.engine)})")


def _turn(engine: Engine) -> int:
    """Return the number of the lock: the same for everybody who opens this schema."""
    options = engine.url.query.get("options", "")
    schema = re.search(r"search_path=(\S+)", str(options))
    digest = hashlib.sha256(f"seamlens {schema[1] if schema else ''}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


class _Reason(NamedTuple):
    """What the server says, and what users are told."""

    states: tuple[str, ...]
    """SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html."""
    words: str
    """Pattern for what has no SQLSTATE: it happens before there is a connection, and is told in English by the driver."""
    problem: str
    advice: str


_REASONS = (
    _Reason(
        ("28P01", "28000"),
        "authentication failed|no password supplied|no pg_hba.conf entry",
        "The database server of {place} refuses the user or the password.",
        SECRET,
    ),
    _Reason(
        ("3D000",),
        'database "[^"]*" does not exist',
        "There is no database {place}.",
        "Make it with createdb, or check its name.",
    ),
    _Reason(
        ("42501",),
        "permission denied",
        "The user may not write in the database {place}.",
        "Let its administrator run: GRANT CREATE ON DATABASE … TO …",
    ),
    _Reason(
        ("42P01", "3F000"),
        "(?!)",
        "The labels are no longer in the database {place}: they were moved or removed.",
        "Open the workspace again.",
    ),
    _Reason(
        ("25006",), "(?!)", "The database {place} can only be read.", "Use the address of the main server."
    ),
    _Reason(
        ("53100",),
        "(?!)",
        "The disk is full: the labels database {place} cannot be written.",
        "Free some space on the server, then try again.",
    ),
    _Reason(
        ("55P03", "40P01", "40001"),
        "(?!)",
        "Another program holds the labels database {place}, and did not free it within {seconds} seconds.",
        "Try again, or end that program.",
    ),
    _Reason(
        (),
        "no place came free",
        "The labels database {place} is too busy: others used it for {seconds} seconds.",
        "Try again.",
    ),
    _Reason(
        ("53300",),
        "too many (clients|connections)|remaining connection slots",
        "The database server of {place} has no connection free.",
        "Try again; for many classes, raise its max_connections.",
    ),
    _Reason(
        ("57P01", "57P02", "57P03", "08000", "08001", "08003", "08006"),
        "connect|failed to resolve|timeout|consuming input failed",
        "The database server of {place} cannot be reached ({why}).",
        "Check the address of the database, and that the server runs.",
    ),
)


def plain_error(error: Exception, url: str) -> WorkspaceError | None:
    """Return what the server says in words for users; none where it is a fault of a statement."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    line = str(error).splitlines()[0].partition(") ")[2] or str(error)
    why = re.split(r"failed: |FATAL: +", line)[-1].strip().rstrip(".")
    for reason in _REASONS:
        if state in reason.states or (state is None and re.search(reason.words, line)):
            values = {"place": shown(url), "seconds": WAIT_SECONDS, "why": why}
            return WorkspaceError(reason.problem.format(**values), reason.advice)
    return None


def current_schema(connection: Connection) -> str:
    """Return the schema whose tables a connection sees."""
    return str(connection.scalar(text("SELECT current_schema()")))


def put_aside(connection: Connection, schema: str, name: str, tables: Iterable[str] = ()) -> str:
    """Give the ``tables`` in ``schema`` to a schema that begins with ``name`` and says that they were moved; return its name."""
    aside, number = f"{name}_moved", 1
    while has_schema(connection, aside):
        number += 1
        aside = f"{name}_moved_{number}"
    if schema.startswith(PREFIX):
        connection.execute(text(f'ALTER SCHEMA "{schema}" RENAME TO "{aside}"'))
    else:  # of an earlier version, in the schema that the server gives: others may have tables there
        connection.execute(text(f'CREATE SCHEMA "{aside}"'))
        for table in (*tables, "alembic_version"):
            connection.execute(text(f'ALTER TABLE "{table}" SET SCHEMA "{aside}"'))
    return aside


def remove_schema(connection: Connection, schema: str) -> None:
    """Remove a schema with all that is in it."""
    connection.execute(text(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE'))


def copy_rows(connection: Connection, table: Table, rows: Iterable[Sequence[Any]]) -> None:
    """Add rows, each with all columns in their order, faster than one by one.

    Raises:
        DBAPIError: of the kind that a statement raises.
    """
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    statement = f'COPY "{table.name}" ({columns}) FROM STDIN'
    driver: Any = connection.connection.driver_connection
    errors = connection.dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except errors as error:
        raise DBAPIError.instance(statement, None, error, errors) from error


def set_next_number(connection: Connection, table: Table) -> None:
    """Let the next row get the number after the highest, after rows came with theirs."""
    [key] = table.primary_key.columns
    connection.execute(
        text(
            f"SELECT setval(pg_get_serial_sequence('{table.name}', '{key.name}'), COALESCE(MAX({key.name}), 0) + 1, FALSE) "
            f"FROM {table.name}"
        )
    )

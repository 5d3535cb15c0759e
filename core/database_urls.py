"""Addresses of labels databases: which one a workspace uses, and how it is shown and stored without its password.

They are the URLs of SQLAlchemy. Nothing is opened here, and no driver is imported.
"""

import os
import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from core.errors import WorkspaceError

VARIABLE = "SEAMLENS_DATABASE_URL"
"""Environment variable with the address of a server, which may hold a password."""

FILE = "labels.db"
"""Name of the SQLite file of a workspace that uses no server."""

SECRET = "Put the password into the environment variable SEAMLENS_DATABASE_URL (the whole address) or into ~/.pgpass."
"""What to do with a password that stands in the wrong place."""

_USER = re.compile(r"^([^:/@]+://)([^@]*@)?")
_PORT = 5432


def is_server(url: str) -> bool:
    """Return whether an address names a PostgreSQL server."""
    return re.match(r"postgres(ql)?(\+\w+)?://", url) is not None


def shown(url: str) -> str:
    """Return an address without user and password, and without what follows ?, where there may be another.

    >>> shown("postgresql://ann:secret@school/seams?sslmode=require")
    'school/seams'
    """
    if "://" not in url:
        return "that workspace.toml names"
    place = url.split("@")[-1].partition("?")[0]
    return unquote(place.partition("://")[2] if is_server(place) else place.removeprefix("sqlite:///"))


def has_password(url: str) -> bool:
    """Return whether an address holds a password, as far as anybody can tell from one that is malformed."""
    user = (_USER.match(url) or [None, None, None])[2] or ""
    with suppress(ValueError):
        if any("pass" in name.lower() for name, _ in parse_qsl(urlsplit(url).query)):
            return True
    return ":" in user


def without_password(url: str) -> str:
    """Return an address as it may be stored: with the user, without any password.

    >>> without_password("postgresql://ann:secret@school/seams?password=x&sslmode=require")
    'postgresql://ann@school/seams?sslmode=require'
    """
    start, _, query = url.partition("?")
    start = _USER.sub(lambda m: m[1] + (f"{m[2][:-1].partition(':')[0]}@" if m[2] else ""), start)
    rest = [(name, value) for name, value in parse_qsl(query) if "pass" not in name.lower()]
    return f"{start}?{urlencode(rest, safe='/')}" if rest else start


def is_same_place(one: str, other: str) -> bool:
    """Return whether two addresses name the same database, whoever opens it and with whichever driver."""
    if not is_server(one) or not is_server(other):
        return one == other
    return _place(one) == _place(other)


def _place(url: str) -> tuple[str, int, str]:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    host = parts.hostname or query.get("host", "")
    port = parts.port or int(query.get("port", _PORT))
    return host, port, unquote(parts.path.strip("/")) or query.get("dbname", "")


def check_server(url: str, where: str) -> None:
    """Refuse an address that is no PostgreSQL server's.

    Args:
        url: the address.
        where: who names it, the subject of the error.
    """
    try:
        if not is_server(url):
            raise ValueError
        _place(url)
    except ValueError as error:
        raise WorkspaceError(
            f"{where} is not the address of a PostgreSQL database.",
            "Write it like postgresql://user@host/database.",
        ) from error


def own_file(folder: Path) -> str:
    """Return the address of the SQLite file in the folder of a workspace."""
    return f"sqlite:///{quote((folder / FILE).resolve().as_posix(), safe='/: ')}"


def from_environment() -> str | None:
    """Return the address of the server that `VARIABLE` names; none where it names none.

    Raises:
        WorkspaceError: it is no server's.
    """
    url = os.environ.get(VARIABLE, "").strip()
    if url:
        check_server(url, VARIABLE)
    return url or None


def of_workspace(folder: Path, setting: str, *, use_environment: bool = True) -> str:
    """Return the address of the labels of the workspace in ``folder``.

    It is that of the environment, else the setting, else the SQLite file of the folder. The environment takes no labels away from
    a file that has them.

    Args:
        folder: of the workspace.
        setting: ``database`` of its workspace.toml; empty where there is none.
        use_environment: False is how it would be without `VARIABLE`.

    Raises:
        WorkspaceError: the environment names a server, but the labels are in a file.
    """
    own = setting or own_file(folder)
    server = from_environment() if use_environment else None
    if server is None:
        return own
    has_file = not setting and (folder / FILE).is_file()
    if has_file or (setting and not is_server(setting)):
        raise WorkspaceError(
            f"The labels of this workspace are in {shown(own)}, but {VARIABLE} names {shown(server)}.",
            f"Move them with “python -m core labels move --to {without_password(server)}”, or unset the variable.",
        )
    return server


def check_setting(setting: str) -> None:
    """Refuse a password in workspace.toml, and what is no address though it begins like one.

    Raises:
        WorkspaceError: there is one, or it cannot be understood.
    """
    if has_password(setting):
        raise WorkspaceError(
            f"The address of the database {shown(setting)} in workspace.toml holds a password.",
            f"Take it out. {SECRET}",
        )
    if is_server(setting):
        check_server(setting, "The database in workspace.toml")

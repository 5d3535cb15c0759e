"""Programs that ask the server for inspections: each has a name and a token, made on the command line, stored as a hash.

Without any client there is no such interface. Only the owner of the folder may read the file, and no backup holds it.
"""

import hashlib
import json
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock

from filelock import FileLock

from core import names
from core.access import hashes
from core.access.private import write_private
from core.access.rights import Right, needs
from core.errors import AccessError, WorkspaceError
from core.files import writable
from core.json_files import DamagedError, checked, read_record

FILE = "clients.json"
MOST = 100
"""Clients of a workspace."""
REMEMBERED = 200
"""Tokens that were right are not hashed slowly again: scrypt takes longer than many an inspection."""
TOKEN = re.compile(r"seamlens_([0-9a-f]{8})_[A-Za-z0-9_-]{43}")
"""A prefix by which programs that look for lost secrets know it, the client's id, and 256 random bits."""

_right: "OrderedDict[bytes, Client]" = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class Client:
    """A program that may ask.

    Args:
        id: stands in its token.
        name: what the owner calls it.
        hash: of its token.
        made: when (ISO 8601, UTC).
    """

    id: str
    name: str
    hash: str
    made: str


@dataclass(frozen=True)
class _File:
    clients: tuple[Client, ...] = ()


@needs(Right.PEOPLE)
def add(folder: Path, name: str) -> str:
    """Make a client of the workspace in ``folder``; return its token, which can be read nowhere later.

    Raises:
        AccessError: another client has this name, or there are too many.
        WorkspaceError: the file is damaged, or cannot be written.
    """
    name, id = names.client(name), secrets.token_hex(4)
    token = f"seamlens_{id}_{secrets.token_urlsafe(32)}"
    client = Client(id, name, hashes.hashed(token), datetime.now(UTC).isoformat(timespec="seconds"))

    def added(before: _File) -> _File:
        if any(names.key(each.name) == names.key(name) for each in before.clients):
            raise AccessError(
                f"There is a client {names.quoted(name)} already.", "Remove it first, or take another name."
            )
        if len(before.clients) >= MOST:
            raise AccessError(f"There are {MOST} clients already.", "Remove one first.")
        return _File((*before.clients, client))

    _change(folder, added)
    return token


@needs(Right.PEOPLE)
def remove(folder: Path, name: str) -> None:
    """Remove a client: its token opens nothing from now on.

    Raises:
        AccessError: there is none of this name.
        WorkspaceError: the file is damaged, or cannot be written.
    """

    def removed(before: _File) -> _File:
        rest = tuple(each for each in before.clients if names.key(each.name) != names.key(name))
        if len(rest) == len(before.clients):
            known = ", ".join(each.name for each in rest) or "none"
            raise AccessError(f"There is no client {names.quoted(name)}.", f"Clients here: {known}.")
        return replace(before, clients=rest)

    _change(folder, removed)


@needs(Right.PEOPLE)
def listed(folder: Path) -> list[Client]:
    """Return the clients of the workspace in ``folder``.

    Raises:
        WorkspaceError: the file is damaged.
    """
    return list(_read(folder).clients)


def are_there(folder: Path) -> bool:
    """Return whether the workspace in ``folder`` has a client.

    Raises:
        WorkspaceError: the file is damaged.
    """
    return bool(_read(folder).clients)


def remembered(folder: Path, token: str) -> Client | None:
    """Return the client of a token that was right before and still is; none where that is not known. Takes no time."""
    with _lock:
        client = _right.get(_digest(folder, token))
    return client if client in _read(folder).clients else None


def client_of(folder: Path, token: str) -> Client | None:
    """Return the client of a token; none where it is wrong. It takes as long for a wrong one as for a right one.

    Raises:
        WorkspaceError: the file is damaged.
    """
    id = found[1] if (found := TOKEN.fullmatch(token)) else ""
    client = next((each for each in _read(folder).clients if each.id == id), None)
    if not hashes.fits(token, client.hash if client else "") or client is None:
        return None
    with _lock:
        _right[_digest(folder, token)] = client
        while len(_right) > REMEMBERED:
            _right.popitem(last=False)
    return client


def _digest(folder: Path, token: str) -> bytes:
    return hashlib.sha256(f"{folder.resolve()}\n{token}".encode(errors="replace")).digest()


def _change(folder: Path, make: Callable[[_File], _File]) -> None:
    with writable(folder), FileLock(folder / ".clients.lock", mode=0o600):
        after = make(_read(folder))
        write_private(folder / FILE, json.dumps(asdict(after), indent=1, ensure_ascii=False) + "\n")


def _read(folder: Path) -> _File:
    file = folder / FILE
    try:
        status = file.stat()
        return _parsed(file, (status.st_ino, status.st_mtime_ns, status.st_size))
    except FileNotFoundError:
        return _File()
    except DamagedError as error:
        raise WorkspaceError(
            f"{file} is damaged: {error}.", "Delete it, and give each client a new token."
        ) from error


@lru_cache(maxsize=8)
def _parsed(file: Path, _version: tuple[int, int, int]) -> _File:
    return read_record(file, lambda values: checked(_File, values))

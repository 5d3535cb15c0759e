"""The file of a workspace with the people of its class and the hashes of their PINs and of the codes.

Only the owner of the folder may read it, and no backup holds it: whoever had it could try all PINs of four digits.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path

from filelock import FileLock

from core import names
from core.access.person import Role
from core.access.private import write_private
from core.errors import WorkspaceError
from core.files import writable
from core.json_files import DamagedError, checked, read_record

FILE = "people.json"


@dataclass(frozen=True)
class Account:
    """Somebody who signs in.

    Args:
        id: stays, whatever they are called.
        name: under which they answer.
        role: what they were when they last signed in.
        pin: hash of their PIN; empty where the next sign-in chooses one.
        generation: how often they were signed out everywhere.
        signed_in: when they last signed in (ISO 8601, UTC).
        ended: sign-ins that they ended themselves, each with the time (Unix seconds) after which it would have expired.
        former: what they were called before, the latest last: labels may still wait in a browser under these names.
    """

    id: str
    name: str
    role: Role
    pin: str
    generation: int = 0
    signed_in: str = ""
    ended: tuple[tuple[str, float], ...] = ()
    former: tuple[str, ...] = ()


@dataclass(frozen=True)
class Code:
    """A code as it is stored: its hash, and how often it was changed before."""

    hash: str
    number: int = 0


@dataclass(frozen=True)
class ClassFile:
    """What the file holds.

    Args:
        id: of the class; names what `core.access.codes` keeps of it on this computer.
        codes: of students and instructors; none before the first server.
        people: who has signed in.
    """

    id: str
    codes: dict[Role, Code] = field(default_factory=dict)
    people: tuple[Account, ...] = ()

    def named(self, name: str) -> Account | None:
        """Return who has this name, however it is written; none where nobody has."""
        wanted = names.key(name)
        return next((each for each in self.people if names.key(each.name) == wanted), None)

    def of_id(self, id: str) -> Account | None:
        """Return who has this id; none where they were erased."""
        return next((each for each in self.people if each.id == id), None)

    def with_account(self, account: Account) -> "ClassFile":
        """Return the same with an account in the place of the one with its id, or beside the others."""
        others = tuple(account if each.id == account.id else each for each in self.people)
        people = others if self.of_id(account.id) else (*others, account)
        return ClassFile(self.id, self.codes, people)

    def without(self, account: Account) -> "ClassFile":
        """Return the same without an account."""
        return ClassFile(self.id, self.codes, tuple(each for each in self.people if each.id != account.id))


def exists(folder: Path) -> bool:
    """Return whether the workspace in ``folder`` has been served to a class."""
    return (folder / FILE).is_file()


def read(folder: Path) -> ClassFile:
    """Return the file of the workspace in ``folder``; one without codes and people where there is none.

    Raises:
        WorkspaceError: it is damaged.
    """
    file = folder / FILE
    try:
        status = file.stat()
        return _read(file, (status.st_ino, status.st_mtime_ns, status.st_size))
    except FileNotFoundError:
        return ClassFile("")
    except DamagedError as error:
        raise WorkspaceError(
            f"{file} is damaged: {error}.", "Delete it: people choose new PINs then, and keep their answers."
        ) from error


def change(folder: Path, make: Callable[[ClassFile], ClassFile]) -> ClassFile:
    """Replace what the file holds by what ``make`` makes of it, one after the other; return the new.

    Raises:
        WorkspaceError: the file is damaged, or cannot be written.
    """
    with writable(folder), FileLock(folder / ".people.lock", mode=0o600):
        before = read(folder)
        after = make(before if before.id else ClassFile(secrets.token_hex(8)))
        if after != before:
            write_private(folder / FILE, json.dumps(asdict(after), indent=1, ensure_ascii=False) + "\n")
    return after


@lru_cache(maxsize=8)
def _read(file: Path, _version: tuple[int, int, int]) -> ClassFile:
    return read_record(file, lambda values: checked(ClassFile, values))

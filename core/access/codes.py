"""The two codes of a class: whoever has the class code comes in as a student, whoever has the instructor code as an instructor.

They stay the same from lesson to lesson. The workspace holds only their hashes; as they are typed they lie in the private
folder of the user who serves the class (`core.access.private`), with the key that signs cookies.
"""

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path

from core.access import class_file, hashes
from core.access.class_file import ClassFile, Code
from core.access.person import Role
from core.access.private import private_folder, write_private
from core.access.rights import Right, check
from core.errors import WorkspaceError
from core.json_files import DamagedError, checked, read_record

LETTERS = "34679ACDEFGHJKMNPQRTVWXY"
"""None looks like another: no 0 and O, 1, I and L, 2 and Z, 5 and S, 8 and B, U and V."""
LENGTH = 8

CODES = (Role.STUDENT, Role.INSTRUCTOR)


@dataclass(frozen=True)
class Codes:
    """The codes as they are typed, and the key (hexadecimal) that signs the cookies of the class."""

    student: str
    instructor: str
    key: str


def made_code() -> str:
    """Return a new code, in two groups: MKWT-R4CX."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    return f"{letters[:4]}-{letters[4:]}"


def comparable(code: str) -> str:
    """Return a code as it is compared: capitals and digits only."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def readable_codes(folder: Path) -> Codes | None:
    """Return the codes of the workspace in ``folder``; none before its first server, and on another computer than that.

    Raises:
        AccessError: who acts is a student.
    """
    check(Right.PEOPLE)
    return _stored(class_file.read(folder).id)


def key(folder: Path) -> str:
    """Return what signs the cookies of the class; empty where it has never been served here, so that no cookie is valid."""
    stored = _stored(class_file.read(folder).id)
    return stored.key if stored else ""


def ensure(folder: Path) -> Codes:
    """Return the codes of the workspace in ``folder``, made where it has none that can be read here.

    Raises:
        AccessError: who acts is a student.
        WorkspaceError: a file is damaged, or cannot be written.
    """
    known, stored = readable_codes(folder), class_file.read(folder).codes
    if known and all(
        role in stored and hashes.fits(comparable(typed), stored[role].hash)
        for role, typed in zip(CODES, (known.student, known.instructor), strict=True)
    ):
        return known
    return renew(folder)


def renew(folder: Path, roles: Collection[Role] = CODES) -> Codes:
    """Make new codes for these roles, and sign out who came in with the old ones; return all.

    Raises:
        AccessError: who acts is a student.
        WorkspaceError: the codes cannot be written, or one is to stay that cannot be read here.
    """
    check(Right.PEOPLE)
    new = {role: made_code() for role in CODES if role in roles}
    hashed = {role: hashes.hashed(comparable(code)) for role, code in new.items()}
    made: list[Codes] = []

    def changed(before: ClassFile) -> ClassFile:
        made.append(_with(before, new))
        write_private(_file(before.id), json.dumps(asdict(made[-1]), indent=1) + "\n")
        numbers = {role: before.codes[role].number + 1 if role in before.codes else 0 for role in hashed}
        codes = {role: Code(hashed[role], numbers[role]) for role in hashed}
        return replace(before, codes={**before.codes, **codes})

    class_file.change(folder, changed)
    return made[-1]


def role_of(file: ClassFile, code: str) -> Role | None:
    """Return as what a code lets somebody in; none where it does not. It takes as long for a right code as for a wrong one."""
    typed = comparable(code)
    fitting = [
        role for role in CODES if hashes.fits(typed, file.codes[role].hash if role in file.codes else "")
    ]
    return fitting[0] if fitting else None


def _with(file: ClassFile, new: Mapping[Role, str]) -> Codes:
    """Return the codes that this computer can read with new ones in their place."""
    before = _stored(file.id)
    if before is None and len(new) < len(CODES):
        raise WorkspaceError("The codes of this class were made on another computer.", "Make both anew.")
    old = before or Codes("", "", secrets.token_hex(32))
    return replace(old, **{str(role): code for role, code in new.items()})


def _file(id: str) -> Path:
    return private_folder() / f"class-{id}.json"


def _stored(id: str) -> Codes | None:
    if not id:
        return None
    file = _file(id)
    try:
        status = file.stat()
        return _read(file, (status.st_ino, status.st_mtime_ns, status.st_size))
    except (FileNotFoundError, DamagedError):  # it is made anew with the codes
        return None


@lru_cache(maxsize=8)
def _read(file: Path, _version: tuple[int, int, int]) -> Codes:
    return read_record(file, lambda values: checked(Codes, values))

"""The people of a class: how they sign in, and what an instructor does about them.

Nothing here slows attempts down: `core.access.attempts` does, in the server.
"""

import re
import secrets
import time
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from core import names
from core.access import class_file, codes, hashes
from core.access.class_file import Account, ClassFile
from core.access.person import NOBODY, Person, Role
from core.access.rights import Right, check
from core.errors import AccessError

LASTS = 12 * 60 * 60
"""Seconds that a sign-in lasts: a day of lessons."""

MOST_PEOPLE = 500
MOST_ENDED = 50
"""Sign-ins that one person ended and that are remembered; beyond, all of theirs end."""

MOST_FORMER = 20
"""Names that somebody had before and that are remembered."""

WRONG = "The code, the name or the PIN does not fit."
"""Of a wrong code and a wrong PIN alike: it must not say which of them was right."""
WHAT_NOW = "Check the code and your PIN. If you forgot your PIN, ask your instructor for a new one."


@dataclass(frozen=True)
class Ticket:
    """What a signed cookie says; worth nothing without its signature.

    Args:
        account: id of who signed in.
        session: id of this sign-in.
        role: as what.
        code: number of the code with which they came in; a new code ends what came in with the old one.
        generation: of the account.
    """

    account: str
    session: str
    role: Role
    code: int
    generation: int


def read_pin(text: str) -> str:
    """Return a PIN as digits 0 to 9.

    Raises:
        AccessError: it is none.
    """
    pin = unicodedata.normalize("NFKC", text).strip()
    if not re.fullmatch("[0-9]{4,12}", pin):
        raise AccessError("A PIN is 4 to 12 digits.", "Choose one that you can remember, such as six digits.")
    return pin


def sign_in(
    folder: Path,
    code: str,
    name: str,
    pin: str,
    may_join: Callable[[], bool] = lambda: True,
    instructors: Collection[str] = (),
) -> Ticket:
    """Let somebody into the class of the workspace in ``folder``. A new name takes the PIN; later the PIN must be the same.

    Args:
        folder: of the workspace.
        code: of the class, or of its instructors.
        name: under which they answer.
        pin: theirs.
        may_join: asked, once all is right, whether one more new name may come in now.
        instructors: names that nobody takes with the class code.

    Raises:
        AccessError: code and PIN do not fit, in the same words for both, or the class is full.
        LabelError: it is no name.
    """
    name, pin, file = names.annotator(name), read_pin(pin), class_file.read(folder)
    role, known = codes.role_of(file, code), file.named(name)
    pin_fits = hashes.fits(pin, known.pin if known else "")
    is_new = known is None or not known.pin
    if role is None or not (is_new or pin_fits):
        raise AccessError(WRONG, WHAT_NOW)
    if is_new and role == Role.STUDENT and names.is_among(name, instructors):
        raise AccessError("This is the name of an instructor.", "Use the instructor code, or another name.")
    digest = hashes.hashed(pin) if is_new else ""
    signed_in: list[Account] = []

    def changed(before: ClassFile) -> ClassFile:
        account = before.named(name) or _new_account(before, name, role, may_join)
        if account.pin != (known.pin if known else ""):  # somebody was faster
            raise AccessError(WRONG, WHAT_NOW)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        signed_in.append(replace(account, pin=account.pin or digest, role=role, signed_in=at))
        return before.with_account(signed_in[-1])

    file, account = class_file.change(folder, changed), signed_in[-1]
    return Ticket(account.id, secrets.token_hex(8), role, file.codes[role].number, account.generation)


def person_of(folder: Path, ticket: Ticket) -> Person:
    """Return who has a ticket: `NOBODY` once they were signed out or erased, or the code was changed."""
    file = class_file.read(folder)
    account, code = file.of_id(ticket.account), file.codes.get(ticket.role)
    if account is None or code is None or code.number != ticket.code:
        return NOBODY
    if account.generation != ticket.generation or ticket.session in dict(account.ended):
        return NOBODY
    return Person(account.name, ticket.role)


def name_now(folder: Path, name: str) -> str:
    """Return what somebody is called now whose name this was before; the name itself where it is somebody's, or was nobody's."""
    file, wanted = class_file.read(folder), names.key(name)
    if file.named(name):
        return name
    renamed = [each for each in file.people if wanted in map(names.key, each.former)]
    return renamed[0].name if len(renamed) == 1 else name


def end(folder: Path, ticket: Ticket) -> None:
    """Sign out one browser, for good: a copy of its cookie is worth nothing either."""

    def ended(before: ClassFile) -> ClassFile:
        account = before.of_id(ticket.account)
        if account is None:
            return before
        kept = tuple(each for each in account.ended if each[1] > time.time())
        if len(kept) >= MOST_ENDED:
            return before.with_account(replace(account, generation=account.generation + 1, ended=()))
        session = (ticket.session, time.time() + LASTS)
        return before.with_account(replace(account, ended=(*kept, session)))

    class_file.change(folder, ended)


# What the owner and instructors do.


def people(folder: Path) -> list[Account]:
    """Return who has signed in, by name.

    Raises:
        AccessError: who acts is a student.
    """
    check(Right.PEOPLE)
    return sorted(class_file.read(folder).people, key=lambda each: names.key(each.name))


def rename(folder: Path, name: str, new: str) -> str:
    """Give somebody another name to sign in with, and return it in its one form. Their answers: `core.labels.people.rename`.

    Raises:
        AccessError: who acts is a student, nobody is called ``name``, or somebody else is called ``new``.
        LabelError: ``new`` cannot be a name.
    """
    check(Right.PEOPLE)
    new = names.annotator(new)

    def renamed(before: ClassFile) -> ClassFile:
        account, other = _named(before, name), before.named(new)
        if other is not None and other.id != account.id:
            raise AccessError(f"{other.name} is in the class already.", "Choose another name.")
        former = (*account.former, account.name)[-MOST_FORMER:]
        return before.with_account(replace(account, name=new, former=former))

    class_file.change(folder, renamed)
    return new


def erase(folder: Path, name: str) -> None:
    """Forget that somebody signed in, with their PIN; they are signed out. Their answers: `core.labels.people.erase`.

    Raises:
        AccessError: who acts is a student, or nobody has this name.
    """
    check(Right.PEOPLE)
    class_file.change(folder, lambda before: before.without(_named(before, name)))


def sign_out(folder: Path, name: str) -> None:
    """Sign somebody out on all their devices; they may sign in again.

    Raises:
        AccessError: who acts is a student, or nobody has this name.
    """
    _change_account(
        folder, name, lambda account: replace(account, generation=account.generation + 1, ended=())
    )


def reset_pin(folder: Path, name: str) -> None:
    """Let somebody choose a new PIN the next time they sign in, and sign them out.

    Raises:
        AccessError: who acts is a student, or nobody has this name.
    """
    _change_account(
        folder, name, lambda account: replace(account, pin="", generation=account.generation + 1, ended=())
    )


def _change_account(folder: Path, name: str, make: Callable[[Account], Account]) -> None:
    check(Right.PEOPLE)
    class_file.change(folder, lambda before: before.with_account(make(_named(before, name))))


def _named(file: ClassFile, name: str) -> Account:
    if account := file.named(name):
        return account
    raise AccessError(f"Nobody called {names.quoted(name)} has signed in here.", "Check the name.")


def _new_account(file: ClassFile, name: str, role: Role, may_join: Callable[[], bool]) -> Account:
    if len(file.people) >= MOST_PEOPLE:
        raise AccessError(f"{MOST_PEOPLE} people have signed in, and no more can.", "Ask your instructor.")
    if not may_join():
        raise AccessError("Too many people join at once.", "Wait a minute, then try again.")
    return Account(secrets.token_hex(8), name, role, pin="")

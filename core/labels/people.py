"""People of a class and their answers: another name, and none.

The log of labels names people by permanent ids, so what they answered stays theirs whatever they are called, and no event is
rewritten. Files that were made before (runs, sessions, exports, reports, backups) keep the name of then.
"""

from sqlalchemy import Connection, func, select, update

from core.access import accounts, class_file
from core.access.rights import Right, check
from core.errors import AccessError
from core.files import natural
from core.labels.labels import DRAWN, annotator_here
from core.names import annotator as annotator_name
from core.names import key, quoted
from core.storage import database as db
from core.workspace import Workspace

ERASED = "erased person"
"""Begins the name under which the answers of somebody stay who was erased."""


def rename(workspace: Workspace, name: str, new: str) -> str:
    """Give somebody another name, to sign in and of all their answers; return it in its one form.

    Raises:
        AccessError: who acts is a student, nobody is called ``name``, or ``new`` is taken.
        LabelError: ``new`` cannot be a name.
        WorkspaceError: something cannot be written. Then both names are as before.
    """
    check(Right.PEOPLE)
    new = annotator_name(new)
    with db.writing(workspace) as connection:
        name = _check_known(connection, workspace, name)
        _check_free(connection, name, new)
        _rename(connection, name, new)
        if class_file.read(workspace.path).named(name):
            accounts.rename(workspace.path, name, new)
    return new


def erase(workspace: Workspace, name: str) -> str:
    """Forget who somebody is: their sign-in goes, and their answers stay under a name that says nothing, which is returned;
    empty where there are none.

    The consensus, and networks that learned from it, stay as they are.

    Raises:
        AccessError: who acts is a student, or nobody is called ``name``.
        WorkspaceError: something cannot be written.
    """
    check(Right.PEOPLE)
    with db.writing(workspace) as connection:
        name = _check_known(connection, workspace, name)
        stays = ""
        if _id(connection, name) is not None:
            stays = _unused(connection)
            _rename(connection, name, stays)
        if class_file.read(workspace.path).named(name):
            accounts.erase(workspace.path, name)
    return stays


def with_answers(workspace: Workspace) -> list[str]:
    """Return the names under which something was answered, or that are assigned to a video; that of drawn labels is no person's.

    Raises:
        AccessError: who acts is a student.
    """
    check(Right.PEOPLE)
    a = db.annotators.c
    with db.reading(workspace) as connection:
        people = connection.scalars(select(a.name).where(~a.hidden, a.name != DRAWN))
        return sorted(people, key=natural)


def _check_known(connection: Connection, workspace: Workspace, name: str) -> str:
    """Return the name of somebody as it is written here."""
    written = annotator_here(connection, name)
    account = class_file.read(workspace.path).named(written)
    if key(written) == key(DRAWN) or (account is None and _id(connection, written) is None):
        raise AccessError(
            f"Nobody here is called {quoted(name)}.", "Check the name: “people list” shows all."
        )
    return written if _id(connection, written) is not None or account is None else account.name


def _check_free(connection: Connection, name: str, new: str) -> None:
    """Refuse a name under which somebody else has answered: nobody could tell the answers of the two apart again."""
    here = annotator_here(connection, new)
    if key(new) == key(DRAWN) or (_id(connection, here) is not None and key(here) != key(name)):
        raise AccessError(f"There are answers of {quoted(here)} already.", "Choose another name.")


def _id(connection: Connection, name: str) -> int | None:
    return connection.scalar(select(db.annotators.c.id).where(db.annotators.c.name == name))


def _rename(connection: Connection, name: str, new: str) -> None:
    connection.execute(update(db.annotators).where(db.annotators.c.name == name).values(name=new))


def _unused(connection: Connection) -> str:
    number = connection.scalar(select(func.max(db.annotators.c.id))) or 0
    taken = set(connection.scalars(select(db.annotators.c.name)))
    return next(
        made for added in range(len(taken) + 1) if (made := f"{ERASED} {number + added}") not in taken
    )

"""What each role may do. Every function of core that changes or reveals something asks `check` or `check_name`."""

from enum import Enum

from core import names
from core.access.person import Role, current
from core.errors import AccessError


class Right(Enum):
    """Something to be allowed: the least role that may do it, and the words for it in an error."""

    LOOK = Role.STUDENT, "look at the class"
    ADD = Role.STUDENT, "add videos and pictures"
    LABEL = Role.STUDENT, "label"
    SPLIT = Role.STUDENT, "make a split"
    TRAIN = Role.STUDENT, "train"
    TEST = Role.STUDENT, "test"
    LIVE = Role.STUDENT, "use the live view"
    SEE_OTHERS = Role.INSTRUCTOR, "see what others answered"
    ASSIGN = Role.INSTRUCTOR, "assign videos"
    ADJUDICATE = Role.INSTRUCTOR, "decide what others answered differently"
    VOUCH = Role.INSTRUCTOR, "make frames gold"
    DELETE = Role.INSTRUCTOR, "delete or rename what the class has"
    SETTINGS = Role.INSTRUCTOR, "change the settings of the class"
    EXPORT_NAMES = Role.INSTRUCTOR, "export answers with names"
    BACK_UP = Role.INSTRUCTOR, "make or restore backups"
    PEOPLE = Role.INSTRUCTOR, "rename people or sign them out"

    def __init__(self, least: Role, words: str) -> None:
        self.least, self.words = least, words


_ORDER = list(Role)


def may(right: Right) -> bool:
    """Return whether who acts may do something: what a page asks before it shows a control."""
    return _ORDER.index(current().role) >= _ORDER.index(right.least)


def check(right: Right) -> None:
    """Refuse what who acts may not do.

    Raises:
        AccessError: their role is too small, or they have not signed in.
    """
    if may(right):
        return
    if current().role == Role.NOBODY:
        raise AccessError("You are not signed in.", "Sign in, then try again.")
    raise AccessError(f"Only an instructor may {right.words}.", "Ask your instructor.")


def check_name(name: str) -> None:
    """Refuse answers under another name than one's own; the owner of the folder may use any.

    Raises:
        AccessError: the name is another person's, or nobody is signed in.
    """
    check(Right.LABEL)
    person = current()
    if person.role != Role.OWNER and names.key(name) != names.key(person.name):
        raise AccessError(
            f"You signed in as {person.name} and cannot answer as {name}.", "Use your own name."
        )

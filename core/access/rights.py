"""What each role may do. Every function of core that changes or reveals something asks one of the functions below.

`needs` is for what only depends on the role; `check_name` for answers, which are one's own; `check_own` for what somebody has begun
and may end; `check_seen` for answers that only their annotator and instructors see.
"""

from collections.abc import Callable, Collection
from enum import Enum
from functools import wraps

from core import names
from core.access.person import Given, Result, Role, current
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
    OTHERS_WORK = Role.INSTRUCTOR, "change or end what somebody else has begun"
    SETTINGS = Role.INSTRUCTOR, "change the settings of the class"
    EXPORT_NAMES = Role.INSTRUCTOR, "export what one person answered"
    BACK_UP = Role.INSTRUCTOR, "make or restore backups"
    REPAIR = Role.INSTRUCTOR, "repair the workspace"
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


def needs(right: Right) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
    """Make a function refuse those who may not do something: a decorator. The function shows the right as ``right``."""

    def decorate(function: Callable[Given, Result]) -> Callable[Given, Result]:
        @wraps(function)
        def checked(*args: Given.args, **kwargs: Given.kwargs) -> Result:
            check(right)
            return function(*args, **kwargs)

        checked.right = right  # type: ignore[attr-defined]
        return checked

    return decorate


def is_self(name: str) -> bool:
    """Return whether a name is that of who acts; the owner of the folder may use any."""
    person = current()
    if person.role == Role.OWNER:
        return True
    # An empty name is nobody's, also not that of somebody without a name.
    return bool(name.strip()) and names.key(name) == names.key(person.name)


def check_name(name: str) -> None:
    """Refuse answers under another name than one's own; the owner of the folder may use any.

    Raises:
        AccessError: the name is another person's, or nobody is signed in.
    """
    check(Right.LABEL)
    if not is_self(name):
        raise AccessError(
            f"You signed in as {current().name} and cannot answer as {name}.", "Use your own name."
        )


def may_own(name: str, right: Right = Right.OTHERS_WORK) -> bool:
    """Return whether `check_own` lets who acts."""
    return may(right) or (may(Right.LOOK) and is_self(name))


def check_own(name: str, right: Right = Right.OTHERS_WORK) -> None:
    """Refuse what only the person of that name may do, and who has a right.

    Raises:
        AccessError: who acts is neither, or nobody is signed in.
    """
    check(Right.LOOK)
    if not is_self(name):
        check(right)


def check_seen(name: str | None) -> None:
    """Refuse to show the answers of the person of that name, of everybody where it is None, to other students.

    Raises:
        AccessError: who acts may see their own answers only, or nobody is signed in.
    """
    check_own(name or "", Right.SEE_OTHERS)


def own_name(name: str) -> str:
    """Return under which name who acts begins something: their own, whatever ``name`` is; only the owner of the folder may choose."""
    person = current()
    return name if person.role == Role.OWNER else person.name


def shown_name(name: str) -> str:
    """Return the name of who has begun something as who acts may read it; empty where it is not for them."""
    return name if is_self(name) or may(Right.SEE_OTHERS) else ""


def is_instructor(name: str, instructors: Collection[str]) -> bool:
    """Return whether who acts is an instructor.

    Args:
        name: that they go by; it counts for the owner of the folder alone, who nobody has asked for a code.
        instructors: named in the settings of the workspace; where none is, the owner is one under every name.
    """
    if current().role == Role.OWNER:
        return not instructors or names.is_among(name, instructors)
    return may(Right.ADJUDICATE)

"""Who acts: the owner of the folder on the command line and in the plain app, a person who signed in on a class server."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Role(StrEnum):
    """What somebody is in the class. Each may do what the ones before may.

    Args:
        NOBODY: has not signed in, or is signed out.
        STUDENT: signed in with the class code.
        INSTRUCTOR: signed in with the instructor code.
        OWNER: whoever can write in the folder anyway: the command line, and the app that serves this computer alone.
    """

    NOBODY = "nobody"
    STUDENT = "student"
    INSTRUCTOR = "instructor"
    OWNER = "owner"


@dataclass(frozen=True)
class Person:
    """Who acts.

    Args:
        name: under which they answer; empty for the owner, who may use any name, and for nobody.
        role: what they are in the class.
    """

    name: str
    role: Role


OWNER = Person("", Role.OWNER)
NOBODY = Person("", Role.NOBODY)

_acting: ContextVar[Person | None] = ContextVar("acting", default=None)
_recognise: Callable[[], Person] = lambda: OWNER  # noqa: E731


def current() -> Person:
    """Return who acts here and now: as `acting_as` says, otherwise as the server recognises them."""
    return _acting.get() or _recognise()


@contextmanager
def acting_as(person: Person) -> Iterator[None]:
    """Do the block in somebody's name. Threads that it starts do not inherit it; they take it with them themselves."""
    token = _acting.set(person)
    try:
        yield
    finally:
        _acting.reset(token)


def carried(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Return ``function`` so that it acts as who acts now, wherever it is called: in a thread, or by a stream."""
    person = current()

    @wraps(function)
    def acting(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        with acting_as(person):
            return function(*args, **kwargs)

    return acting


def recognise_by(recognise: Callable[[], Person]) -> None:
    """Let a server say who acts where no block does. It returns `NOBODY` for whom it does not know."""
    global _recognise
    _recognise = recognise

"""What goes wrong with a database, in words for users and without its password."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, OperationalError, TimeoutError

from core.database_urls import is_server, shown
from core.errors import WorkspaceError
from core.storage import postgresql

WAIT_SECONDS = 20
"""How long a writer of a file waits for its turn before it gives up."""


@contextmanager
def plain_errors(url: str) -> Iterator[None]:
    """Turn a failure of the file or the server into an error for users; a fault of a statement stays what it is."""
    try:
        yield
    except (DatabaseError, InterfaceError, TimeoutError) as error:  # gone, cut off, or too busy to answer
        if is_server(url) and (plain := postgresql.plain_error(error, url)):
            raise plain from error
        if isinstance(error, DatabaseError) and type(error) not in (DatabaseError, OperationalError):
            raise
        raise unusable(url, error) from error


def unusable(url: str, error: Exception) -> WorkspaceError:
    """Return why a database cannot be used."""
    why = _without_password(str(error).splitlines()[0], url)
    if "is full" in why or "No space left" in why:
        return WorkspaceError(
            f"The disk is full: the labels database {shown(url)} cannot be written.",
            "Free some space, then try again.",
        )
    if "is locked" in why:
        return WorkspaceError(
            f"Another program holds the labels database {shown(url)}, and did not free it within {WAIT_SECONDS} seconds.",
            "Try again, or end that program.",
        )
    if any(words in why for words in ("malformed", "not a database")):
        return WorkspaceError(
            f"The labels database {shown(url)} is damaged ({why}).",
            "See what “python -m core check” says, or restore a backup into a new folder.",
        )
    return WorkspaceError(
        f"The labels database {shown(url)} cannot be read or written ({why}).",
        "Check the file or the address.",
    )


def _without_password(text: str, url: str) -> str:
    with suppress(ArgumentError, ValueError):
        address = make_url(url)
        for secret in (address.password, *(v for k, v in address.query.items() if "pass" in k.lower())):
            text = text.replace(str(secret), "…") if secret else text
    return text

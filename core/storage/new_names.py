"""How many new annotators a database takes in a minute: whoever reaches the server could invent thousands, which make every
number about people slow and meaningless."""

import time
from collections import defaultdict, deque
from threading import Lock

from sqlalchemy import Connection, select

from core.errors import LabelError
from core.storage import database as db

MOST = 100
"""New names in a minute. A class of sixty that begins at the same moment stays below."""
MINUTE = 60.0
"""Seconds."""

_lock = Lock()
_came: dict[str, deque[float]] = defaultdict(deque)
"""When new names came, in this process, by the address of the database."""


def check(connection: Connection, name: str) -> None:
    """Refuse one more new annotator where too many came within a minute; one who is known may always come.

    Raises:
        LabelError: wait.
    """
    people = db.annotators.c
    if connection.scalar(select(people.id).where(people.name == name)) is not None:
        return
    with _lock:
        came, now = _came[str(connection.engine.url)], time.monotonic()
        while came and came[0] < now - MINUTE:
            came.popleft()
        if len(came) >= MOST:
            raise LabelError(
                f"More than {MOST} new names came within a minute.", "Wait a minute, then try again."
            )
        came.append(now)

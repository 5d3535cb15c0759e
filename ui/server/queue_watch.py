"""What the server does also while nobody has a page open: it looks after the queue, for a training that is killed tells
nobody, and it learns the instant network.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from core.access.person import OWNER, acting_as
from core.jobs import slots
from core.jobs.background import BACKGROUND
from ui.server.instant_learning import LEARNER
from ui.server.served_workspace import served_workspace

EVERY = 30.0
"""Seconds between two looks. One takes milliseconds, and nothing is started where nothing is queued."""


@asynccontextmanager
async def attended(app: Any) -> AsyncIterator[None]:
    """Look after the queue, and learn, for as long as the server runs.

    The trainings are processes of their own and go on after it; what pages have begun beside them ends with it.
    """
    over = threading.Event()
    for name, work in (("attends-to-queue", attend), ("learns", LEARNER.attend)):
        # A daemon: it must not keep a server alive that was asked to end.
        threading.Thread(target=_as_owner, args=(work, over), name=name, daemon=True).start()
    try:
        yield
    finally:
        over.set()
        await asyncio.to_thread(BACKGROUND.end)


def _as_owner(work: Callable[[threading.Event], None], over: threading.Event) -> None:
    """Do the server's own work, which nobody of the class asks for, with the rights of the folder's owner."""
    with acting_as(OWNER):
        work(over)


def attend(over: threading.Event) -> None:
    """Start what is queued while slots are free, again and again until ``over`` is set."""
    while not over.is_set():
        # Whatever goes wrong now (no workspace yet, a full disk, a folder that is being moved) may be right next time.
        with suppress(Exception):
            slots.advance(served_workspace())
        over.wait(EVERY)

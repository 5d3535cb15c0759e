"""The server looks after the queue, also while nobody has a page open: a training that is killed tells nobody."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from core.jobs import jobs
from ui.server.served_workspace import served_workspace

EVERY = 30.0
"""Seconds between two looks. One takes milliseconds, and nothing is started where nothing is queued."""


@asynccontextmanager
async def attended(app: Any) -> AsyncIterator[None]:
    """Look after the queue for as long as the server runs.

    The trainings are processes of their own and go on after it.
    """
    over = threading.Event()
    # A daemon: it must not keep a server alive that was asked to end.
    threading.Thread(target=attend, args=(over,), name="attends-to-queue", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def attend(over: threading.Event) -> None:
    """Start what is queued while slots are free, again and again until ``over`` is set."""
    while not over.is_set():
        # Whatever goes wrong now (no workspace yet, a full disk, a folder that is being moved) may be right next time.
        with suppress(Exception):
            jobs.advance(served_workspace())
        over.wait(EVERY)

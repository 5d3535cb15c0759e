"""The queue goes on while nobody has a page open."""

import asyncio
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core.access.person import NOBODY, OWNER, Person, current
from core.errors import WorkspaceError
from tests.helpers.signed_in import signing_in
from ui.server import queue_watch

PATIENCE = 20.0
"""Seconds after which a test that waits has failed."""


class Looks:
    """Stands for `core.jobs.slots.advance`; what it meets at each look is given."""

    def __init__(self, *met: Any) -> None:
        self.left, self.threads, self.all = list(met), [], threading.Event()  # type: ignore[var-annotated]

    def __call__(self, workspace: Any) -> None:
        self.threads.append(threading.current_thread())
        met = self.left.pop(0) if self.left else None
        if not self.left:
            self.all.set()
        if isinstance(met, Exception):
            raise met


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that lets a server look at its queue until it has met what is given."""
    monkeypatch.setattr(queue_watch, "EVERY", 0.0)
    monkeypatch.setattr(queue_watch, "served_workspace", lambda: None)

    def looked(*met: Any) -> Looks:
        looks = Looks(*met)
        monkeypatch.setattr(queue_watch.slots, "advance", looks)

        async def served() -> None:
            async with queue_watch.attended(None):
                assert await asyncio.to_thread(looks.all.wait, PATIENCE)

        with ThreadPoolExecutor(1) as own:  # in this thread Playwright's loop may be running
            own.submit(asyncio.run, served()).result()
        return looks

    return looked


def test_it_looks_again_and_again(look: Any) -> None:
    assert len(look(None, None, None).threads) >= 3


def test_a_look_that_fails_is_not_the_last(look: Any) -> None:
    assert len(look(WorkspaceError("", ""), OSError(), KeyError("created"), None).threads) >= 4


def test_it_ends_with_the_server(look: Any) -> None:
    thread = look(None).threads[0]
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_it_keeps_no_server_alive(look: Any) -> None:
    assert look(None).threads[0].daemon


def test_it_needs_no_tensorflow() -> None:
    code = "import ui.server.queue_watch, sys; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_it_is_the_servers_own_work_whoever_is_signed_in(look: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    who: list[Person] = []

    def noted(self: Looks, workspace: Any) -> None:
        who.append(current())
        self.all.set()

    monkeypatch.setattr(Looks, "__call__", noted)
    with signing_in() as sign_in:
        sign_in(NOBODY)
        look(None)
    assert who[0] == OWNER

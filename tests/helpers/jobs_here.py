"""Jobs of pages in this process, done before the page goes on: a process for each would take seconds."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import SeamLensError
from core.files import plain
from core.jobs import background
from core.jobs.background import BackgroundJobs, Job, Task
from core.jobs.child import Message, results
from core.workspace import Workspace

START = BackgroundJobs.start


class Here:
    """Stands for `core.jobs.child.Child`: the function is called in this process."""

    unexpected: Exception | None = None

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...], folder: Path) -> None:
        self.function, self.args, self.folder = function, args, folder

    def __enter__(self) -> "Here":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def messages(self) -> Iterator[Message]:
        try:
            yield from results(self.function, self.args, lambda done, total: None)
        except Exception as error:
            words = error if isinstance(error, SeamLensError) else plain(error, self.folder)
            if words is None:
                Here.unexpected = error
            yield "failed", words or SeamLensError("Something went wrong.", "")


class Held:
    """Stands for a process that has done a quarter of its work, and goes on only until it is killed or ``may_end``."""

    may_end = threading.Event()

    def __init__(self, *_: object) -> None:
        self.killed = threading.Event()

    def __enter__(self) -> "Held":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def messages(self) -> Iterator[Message]:
        yield "progress", (1, 4)
        while not self.killed.wait(0.01):
            if self.may_end.is_set():
                yield "done", "what it was asked for"

    def kill(self) -> None:
        self.killed.set()


def end_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let jobs be done here; an error that nobody expected is raised by whoever starts one."""
    monkeypatch.setattr(background, "Child", Here)
    monkeypatch.setattr(background, "MOMENT", 600.0)  # however slow this computer is
    monkeypatch.setattr(BackgroundJobs, "start", _start_and_end)


def take_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing that tells of its progress be done in a moment."""
    monkeypatch.setattr(background, "MOMENT", -1.0)


def go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let jobs go on until they are cancelled, or ``Held.may_end``."""
    Held.may_end.clear()
    monkeypatch.setattr(background, "Child", Held)
    monkeypatch.setattr(BackgroundJobs, "start", START)


def _start_and_end(jobs: BackgroundJobs, workspace: Workspace, task: Task) -> tuple[Job, bool]:
    job, is_new = START(jobs, workspace, task)
    job.wait()
    error, Here.unexpected = Here.unexpected, None
    if error:
        raise error
    return job, is_new

"""Work that a page starts and does not wait for: a record of each, its process, and what came of it.

It belongs to this process (the server): it ends with it, and a page that is left or read anew finds it here. Trainings, which
outlive the server, are in `core.jobs.jobs`.
"""

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core import scratch
from core.access.person import OWNER, acting_as, carried, current
from core.access.rights import Right, check, may
from core.errors import SeamLensError
from core.jobs.child import Child, unexpected
from core.media.transaction import put_in_order
from core.workspace import Workspace

AT_ONCE = 2
"""Jobs that run at the same time: each is a process, and may hold a network."""

LOOK = 0.2
"""Seconds between two looks, of a job that waits for its turn, whether it was cancelled."""

PATIENCE = 5.0
"""Seconds that the end of the server may wait for the end of a job."""

REMEMBERED = 3600.0
"""Seconds for which the end of a job is told."""

LEAST = 0.01
"""Share that must be done before the rest is foretold."""

MOMENT = 1.0
"""Seconds that a page waits for what it computes itself; whatever takes longer is a job."""

State = Literal["waiting", "running", "done", "failed", "cancelled"]
Line = str | SeamLensError
"""A sentence, or what went wrong."""


def nothing_more(is_done: bool) -> str:
    """Do nothing at the end of a job."""
    return ""


def nothing_stays(parts: Sequence[Any]) -> str:
    """Say nothing of the parts of a job that did not come to its end."""
    return ""


@dataclass(frozen=True)
class Task:
    """What somebody wants done.

    Args:
        key: what it is: of two with one key only the first is begun.
        title: what it does, for the screen.
        pages: titles of the pages that tell of it.
        function: called as ``function(*args, progress=...)`` in a process of its own, so all of it can be pickled. It may yield
            parts, which stay where it does not come to its end; its result is the list of them.
        args: its arguments.
        tell: returns of what it has returned the sentences about it.
        at_end: called with whether it was done when its process is gone; returns a sentence to add.
        so_far: returns of its parts, where it did not come to its end, the sentence about them.
        user: who wants it.
        version: of the data that it began with, for whoever shows its result.
    """

    key: str
    title: str
    pages: tuple[str, ...]
    function: Callable[..., Any]
    args: tuple[Any, ...]
    tell: Callable[[Any], Sequence[Line]]
    at_end: Callable[[bool], str] = nothing_more
    so_far: Callable[[Sequence[Any]], str] = nothing_stays
    user: str = ""
    version: Any = None


class Job:
    """A task that was begun.

    Args:
        workspace: where it works.
        task: what is to be done.
        number: that no other job of this server has.
    """

    def __init__(self, workspace: Workspace, task: Task, number: int) -> None:
        self.workspace, self.task, self.number = workspace, task, number
        self.person = current()
        """Who began it, and in whose name it works."""
        self.state: State = "waiting"
        self.is_read = False
        """Whether somebody has put away what it tells."""
        self.share: float | None = None
        """How much is done, 0 to 1; none where that is not known."""
        self.parts: list[Any] = []
        """What its function has yielded."""
        self.result: Any = None
        """What its function has returned."""
        self.lines: tuple[Line, ...] = ()
        """What it tells at its end."""
        self.ended_at: float | None = None
        """Unix time."""
        self.earlier: Any = None
        """What the job of its key before it has returned."""
        self.is_quick = False
        """Whether it was done in a moment, by the page that needed it."""
        self._begun = 0.0
        self._child: Child | None = None
        self._cancelled, self._over = threading.Event(), threading.Event()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return not self._over.is_set()

    @property
    def is_mine(self) -> bool:
        """Whether who acts may cancel it: they began it, or they are an instructor."""
        return may(Right.OTHERS_WORK) or current() == self.person

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody has cancelled it; it may still be ending."""
        return self._cancelled.is_set()

    @property
    def left(self) -> float | None:
        """How many seconds it will still take, by what it took so far; none where that cannot be told yet."""
        if not self.share or self.share < LEAST or self.state != "running":
            return None
        return (time.monotonic() - self._begun) * (1 - self.share) / self.share

    def cancel(self) -> None:
        """End it at once; nothing half-made stays.

        Raises:
            AccessError: somebody else began it, and who acts is no instructor.
        """
        if not self.is_mine:
            check(Right.OTHERS_WORK)
        self._cancelled.set()
        if self._child:
            self._child.kill()

    def do_quickly(self) -> bool:
        """Do the work here if it is done in a `MOMENT`, and return whether it was.

        Raises:
            Exception: what the function raises.
        """
        end = time.monotonic() + MOMENT

        def progress(done: int, total: int | None) -> None:
            if time.monotonic() > end:
                raise _TooLongError

        try:
            self.result = self.task.function(*self.task.args, progress=progress)
        except _TooLongError:
            return False
        self.ended_at, self.state, self.is_quick = time.time(), "done", True
        self._over.set()
        return True

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for its end; return whether it has come."""
        return self._over.wait(seconds)

    def run(self, free: threading.Semaphore) -> None:
        """Do the work once a place is ``free``, and tell what came of it."""
        try:
            state, self.result = self._outcome(free)
            if state != "done":
                _tidy(self.workspace)
            stays = "" if state == "done" else self.task.so_far(self.parts)
            self.lines = tuple(self._told(state, stays, self.task.at_end(state == "done")))
        except Exception as error:  # a thread has nobody to raise to
            state, self.lines = "failed", (unexpected(error),)
        self.ended_at, self.state = time.time(), state
        self._over.set()

    def _outcome(self, free: threading.Semaphore) -> tuple[State, Any]:
        """Wait for a place and do the work; return how it ended, with what it returned or the error."""
        while not free.acquire(timeout=LOOK):
            if self.is_cancelled:
                return "cancelled", None
        try:
            return self._work()
        finally:
            free.release()

    def _work(self) -> tuple[State, Any]:
        self.state, self._begun = "running", time.monotonic()
        with Child(self.task.function, self.task.args, self.workspace.path) as child:
            self._child = child
            if self.is_cancelled:  # before there was a process to be killed
                child.kill()
            for kind, value in child.messages():
                if kind == "progress":
                    done, total = value
                    self.share = min(1.0, done / total) if total else None
                elif kind == "part":
                    self.parts.append(value)
                else:
                    return kind, value
            return ("cancelled", None) if self.is_cancelled else ("failed", child.death())

    def _told(self, state: State, stays: str, more: str) -> list[Line]:
        if state == "done":
            return [*self.task.tell(self.result), *filter(None, [more])]
        if state == "cancelled":
            sentences = [f"{self.task.title} was cancelled.", stays, "Nothing half-made is left.", more]
            return [" ".join(filter(None, sentences))]
        error: SeamLensError = self.result
        return [type(error)(error.problem, " ".join(filter(None, [error.advice, stays, more])))]


class _TooLongError(BaseException):
    """Ends what takes longer than a `MOMENT`; what a function does about its own errors does not hold it up."""


def _tidy(workspace: Workspace) -> None:
    """Take back what a process that was killed was adding, and remove its temporary files."""
    put_in_order(workspace)
    scratch.sweep(workspace.path)


class BackgroundJobs:
    """The jobs of this process."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._jobs: list[Job] = []
        self._lock, self._free = threading.Lock(), threading.Semaphore(at_once)
        self._numbers = itertools.count(1)

    def start(self, workspace: Workspace, task: Task) -> tuple[Job, bool]:
        """Begin a task; return its job and whether it is new: one that runs already is not begun twice."""
        with self._lock:
            same = next((job for job in self.running(workspace) if job.task.key == task.key), None)
            if same:
                return same, False
            self._replace(job := Job(workspace, task, next(self._numbers)))
        # A daemon: it must not keep a server alive that was asked to end.
        threading.Thread(
            target=carried(job.run), args=(self._free,), name=f"job-{task.key}", daemon=True
        ).start()
        return job, True

    def do_quickly(self, workspace: Workspace, task: Task) -> Job | None:
        """Do a task here if it is done in a `MOMENT`; return its job, which tells nothing, or none where it takes longer.

        What it does to the workspace it does at its end, after it has told of its progress for the last time.

        Raises:
            Exception: what its function raises.
        """
        job = Job(workspace, task, next(self._numbers))
        if not job.do_quickly():
            return None
        with self._lock:
            self._replace(job)
        return job

    def running(self, workspace: Workspace) -> list[Job]:
        """Return the jobs of a workspace that have not ended, the oldest first."""
        return [job for job in self._of(workspace) if job.is_running]

    def ended(self, workspace: Workspace, user: str) -> list[Job]:
        """Return the jobs of ``user``, and of nobody, whose end is to be told, the oldest first."""
        return [job for job in self._of(workspace) if job.lines and not job.is_read and job.task.user in ("", user)
                and job.ended_at and time.time() - job.ended_at < REMEMBERED]  # fmt: skip

    def latest(self, workspace: Workspace, key: str) -> Job | None:
        """Return the last job with that key, running or ended."""
        return next((job for job in self._of(workspace) if job.task.key == key), None)

    def end(self) -> None:
        """Cancel all jobs, and wait a moment for them to put everything in order."""
        running = [job for job in self._jobs if job.is_running]
        with acting_as(OWNER):
            for job in running:
                job.cancel()
        for job in running:
            job.wait(PATIENCE)

    def _replace(self, job: Job) -> None:
        """Take a job in place of one of its key that has ended."""
        if before := self.latest(job.workspace, job.task.key):
            job.earlier = before.result if before.state == "done" else before.earlier
        self._jobs = [each for each in self._jobs if each.is_running or each is not before] + [job]

    def _of(self, workspace: Workspace) -> list[Job]:
        return [job for job in tuple(self._jobs) if job.workspace.path == workspace.path]


BACKGROUND = BackgroundJobs()
"""Of this process."""

"""While something is live, trainings and other jobs step back to the lowest priority: they slow down, and the picture does not."""

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from time import monotonic

from core.access.person import OWNER, acting_as
from core.jobs import processes, slots
from core.workspace import Workspace

OVER = 5.0
"""Seconds without a picture after which nothing is live any more."""
EVERY = 2.0
"""Seconds between two looks for jobs that have begun."""


def jobs_of(workspace: Workspace) -> Callable[[], set[int]]:
    """Return what returns the processes (PIDs) that step back: trainings of a workspace, and jobs of this server."""
    return lambda: processes.started() | slots.trainings(workspace)


class LivePriority:
    """Sets jobs back while pictures come. A thread of its own does it, and ends some seconds after the last picture.

    Args:
        working: returns the processes (PIDs) that are to step back, those of now.
        over: seconds without a picture after which nothing is live any more.
        every: seconds between two looks.
    """

    def __init__(
        self, working: Callable[[], Iterable[int]], over: float = OVER, every: float = EVERY
    ) -> None:
        self._working, self._over, self._every = working, over, every
        self._lock, self._picture = threading.Lock(), 0.0
        self._thread: threading.Thread | None = None

    def tell(self) -> None:
        """Note that a picture is live now; to be called with every picture."""
        self._picture = monotonic()
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._work, name="live priority", daemon=True)
                    self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is live any more and all have come forward again; return whether that came in time."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)
        return self._thread is None

    def _work(self) -> None:
        pause, back = threading.Event(), set[int]()
        while monotonic() - self._picture < self._over:
            new = self._now() - back
            _set(new, processes.LOWEST)
            back |= new
            pause.wait(self._every)
        _set(back & self._now(), processes.NICENESS)
        with self._lock:  # only now: another thread may begin to set them back
            self._thread = None

    def _now(self) -> set[int]:
        # The workspace may be being moved, or a run damaged; then it is right at the next look.
        with acting_as(OWNER), suppress(Exception):
            return set(self._working())
        return set()


def _set(pids: Iterable[int], niceness: int) -> None:
    for pid in pids:
        processes.set_back(pid, niceness)

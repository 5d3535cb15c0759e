"""A number of places, which go to whoever has waited longest: the pool of SQLAlchemy lets some wait for ever where many hurry."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, local

from sqlalchemy.exc import TimeoutError


class FairPlaces:
    """Lets so many threads into a block at once. A thread that is in may go in again, so that nobody waits for themselves.

    Args:
        number: of places.
    """

    def __init__(self, number: int) -> None:
        self._free = number
        self._turn = Lock()
        self._waiting: deque[Lock] = deque()
        self._own = local()

    @property
    def waiting(self) -> int:
        """How many threads wait for a place."""
        return len(self._waiting)

    @contextmanager
    def place(self, seconds: float) -> Iterator[None]:
        """Wait for a place, and hold it for the block.

        Raises:
            TimeoutError: none came free within ``seconds``.
        """
        depth = getattr(self._own, "depth", 0)
        if not depth:
            self._take(seconds)
        self._own.depth = depth + 1
        try:
            yield
        finally:
            self._own.depth = depth
            if not depth:
                self._give()

    def _take(self, seconds: float) -> None:
        mine = Lock()
        with self._turn:
            if self._free:
                self._free -= 1
                return
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=seconds):
            return
        with self._turn:
            if mine in self._waiting:
                self._waiting.remove(mine)
                raise TimeoutError("no place came free")
        # it came just now

    def _give(self) -> None:
        with self._turn:
            if self._waiting:
                self._waiting.popleft().release()  # handed over, so that nobody takes it in between
            else:
                self._free += 1

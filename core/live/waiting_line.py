"""Places on the Live page: so many visitors at a time; the others wait in a line that they can see."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from time import monotonic

GONE = 30.0
"""Seconds without a sign of life after which a visitor is gone: a closed tab gives none."""
UNUSED = 30.0
"""Seconds after which a place at which nothing plays goes to the first in line."""


@dataclass
class _Visitor:
    heard: float
    used: float = 0.0
    has_place: bool = False


class Places:
    """Who may be live now, first come, first served. Threads may share one.

    Args:
        count: places, from 1 upwards.
        clock: seconds that only grow.
        used: told of every picture.
    """

    def __init__(
        self, count: int, clock: Callable[[], float] = monotonic, used: Callable[[], None] | None = None
    ) -> None:
        self.count, self._clock, self._used = count, clock, used
        self._lock = threading.Lock()
        self._visitors: dict[str, _Visitor] = {}  # in the order in which they came

    def ask(self, visitor: str) -> int:
        """Return 0 where ``visitor`` has a place, else the position in line, from 1. To be asked every few seconds."""
        with self._lock:
            now = self._clock()
            self._visitors.setdefault(visitor, _Visitor(now)).heard = now
            self._forget(now)
            for name in self._waiting()[: max(0, self.count - self.taken())]:
                self._visitors[name].has_place, self._visitors[name].used = True, now
            return 0 if self._visitors[visitor].has_place else self._waiting().index(visitor) + 1

    def use(self, visitor: str) -> None:
        """Note that something plays at the place of ``visitor``; to be called with every picture."""
        if self._used is not None:
            self._used()
        with self._lock:
            if place := self._visitors.get(visitor):
                place.heard = place.used = self._clock()

    def rest(self, visitor: str) -> None:
        """Note that nothing plays at the place of ``visitor`` any more: it goes at once to the first in line."""
        with self._lock:
            if place := self._visitors.get(visitor):
                place.used = -inf

    def leave(self, visitor: str) -> None:
        """Note that ``visitor`` is gone: without a place, and no longer in line."""
        with self._lock:
            self._visitors.pop(visitor, None)

    def taken(self) -> int:
        """Return how many places are taken."""
        return sum(visitor.has_place for visitor in list(self._visitors.values()))

    def _waiting(self) -> list[str]:
        return [name for name, visitor in self._visitors.items() if not visitor.has_place]

    def _forget(self, now: float) -> None:
        for name in [name for name, visitor in self._visitors.items() if now - visitor.heard > GONE]:
            del self._visitors[name]
        unused = [n for n, v in self._visitors.items() if v.has_place and now - v.used > UNUSED]
        for name in unused[: len(self._waiting())]:
            visitor = self._visitors.pop(name)
            visitor.has_place = False
            self._visitors[name] = visitor  # to the end of the line

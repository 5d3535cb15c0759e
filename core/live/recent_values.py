"""Values of late: their median is steadier than the last one, and follows within a second."""

import threading
from collections import deque
from statistics import median
from time import monotonic
from typing import Generic, TypeVar

SECONDS = 2.0
"""How long a value counts."""

Note = TypeVar("Note")


class RecentValues(Generic[Note]):
    """The values of the last `SECONDS`, each with a note. Any thread may add one or ask for the median."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries = deque[tuple[float, float, Note]]()

    def add(self, value: float, note: Note) -> None:
        """Take a value, as of now."""
        with self._lock:
            self._entries.append((monotonic(), value, note))

    def median(self) -> tuple[float, Note] | None:
        """Return the median, and the note of the latest value; none where there is no value."""
        oldest = monotonic() - SECONDS
        with self._lock:
            while self._entries and self._entries[0][0] < oldest:
                self._entries.popleft()
            if not self._entries:
                return None
            return median(value for _, value, _ in self._entries), self._entries[-1][2]

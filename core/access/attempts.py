"""How often somebody may try to sign in: each failure lets them wait twice as long.

A stranger who tries Anna's name must not lock Anna out. So failures count for a name at an address; for the name
from anywhere only once they are many; and a device on which Anna has signed in before waits for its own failures alone.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

FORGOTTEN_AFTER = 60 * 60
"""Seconds without a failure after which all are forgotten."""

MOST_KEYS = 20_000
"""Names and addresses that are remembered: about 5 MB. The oldest go first."""


@dataclass(frozen=True)
class Limit:
    """What failures cost: ``free`` cost nothing, the next a second, each one after it twice as much, to ``longest`` seconds."""

    free: int
    longest: float

    def wait(self, failures: int) -> float:
        """Return how many seconds must lie between the latest failure and the next attempt."""
        over = failures - self.free
        return 0.0 if over < 0 else min(self.longest, 2.0 ** min(over, 30))


NAME_AT_ADDRESS = Limit(free=3, longest=900)
ADDRESS = Limit(free=20, longest=60)  # behind one address a whole school may sit
NAME = Limit(free=40, longest=60)
DEVICE = Limit(free=3, longest=900)

NEW_NAMES = 90
"""People who may join in a minute: a class at once, but not a thousand that somebody invents."""


Key = tuple[Limit, str]


def keys(address: str, name: str, device: str = "") -> list[Key]:
    """Return what an attempt counts for; with a ``device`` on which this name has signed in before, for that alone."""
    if device:
        return [(DEVICE, device)]
    return [(NAME_AT_ADDRESS, f"{name}\n{address}"), (ADDRESS, address), (NAME, name)]


class Attempts:
    """The failures of a server, in memory. ``clock`` returns seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, Lock()
        self._failures: OrderedDict[Key, tuple[int, float]] = OrderedDict()
        self._joined: list[float] = []

    def begin(self, counted: Sequence[Key]) -> float:
        """Count an attempt as failed before it is looked at, so that many at once are not free; `succeed` takes that back.

        Returns:
            Seconds to wait where it is too soon; then it was not counted, and must not be looked at. 0 where it may go on.
        """
        now = self._clock()
        with self._lock:
            if wait := self._longest(counted, now):
                return wait
            for key in counted:
                self._failures[key] = (self._count(key, now) + 1, now)
                self._failures.move_to_end(key)
            while len(self._failures) > MOST_KEYS:
                self._failures.popitem(last=False)
        return 0.0

    def wait(self, counted: Sequence[Key]) -> float:
        """Return the seconds to wait for an attempt that counts for these, which is not counted yet."""
        with self._lock:
            return self._longest(counted, self._clock())

    def succeed(self, counted: Sequence[Key]) -> None:
        """Take back what `begin` counted; the failures of this name here, or of this device, are forgotten."""
        with self._lock:
            for key in counted:
                failures, at = self._failures.pop(key, (0, 0.0))
                if key[0] not in (NAME_AT_ADDRESS, DEVICE) and failures > 1:
                    self._failures[key] = (failures - 1, at)

    def join(self) -> bool:
        """Return whether one more new name may join in this minute, and count it."""
        now = self._clock()
        with self._lock:
            self._joined = [at for at in self._joined if now - at < 60]
            if len(self._joined) >= NEW_NAMES:
                return False
            self._joined.append(now)
            return True

    def _count(self, key: Key, now: float) -> int:
        failures, at = self._failures.get(key, (0, now))
        return 0 if now - at > FORGOTTEN_AFTER else failures

    def _longest(self, counted: Sequence[Key], now: float) -> float:
        return max((self._left(key, now) for key in counted), default=0.0)

    def _left(self, key: Key, now: float) -> float:
        failures = self._count(key, now)
        return max(0.0, key[0].wait(failures) - (now - self._failures[key][1])) if failures else 0.0

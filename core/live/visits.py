"""Who is live by a token: devices whose pictures come through routes, not through a page of Streamlit's.

A visit ends when its pictures stop coming, whatever has become of the device: one thread looks after all of them.
"""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from time import monotonic

from core.access.person import Person, current
from core.errors import logged
from core.live.camera_feed import CameraFeed
from core.live.waiting_line import Places

QUIET = 20.0
"""Seconds without a picture after which a visit ends."""
EVERY = 2.0
"""Seconds from one look at the visits to the next."""


@dataclass
class Visit:
    """A device that is live.

    Args:
        token: that its page has.
        feed: what its pictures go to.
        places: of the server, of which it has one.
        ending: called at its end, before the feed is closed.
        visitor: who has the place, where that is not the token.
        hang_up: ends the connection by which its pictures come, if it has one.
        person: whose device it is.
        looking: held while a single picture is inspected.
    """

    token: str
    feed: CameraFeed
    places: Places
    ending: Callable[[], None] = lambda: None
    visitor: str = ""
    hang_up: Callable[[], None] = lambda: None
    person: Person = field(default_factory=current)
    looking: threading.Lock = field(default_factory=threading.Lock)
    heard: float = 0.0

    def __post_init__(self) -> None:
        self.visitor = self.visitor or self.token

    def end(self) -> None:
        """End it: the session is over, and the place goes to the next in line, also where one of the steps fails."""
        with ExitStack() as steps:  # the last one is done first
            steps.callback(self.places.leave, self.visitor)
            steps.callback(self.feed.close)
            steps.callback(self.ending)
            steps.callback(self.hang_up)


class Visits:
    """The visits of a server. Threads may share it.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._visits: dict[str, Visit] = {}
        self._keeper: threading.Thread | None = None

    def begin(self, visit: Visit) -> None:
        """Let ``visit`` be found by its token, in the place of an earlier one of the same token, which ends."""
        with self._lock:
            before = self._visits.pop(visit.token, None)
            visit.heard = self._clock()
            self._visits[visit.token] = visit
            if self._keeper is None:
                self._keeper = threading.Thread(target=self._keep, name="live visits", daemon=True)
                self._keeper.start()
        if before is not None:
            before.end()

    def find(self, token: str) -> Visit | None:
        """Return the visit of a token; none where it has ended, or is another person's."""
        with self._lock:
            visit = self._visits.get(token)
        return visit if visit is not None and visit.person == current() else None

    def use(self, visit: Visit) -> None:
        """Note that a picture came."""
        visit.heard = self._clock()
        visit.places.use(visit.visitor)

    def end(self, token: str) -> None:
        """End the visit of a token, if there is one."""
        if self.find(token) is not None:
            with self._lock:
                visit = self._visits.pop(token, None)
            if visit is not None:
                visit.end()

    def sweep(self) -> None:
        """End the visits whose pictures have stopped."""
        now = self._clock()
        with self._lock:
            over = [visit for visit in self._visits.values() if now - visit.heard > QUIET]
            for visit in over:
                del self._visits[visit.token]
        for visit in over:
            try:
                visit.end()
            except Exception as error:  # the others end all the same, now and later
                logged(error)

    def __len__(self) -> int:
        return len(self._visits)

    def _keep(self) -> None:
        pause = threading.Event()
        while True:
            pause.wait(EVERY)
            self.sweep()
            with self._lock:
                if not self._visits:
                    self._keeper = None
                    return

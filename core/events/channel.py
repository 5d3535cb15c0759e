"""Lasting connections to the machines of a line: one for all sessions of this process, told of every event by a thread of its own."""

import threading
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

PATIENCE = 10.0
"""Seconds that are left, at the end of the last session, to tell what still waits."""

Report = Callable[[str, bool], None]
"""Takes a line, and whether it is a problem, not its end."""


@dataclass(frozen=True)
class EventMessage:
    """That an event has begun, or is over.

    Args:
        id: of the event: no other one has it, in whatever session.
        attribute: of the event.
        is_over: whether it is over; else it has begun.
        event: plain values of it, its session and source.
        at: when that was noticed (ISO 8601, UTC).
    """

    id: str
    attribute: str
    is_over: bool
    event: Mapping[str, Any]
    at: str


@dataclass(frozen=True)
class Watched:
    """Attributes whose events may come."""

    attributes: tuple[str, ...]


class End:
    """Nobody uses the channel any more."""


class Channel(threading.Thread):
    """A connection. Subclasses say what is done with what comes in, in `work`, which returns after `End`.

    Args:
        name: what it leads to, in messages; never with a password.
        after: the one to the same end before it, which must have ended first.

    Attributes:
        users: sessions that use it.
    """

    def __init__(self, name: str, after: "Channel | None" = None) -> None:
        super().__init__(name=name, daemon=True)
        self.users, self.inbox = 0, SimpleQueue[Any]()
        self._after, self._reports, self._problems = after, list[Report](), list[str]()

    def run(self) -> None:
        """Work, once the one before has ended."""
        if self._after is not None:
            self._after.join()
            self._after = None
        try:
            self.work()
        except Exception as error:  # whatever its library raises: the picture goes on, and it is said
            self.say(f"{self.name} failed: {type(error).__name__}. No events are told there.")

    def work(self) -> None:
        """Tell what comes into the ``inbox`` until `End` does."""
        raise NotImplementedError

    def say(self, line: str) -> None:
        """Report a problem once, until `solve`."""
        if line in self._problems:
            return
        self._problems.append(line)
        for report in tuple(self._reports):
            report(line, True)

    def solve(self, line: str) -> None:
        """Report that the problems have ended, where there were some."""
        if self._problems:
            self._problems.clear()
            for report in tuple(self._reports):
                report(line, False)

    def join_session(self, report: Report, attributes: Iterable[str]) -> None:
        """Let a session use it; ``report`` gets its problems, also one that is there already."""
        self._reports.append(report)
        if problems := self._problems[-1:]:
            report(problems[0], True)
        self.inbox.put(Watched(tuple(attributes)))

    def leave_session(self, report: Report) -> None:
        """Report nothing more to a session."""
        self._reports.remove(report)


_open: dict[Hashable, Channel] = {}
_lock = threading.Lock()


def opened(
    settings: Hashable, make: Callable[[Channel | None], Channel], report: Report, attributes: Iterable[str]
) -> Channel:
    """Return the channel of these settings, made where no session uses one; `close` lets it go."""
    with _lock:
        channel = _open.get(settings)
        if channel is None or not channel.users:
            channel = _open[settings] = make(channel)
            channel.start()
        channel.users += 1
        channel.join_session(report, attributes)
    return channel


def close(channel: Channel, report: Report, wait: bool) -> None:
    """End the use of a channel; ``wait`` until all is told, where nobody else uses it."""
    with _lock:
        channel.users -= 1
        if channel.users:
            channel.leave_session(report)
            return
        channel.inbox.put(End())
    if wait:
        channel.join(2 * PATIENCE)


def left_until(end: float) -> float:
    """Return the seconds until ``end`` (of `time.monotonic`), at least 0."""
    return max(0.0, end - time.monotonic())

"""Who trains next. Users take turns, and each user's own runs keep their order."""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.runs.run import Run


@dataclass(frozen=True)
class Waiting:
    """A queued run.

    Args:
        id: of the run.
        user: who wants it.
        since: when it was queued (Unix time).
    """

    id: str
    user: str
    since: float


def queued(runs: Iterable[Run]) -> list[Run]:
    """Return those of ``runs`` that are queued, in the order in which they will start."""
    by_id: dict[str, Run] = {}
    entries: list[Waiting] = []
    started: dict[str, float] = {}
    for run in runs:
        status = run.status
        if status.state == "queued":
            by_id[run.id] = run
            entries.append(Waiting(run.id, run.config.user, status.queued or 0.0))
        started[run.config.user] = max(started.get(run.config.user, 0.0), status.started or 0.0)
    return [by_id[id] for id in order(entries, started)]


def order(entries: Iterable[Waiting], started: Mapping[str, float]) -> list[str]:
    """Return the ids of ``entries`` in the order of their turns (round robin).

    Whoever's last training started the longest ago goes first; among those who never had one, the earliest queued.

    Args:
        entries: what is queued.
        started: when the last training of each user started (Unix time).
    """
    waiting: dict[str, list[Waiting]] = {}
    for entry in sorted(entries, key=lambda entry: (entry.since, entry.id)):
        waiting.setdefault(entry.user, []).append(entry)
    served = {user: (0, started.get(user, 0.0)) for user in waiting}
    ordered = []
    while waiting:
        user = min(waiting, key=lambda user: (served[user], waiting[user][0].since))
        ordered.append(waiting[user].pop(0).id)
        served[user] = (len(ordered), 0.0)
        if not waiting[user]:
            del waiting[user]
    return ordered


def waits(remaining: Iterable[float], lengths: Iterable[float], slots: int) -> list[float]:
    """Return in how many seconds each queued run will start.

    Args:
        remaining: seconds that each training still takes; infinite where that is not known.
        lengths: seconds that each queued run takes, in the order of their turns; infinite likewise.
        slots: how many may train at the same time.
    """
    free = list(remaining)
    free += [0.0] * (slots - len(free))
    # Where there are more trainings than slots (the setting was lowered), the first to end leave no slot.
    free = sorted(free)[max(0, len(free) - slots) :]
    heapq.heapify(free)
    begins = []
    for length in lengths:
        begins.append(heapq.heappop(free))
        heapq.heappush(free, begins[-1] + length)
    return begins


def ordinal(place: int) -> str:
    """Return a place in the queue in words: ``1st``, ``2nd``, ``11th``."""
    ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"

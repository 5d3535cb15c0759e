"""Turns what a network says of one picture after the other into events with their evidence, and says how fast it goes."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import numpy as np

from core.events.clips import Evidence, Recorder
from core.events.detector import Change, Detector, Event, Rules
from core.inspection.inspector import Inspection
from core.inspection.reading import DIGITS, Reading
from core.networks.preprocessing import Region

WINDOW = 60
"""Readings over which rate and delay are taken."""
LONG_AGO = 3.0
"""Seconds after which a rate is one of the past."""


@dataclass(frozen=True)
class Figures:
    """How an observer does.

    Args:
        rate: readings per second, of late; 0 when the last is long ago.
        delay: median milliseconds from a picture's arrival to its reading, where it was said.
        events: that began.
    """

    rate: float
    delay: float | None
    events: int


def reading_of(inspection: Inspection, index: int, time: float) -> Reading:
    """Return what events need of an inspection, for who inspects each frame anyway; ``time`` in seconds."""
    probabilities = {name: round(p, DIGITS) for name, p in inspection.probabilities.items()}
    return Reading(index, time, probabilities, round(inspection.unfamiliarity or 0.0, DIGITS))


def rate(moments: deque[float]) -> float:
    """Return how many per second happened, of ``time.monotonic()`` each; 0 when the last is long ago."""
    times = list(moments)
    if len(times) < 2 or monotonic() - times[-1] > LONG_AGO:
        return 0.0
    return (len(times) - 1) / max(1e-6, times[-1] - times[0])


class Observer:
    """Turns pictures and their readings into events. One thread feeds it; any may look.

    Args:
        rules: which attributes make events, and when.
        exclusive: exactly one attribute is true.
        on_change: hears at once when an event is sure, and when it is over; must return soon.
        on_event: hears of an event with its evidence, when its clip is complete; must return soon.
        before: seconds of a clip before its event.
        after: seconds of a clip after it.
    """

    def __init__(
        self,
        rules: Rules,
        exclusive: bool = False,
        on_change: Callable[[Change], None] = lambda change: None,
        on_event: Callable[[Event, Evidence], None] = lambda event, evidence: None,
        before: float = 1.0,
        after: float = 1.0,
    ) -> None:
        self._detector, self._recorder = Detector(rules, exclusive), Recorder(rules, before, after)
        self._on_change, self._on_event = on_change, on_event
        self._lock = threading.Lock()
        self._moments: deque[float] = deque(maxlen=WINDOW)
        self._delays: deque[float] = deque(maxlen=WINDOW)
        self._events = 0

    def add(
        self,
        picture: np.ndarray,
        reading: Reading,
        arrived: float | None = None,
        region: Region | None = None,
    ) -> list[Change]:
        """Take the next picture and what a network said of it.

        Args:
            picture: (H, W, 3) uint8 BGR; must not be changed afterwards.
            reading: its times must grow from picture to picture.
            arrived: ``time.monotonic()`` when the picture came.
            region: what of it the network saw, in fractions; none is the region of the run.

        Returns:
            What happened with it.
        """
        changes = self._detector.add(reading)
        with self._lock:
            self._note(changes, arrived)
        complete = self._recorder.add(picture, reading, changes, self._detector.peaks, region)
        self._tell(changes, complete)
        return changes

    def rest(self, time: float) -> None:
        """Close the events that are over at ``time`` (seconds from the start) though no picture came: the camera is away."""
        changes = self._detector.rest(time)
        self._tell(changes, self._recorder.finish(changes, time))

    def finish(self) -> list[Change]:
        """Close the events that are still open, with their evidence so far."""
        changes = self._detector.finish()
        self._tell(changes, self._recorder.finish(changes))
        return changes

    def figures(self) -> Figures:
        """Return rate, delay and count, now."""
        with self._lock:
            delay = 1000 * float(np.median(self._delays)) if self._delays else None
            return Figures(rate(self._moments), delay, self._events)

    def _note(self, changes: list[Change], arrived: float | None) -> None:
        self._moments.append(monotonic())
        if arrived is not None:
            self._delays.append(self._moments[-1] - arrived)
        self._events += sum(not change.is_over for change in changes)

    def _tell(self, changes: list[Change], complete: list[tuple[Event, Evidence]]) -> None:
        for change in changes:
            self._on_change(change)
        for event, evidence in complete:
            self._on_event(event, evidence)

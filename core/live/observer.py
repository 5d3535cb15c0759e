"""Feeds pictures to a network and keeps what came of it: readings of the last minutes, events, their evidence."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import numpy as np

from core.live.events import DIGITS, Change, Detector, Event, Reading, Rules
from core.live.evidence import Evidence, Recorder
from core.live.inspector import Inspection
from core.model.pictures import Region

KEPT = 120.0
"""Seconds of readings that are kept."""
WINDOW = 60
"""Readings over which rate and delay are taken."""


@dataclass(frozen=True)
class Figures:
    """How an observer does.

    Args:
        readings: since the start.
        rate: per second, of late; 0 when the last is long ago.
        delay: median milliseconds from a picture's arrival to its reading, where it was said.
        events: that began.
        unfamiliar: readings of pictures that the network does not know.
    """

    readings: int
    rate: float
    delay: float | None
    events: int
    unfamiliar: int


def reading_of(inspection: Inspection, index: int, time: float) -> Reading:
    """Return what events need of an inspection, for who inspects each frame anyway; ``time`` in seconds."""
    probabilities = {name: round(p, DIGITS) for name, p in inspection.probabilities.items()}
    return Reading(index, time, probabilities, round(inspection.unfamiliarity or 0.0, DIGITS))


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
        self.rules = rules
        self._detector, self._recorder = Detector(rules, exclusive), Recorder(rules, before, after)
        self._on_change, self._on_event = on_change, on_event
        self._lock = threading.Lock()
        self._readings: deque[Reading] = deque()
        self._moments: deque[float] = deque(maxlen=WINDOW)
        self._delays: deque[float] = deque(maxlen=WINDOW)
        self._open: dict[int, Event] = {}
        self._count = self._events = self._unfamiliar = 0

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
            self._note(reading, changes, arrived)
        complete = self._recorder.add(picture, reading, changes, self._detector.peaks, region)
        self._tell(changes, complete)
        return changes

    def rest(self, time: float) -> None:
        """Close the events that are over at ``time`` (seconds from the start) though no picture came: the camera is away."""
        changes = self._detector.rest(time)
        with self._lock:
            self._note_changes(changes)
        self._tell(changes, self._recorder.finish(changes, time))

    def finish(self) -> list[Change]:
        """Close the events that are still open, with their evidence so far."""
        changes = self._detector.finish()
        with self._lock:
            self._open.clear()
        self._tell(changes, self._recorder.finish(changes))
        return changes

    def recent(self, seconds: float) -> list[Reading]:
        """Return the readings of the last ``seconds`` before the newest, oldest first."""
        with self._lock:
            if not self._readings:
                return []
            since = self._readings[-1].time - seconds
            return [reading for reading in self._readings if reading.time >= since]

    def open_events(self) -> list[Event]:
        """Return the events that are sure and not over, as they were when they became sure."""
        with self._lock:
            return list(self._open.values())

    def figures(self) -> Figures:
        """Return counts, rate and delay, now."""
        with self._lock:
            times, delays = list(self._moments), list(self._delays)
            rate = 0.0
            if len(times) > 1 and monotonic() - times[-1] < 3:
                rate = (len(times) - 1) / max(1e-6, times[-1] - times[0])
            delay = 1000 * float(np.median(delays)) if delays else None
            return Figures(self._count, rate, delay, self._events, self._unfamiliar)

    def _note(self, reading: Reading, changes: list[Change], arrived: float | None) -> None:
        self._readings.append(reading)
        while reading.time - self._readings[0].time > KEPT:
            self._readings.popleft()
        self._moments.append(monotonic())
        if arrived is not None:
            self._delays.append(self._moments[-1] - arrived)
        self._count += 1
        self._unfamiliar += not reading.is_familiar
        self._note_changes(changes)

    def _note_changes(self, changes: list[Change]) -> None:
        for change in changes:
            if change.is_over:
                self._open.pop(change.event.number, None)
            else:
                self._open[change.event.number] = change.event
                self._events += 1

    def _tell(self, changes: list[Change], complete: list[tuple[Event, Evidence]]) -> None:
        for change in changes:
            self._on_change(change)
        for event, evidence in complete:
            self._on_event(event, evidence)

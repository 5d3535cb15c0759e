"""What a viewer has before him: the newest inspected picture, the events of the session, and how fast all of it is."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic, perf_counter

import numpy as np

from core.errors import describe
from core.events.detector import Smoother
from core.inspection import panel
from core.inspection.inspector import InspectedFrame, Inspection, Inspector
from core.inspection.panel import DisplayOptions, draw_view, fitted
from core.live.recording import EventList, Recording

WINDOW = 60
"""Pictures over which rates and times are taken."""
LONG_AGO = 3.0
"""Seconds after which a rate is one of the past."""
WAITING, UNTAUGHT = "waiting for the network …", "nothing learned yet"
SHOWN = 1.5
"""Seconds for which an error stays on the picture, so that it can be read."""


@dataclass(frozen=True)
class Figures:
    """How fast a viewer's pictures are, of late."""

    shown: float  # pictures per second
    inspected: float  # per second
    delay: float | None  # median milliseconds from a picture's arrival to its events; none without one
    overhead: float  # median milliseconds a picture of drawing and bookkeeping, the network apart
    network: float  # median milliseconds of an inspection
    dropped: int  # pictures that were shown and not inspected, since the start
    errors: int  # since the start
    last_error: str  # in a line


class Viewer:
    """Inspects pictures, feeds the session, and draws. One thread inspects, another may draw.

    Args:
        inspector: of the run; viewers may share one.
        options: of the display; may change at any time.
        begin: begins a session, with the seconds of smoothing; a change of the smoothing begins another.
        newest: asked before each picture for the inspector from then on, of a network that goes on learning; none where it
            has not learned anything. Other attributes begin another session.
    """

    def __init__(
        self,
        inspector: Inspector,
        options: DisplayOptions,
        begin: Callable[[float], Recording],
        newest: Callable[[], Inspector | None] | None = None,
    ) -> None:
        self.inspector, self.options, self.dropped = inspector, options, 0
        self.frozen: InspectedFrame | None = None
        self.latest: InspectedFrame | None = None
        self.recording: Recording | None = None
        self.events = EventList()
        self.errors, self.last_error, self.is_over = 0, "", False
        self._begin, self._lock, self._is_recording = begin, threading.Lock(), False
        self._newest, self._has_learned = newest, True
        self._smooth, self._smoothers = 0.0, dict[str, Smoother]()
        self._trace: panel.Trace = deque()
        self._failed_at: float | None = None
        self._shown, self._inspected = deque[float](maxlen=WINDOW), deque[float](maxlen=WINDOW)
        self._drawing, self._keeping = deque[float](maxlen=WINDOW), deque[float](maxlen=WINDOW)
        self._network, self._delays = deque[float](maxlen=WINDOW), deque[float](maxlen=WINDOW)

    def inspect(
        self, picture: np.ndarray, index: int, time: float, arrived: float | None = None, is_new: bool = True
    ) -> bool:
        """Inspect ``picture`` (H, W, 3) uint8 BGR, not changed afterwards; return whether it worked, else the error is shown.

        ``time`` is in seconds from the start of the source, growing where the frame ``is_new``; else it is looked at once
        more, and no news for the events. ``arrived`` is ``time.monotonic()`` when it came.
        """
        try:
            if not self._follow():
                return True
            inspection = self.inspector.inspect(picture, self.options.region)
            began = perf_counter()
            self._network.append(inspection.milliseconds)
            self._keep(InspectedFrame(index, time, picture, inspection), is_new)
        except Exception as error:  # whatever it is: the live picture goes on and says so
            self._count(error)
            return False
        self._keeping.append(1000 * (perf_counter() - began))
        if is_new:
            self._inspected.append(monotonic())
            if arrived is not None:
                self._delays.append(1000 * (self._inspected[-1] - arrived))
        return True

    def draw(self, picture: np.ndarray, note: str = "") -> np.ndarray:
        """Return ``picture`` (H, W, 3) uint8 BGR as the viewer wants to see it; where it is frozen, what was frozen."""
        began = perf_counter()
        with self._lock:  # all of one moment: the viewer may continue, or the network learn, meanwhile
            inspector, frozen, frame, trace = self.inspector, self.frozen, self.latest, self._trace.copy()
        frame, attributes = frozen or frame, inspector.attributes
        picture = fitted(frozen.picture if frozen else picture)
        waiting = WAITING if self._has_learned else UNTAUGHT
        note = "frozen" if frozen else note or ("" if frame else waiting)
        try:
            drawn = draw_view(
                picture, attributes, frame.inspection if frame else None, self.options, trace,
                inspector.thresholds, self._message(), note,
            )  # fmt: skip
        except Exception as error:  # an error here would freeze the picture for ever
            self._count(error)
            drawn = draw_view(picture, attributes, None, DisplayOptions(), message=self._message())
        self._shown.append(monotonic())
        self._drawing.append(1000 * (perf_counter() - began))
        return drawn

    def freeze(self) -> None:
        """Keep showing the picture that was inspected last; the session goes on."""
        self.frozen = self.latest

    def unfreeze(self) -> None:
        """Show the newest picture again."""
        self.frozen = None

    def finish(self) -> None:
        """End the session; the next picture begins another."""
        if self._is_recording and self.recording is not None:
            self._is_recording = False
            step = self.recording.finish(self.dropped)
            self.events.add(step, self.latest.time if self.latest else 0.0)

    def close(self) -> None:
        """End the session for good."""
        self.is_over = True
        self.finish()

    def figures(self) -> Figures:
        """Return rates, times and counts, now."""
        return Figures(
            _rate(self._shown), _rate(self._inspected), _median(self._delays) if self._delays else None,
            _median(self._drawing) + _median(self._keeping), _median(self._network), self.dropped, self.errors,
            self.last_error,
        )  # fmt: skip

    def _follow(self) -> bool:
        """Take over the newest inspector; return whether there is one."""
        newest = self._newest() if self._newest else self.inspector
        self._has_learned = newest is not None
        if newest is None or newest is self.inspector:
            return self._has_learned
        if newest.attributes != self.inspector.attributes:
            self.finish()
        with self._lock:
            if newest.attributes != self.inspector.attributes:
                self.latest = self.frozen = None
                self._trace.clear()
            self.inspector = newest
        return True

    def _keep(self, frame: InspectedFrame, is_new: bool) -> None:
        if is_new and (not self._is_recording or self._smooth != self.options.smooth):
            self.finish()
            self._smooth = self.options.smooth
            self._forget_smoothing()
            self.recording, self.events = self._begin(self._smooth), EventList()
            self._is_recording = True
        shown = self._smoothed(frame.inspection, frame.time) if is_new else frame.inspection
        if self._failed_at is not None and monotonic() - self._failed_at >= SHOWN:
            self._failed_at = None
        with self._lock:
            self.latest = replace(frame, inspection=shown)
            panel.remember(self._trace, frame.time, shown.probabilities if shown.is_familiar else None)
        if is_new and self.recording is not None:
            reading = frame.inspection.reading(frame.index, frame.time)
            step = self.recording.add(frame.picture, reading, frame.inspection.region)
            self.events.add(step, frame.time)

    def _forget_smoothing(self) -> None:
        self._smoothers = {name: Smoother(self._smooth) for name in self.inspector.attributes.names}

    def _smoothed(self, inspection: Inspection, time: float) -> Inspection:
        if not inspection.is_familiar:  # it interrupts: smoothing starts anew after it
            self._forget_smoothing()
        if not self._smooth or not inspection.is_familiar:
            return inspection
        smooth = {name: self._smoothers[name].add(time, p) for name, p in inspection.probabilities.items()}
        return replace(inspection, probabilities=smooth, decisions=self.inspector.decide(smooth))

    def _count(self, error: Exception) -> None:
        self.errors += 1
        self.last_error = describe(error)
        self._failed_at = monotonic()

    def _message(self) -> str:
        if self._failed_at is None:
            return ""
        return f"The network failed on a picture. {self.last_error}"[:70]


def _rate(moments: deque[float]) -> float:
    """Return how many per second happened, of ``time.monotonic()`` each; 0 when the last is long ago."""
    times = list(moments)
    if len(times) < 2 or monotonic() - times[-1] > LONG_AGO:
        return 0.0
    return (len(times) - 1) / max(1e-6, times[-1] - times[0])


def _median(values: deque[float]) -> float:
    return float(np.median(list(values))) if values else 0.0

"""What a viewer has before him: the newest picture, what the network said of it, and how fast all of it is."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic, perf_counter

import numpy as np

from core.events.detector import Smoother
from core.events.observer import rate, reading_of
from core.inspection import compose as looks
from core.inspection import panel
from core.inspection.compose import Look
from core.inspection.inspector import Inspection, Inspector
from core.inspection.panel import fitted
from core.live.film import Seen
from core.live.recording import Recording

WINDOW = 60
"""Pictures over which rates and times are taken."""
SHOWN = 1.5
"""Seconds for which an error stays on the picture, so that it can be read."""

Begin = Callable[[float], Recording]
"""Begins a session, with the seconds of smoothing."""


@dataclass(frozen=True)
class Figures:
    """How a screen does, of late.

    Args:
        shown: pictures per second.
        inspected: per second.
        delay: median milliseconds from a picture's arrival to its reading.
        overhead: median milliseconds a picture of drawing and bookkeeping, the network apart.
        network: median milliseconds of an inspection.
        dropped: pictures that were shown and not inspected, since the start.
        errors: since the start.
        last_error: in a line.
    """

    shown: float
    inspected: float
    delay: float | None
    overhead: float
    network: float
    dropped: int
    errors: int
    last_error: str


class Screen:
    """Inspects pictures, keeps the session, and draws. One thread inspects, another may draw.

    Args:
        inspector: of the run; screens may share one.
        look: what the viewer wants; may change at any time.
        begin: begins a session; a change of the smoothing begins another.
        use: hears of every picture that is drawn.
    """

    def __init__(
        self, inspector: Inspector, look: Look, begin: Begin, use: Callable[[], None] = lambda: None
    ) -> None:
        self.inspector, self.look, self.dropped = inspector, look, 0
        self.frozen: Seen | None = None
        self.latest: Seen | None = None
        self.recording: Recording | None = None
        self.finished: Recording | None = None
        self.errors, self.last_error, self.is_over = 0, "", False
        self._begin, self._use, self._lock = begin, use, threading.Lock()
        self._smooth, self._smoothers = 0.0, dict[str, Smoother]()
        self._trace: panel.Trace = deque()
        self._failed_at: float | None = None
        self._shown: deque[float] = deque(maxlen=WINDOW)
        self._drawing: deque[float] = deque(maxlen=WINDOW)
        self._keeping: deque[float] = deque(maxlen=WINDOW)
        self._network: deque[float] = deque(maxlen=WINDOW)

    def see(
        self, picture: np.ndarray, index: int, time: float, arrived: float | None = None, is_new: bool = True
    ) -> bool:
        """Inspect ``picture`` and keep what came of it.

        Args:
            picture: (H, W, 3) uint8 BGR; must not be changed afterwards.
            index: of the frame in its source.
            time: seconds from the start of the source, growing where ``is_new``.
            arrived: ``time.monotonic()`` when it came.
            is_new: else it is looked at once more, and is no news for the events.

        Returns:
            Whether it worked; what went wrong is counted and shown on the picture.
        """
        try:
            seen = self.inspector.inspect(picture, self.look.region)
            began = perf_counter()
            self._network.append(seen.milliseconds)
            self._keep(Seen(index, time, picture, seen), arrived, is_new)
        except Exception as error:  # whatever it is: the live picture goes on and says so
            self._count(error)
            return False
        self._keeping.append(1000 * (perf_counter() - began))
        return True

    def draw(self, picture: np.ndarray, note: str = "") -> np.ndarray:
        """Return ``picture`` (H, W, 3) uint8 BGR as the viewer wants to see it; where it is frozen, what was frozen."""
        began = perf_counter()
        frozen = self.frozen  # once: the viewer may go on at any moment
        seen = frozen or self.latest
        picture = fitted(frozen.picture if frozen else picture)
        inspection = seen.inspection if seen else None
        note = "frozen" if frozen else note or ("" if seen else "waiting for the network …")
        with self._lock:
            trace = self._trace.copy()
        try:
            drawn = looks.draw(
                picture, self.inspector.attributes, inspection, self.look, trace, self.inspector.thresholds,
                self._message(), note,
            )  # fmt: skip
        except Exception as error:  # an error here would freeze the picture for ever
            self._count(error)
            drawn = looks.draw(picture, self.inspector.attributes, None, Look(), message=self._message())
        self._use()
        self._shown.append(monotonic())
        self._drawing.append(1000 * (perf_counter() - began))
        return drawn

    def freeze(self) -> None:
        """Keep showing the picture that was inspected last; the session goes on."""
        self.frozen = self.latest

    def go_on(self) -> None:
        """Show the newest picture again."""
        self.frozen = None

    def finish(self) -> None:
        """End the session; the next picture begins another."""
        recording, self.recording = self.recording, None
        if recording is not None:
            recording.finish(self.dropped)
            self.finished = recording

    def close(self) -> None:
        """End the session for good."""
        self.is_over = True
        self.finish()

    def session(self) -> Recording | None:
        """Return the session that goes on, or the last one."""
        return self.recording or self.finished

    def figures(self) -> Figures:
        """Return rates, times and counts, now."""
        session = self.session()
        observed = session.observer.figures() if session else None
        return Figures(
            rate(self._shown), observed.rate if observed else 0.0, observed.delay if observed else None,
            _median(self._drawing) + _median(self._keeping), _median(self._network), self.dropped, self.errors,
            self.last_error,
        )  # fmt: skip

    def _keep(self, seen: Seen, arrived: float | None, is_new: bool) -> None:
        if is_new and (self.recording is None or self._smooth != self.look.smooth):
            self._begin_session()
        shown = self._smoothed(seen.inspection, seen.time) if is_new else seen.inspection
        self.latest = replace(seen, inspection=shown)
        self._failed_at = self._failed_at if self._still_said() else None
        with self._lock:
            panel.remember(self._trace, seen.time, shown.probabilities if shown.is_familiar else None)
        if is_new and self.recording is not None:
            reading = reading_of(seen.inspection, seen.index, seen.time)
            self.recording.add(seen.picture, reading, arrived, seen.inspection.region)

    def _begin_session(self) -> None:
        self.finish()
        self._smooth = self.look.smooth
        self._forget_smoothing()
        self.recording = self._begin(self._smooth)

    def _forget_smoothing(self) -> None:
        self._smoothers = {name: Smoother(self._smooth) for name in self.inspector.attributes.names}

    def _smoothed(self, seen: Inspection, time: float) -> Inspection:
        if not seen.is_familiar:  # what was before it says nothing of what comes after it
            self._forget_smoothing()
        if not self._smooth or not seen.is_familiar:
            return seen
        smooth = {name: self._smoothers[name].add(time, p) for name, p in seen.probabilities.items()}
        return replace(seen, probabilities=smooth, decisions=self.inspector.decide(smooth))

    def _count(self, error: Exception) -> None:
        self.errors += 1
        self.last_error = f"{type(error).__name__}: {error}"
        self._failed_at = monotonic()

    def _still_said(self) -> bool:
        return self._failed_at is not None and monotonic() - self._failed_at < SHOWN

    def _message(self) -> str:
        if self._failed_at is None:
            return ""
        return f"The network failed on a picture. {self.last_error}"[:70]


def _median(values: deque[float]) -> float:
    return float(np.median(list(values))) if values else 0.0

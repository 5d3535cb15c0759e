"""Live pictures past a network: the newest result drawn on the newest frame, whatever the network's pace."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import av
import numpy as np
from streamlit_webrtc import VideoProcessorBase

from core.attributes import AttributeSet
from core.live import overlay, panel
from core.live.inspector import Inspection

IDLE = 20.0
"""Seconds without a frame after which the worker ends; the next frame starts another."""
WINDOW = 60
"""Frames over which rates and delays are taken."""


@dataclass
class Look:
    """What the user wants to see; read anew for every frame."""

    opacity: float = 0.5
    chosen: tuple[str, ...] | None = None  # none: what the network decided


@dataclass(frozen=True)
class Figures:
    """How the live view does: rates per second, delay in milliseconds, errors since the start."""

    shown: float
    inspected: float
    delay: float | None
    errors: int
    last_error: str


@dataclass
class _Times:
    shown: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))
    inspected: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))
    delays: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))


class LiveView(VideoProcessorBase):
    """Inspects the newest frame in one thread of its own; ``recv`` never waits for it.

    Args:
        inspect: frame, (H, W, 3) uint8 BGR, to inspection.
        attributes: of the run.
        look: what the user wants to see; may change at any time.
    """

    def __init__(
        self, inspect: Callable[[np.ndarray], Inspection], attributes: AttributeSet, look: Look
    ) -> None:
        self.look = look
        self.errors, self.last_error = 0, ""
        self.latest: Inspection | None = None
        self._inspect, self._attributes = inspect, attributes
        self._times = _Times()
        self._wake = threading.Condition()
        self._waiting: tuple[np.ndarray, float] | None = None
        self._worker: threading.Thread | None = None
        self._ended = False

    def recv(self, frame: av.VideoFrame) -> av.VideoFrame:
        """Take a camera frame and return it at once, with the newest result drawn on it."""
        picture = panel.fitted(frame.to_ndarray(format="bgr24"))
        self._hand_over(picture)
        try:
            picture = self._drawn(picture)
        except Exception as error:  # an error here would freeze the picture for ever
            self._count(error)
            picture = panel.compose(picture, self._attributes, None)
        self._times.shown.append(time.monotonic())
        return av.VideoFrame.from_ndarray(picture, format="bgr24")

    def on_ended(self) -> None:
        """End the worker with the stream."""
        with self._wake:
            self._ended = True
            self._wake.notify()

    def figures(self) -> Figures:
        """Return rates, delay and errors, now."""
        delays = list(self._times.delays)
        return Figures(
            _rate(self._times.shown), _rate(self._times.inspected),
            1000 * float(np.median(delays)) if delays else None, self.errors, self.last_error,
        )  # fmt: skip

    def _hand_over(self, picture: np.ndarray) -> None:
        with self._wake:
            self._waiting = (picture, time.monotonic())  # an older frame that still waits is given up
            if self._worker is None and not self._ended:
                self._worker = threading.Thread(target=self._work, name="live inspector", daemon=True)
                self._worker.start()
            self._wake.notify()

    def _work(self) -> None:
        while True:
            with self._wake:
                arrived = self._wake.wait_for(lambda: self._waiting is not None or self._ended, IDLE)
                if self._ended or not arrived or self._waiting is None:
                    self._worker = None
                    return
                (picture, since), self._waiting = self._waiting, None
            try:
                self.latest = self._inspect(picture)
            except Exception as error:
                self._count(error)
                time.sleep(0.2)  # an inspector that always fails must not eat the processor
                continue
            self._times.inspected.append(time.monotonic())
            self._times.delays.append(time.monotonic() - since)

    def _drawn(self, picture: np.ndarray) -> np.ndarray:
        seen, look = self.latest, self.look
        if seen is None:
            return panel.compose(picture, self._attributes, None, note="waiting for the network …")
        picture = overlay.draw(picture, seen, self._attributes, look.opacity, look.chosen)
        return panel.compose(picture, self._attributes, seen, look.chosen)

    def _count(self, error: Exception) -> None:
        self.errors += 1
        self.last_error = f"{type(error).__name__}: {error}"


def _rate(moments: deque[float]) -> float:
    """Return events per second over the window; 0 when the last one is long ago."""
    times = list(moments)
    if len(times) < 2 or time.monotonic() - times[-1] > 3:
        return 0.0
    return (len(times) - 1) / max(1e-6, times[-1] - times[0])

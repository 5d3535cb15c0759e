"""How fast a viewer's pictures are, of late: how many a second, and what each takes."""

from collections import deque
from dataclasses import dataclass
from time import monotonic

import numpy as np

WINDOW = 60
"""Pictures over which rates and times are taken."""
LONG_AGO = 3.0
"""Seconds after which a rate is one of the past."""


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


class Speed:
    """Measures the pictures of one viewer. One thread may tell what is inspected, another what is drawn."""

    def __init__(self) -> None:
        self._shown, self._inspected = deque[float](maxlen=WINDOW), deque[float](maxlen=WINDOW)
        self._drawing, self._keeping = deque[float](maxlen=WINDOW), deque[float](maxlen=WINDOW)
        self._network, self._delays = deque[float](maxlen=WINDOW), deque[float](maxlen=WINDOW)

    def asked(self, milliseconds: float) -> None:
        """Note what an inspection took."""
        self._network.append(milliseconds)

    def kept(self, seconds: float) -> None:
        """Note what the bookkeeping of a picture took."""
        self._keeping.append(1000 * seconds)

    def inspected(self, arrived: float | None) -> None:
        """Note that a new picture was inspected, which ``arrived`` at ``time.monotonic()``, where that is known."""
        self._inspected.append(monotonic())
        if arrived is not None:
            self._delays.append(1000 * (self._inspected[-1] - arrived))

    def drawn(self, seconds: float) -> None:
        """Note that a picture was drawn, and what that took."""
        self._shown.append(monotonic())
        self._drawing.append(1000 * seconds)

    @property
    def rate(self) -> float:
        """Pictures a second that are drawn, of late."""
        return _rate(self._shown)

    def figures(self, dropped: int, errors: int, last_error: str) -> Figures:
        """Return rates and times, now, beside the counts of the viewer."""
        return Figures(
            self.rate, _rate(self._inspected), _median(self._delays) if self._delays else None,
            _median(self._drawing) + _median(self._keeping), _median(self._network), dropped, errors, last_error,
        )  # fmt: skip


def _rate(moments: deque[float]) -> float:
    """Return how many per second happened, of ``time.monotonic()`` each; 0 when the last is long ago."""
    times = list(moments)
    if len(times) < 2 or monotonic() - times[-1] > LONG_AGO:
        return 0.0
    return (len(times) - 1) / max(1e-6, times[-1] - times[0])


def _median(values: deque[float]) -> float:
    return float(np.median(list(values))) if values else 0.0

"""The length of the stitches before a camera, of late: measured a few times a second, without a network."""

import threading
from collections import deque
from dataclasses import dataclass
from statistics import median
from time import monotonic

import numpy as np

from core.measure.ruler import measure
from core.text import count

EVERY = 0.25
"""Seconds from one measurement to the next: each takes some milliseconds of the thread that inspects."""
RECENT = 2.0
"""Seconds over which a length is the median."""


@dataclass(frozen=True)
class RulerReading:
    """What the page shows: ``value`` in millimetres after a calibration, else in pixels."""

    value: float
    words: str
    note: str  # about skipped stitches, or empty


class RulerTrace:
    """Measures the pictures of one stream.

    Attributes:
        full_side: pixels of the longer side of the largest picture that its camera gave: what is smaller was reduced, by the
            browser or here, and its pixels count more.
    """

    def __init__(self) -> None:
        self.full_side = 0
        self._lock, self._next = threading.Lock(), 0.0
        self._measured = deque[tuple[float, float, int]]()  # when, pixels of the camera, skipped stitches

    def offer(self, picture: np.ndarray) -> None:
        """Measure ``picture`` (H, W, 3) uint8 BGR, if it is time for it."""
        now = monotonic()
        if now < self._next:
            return
        self._next = now + EVERY
        found = measure(picture)
        if found is None:
            return
        side = max(picture.shape[:2])
        pitch = found.pitch * max(self.full_side, side) / side
        with self._lock:
            self._measured.append((monotonic(), pitch, len(found.skipped)))

    def now(self, mm_per_pixel: float | None) -> RulerReading | None:
        """Return the length of late; none where no seam was clear."""
        oldest = monotonic() - RECENT
        with self._lock:
            while self._measured and self._measured[0][0] < oldest:
                self._measured.popleft()
            if not self._measured:
                return None
            pitch = median(pitch for _, pitch, _ in self._measured)
            skipped = self._measured[-1][2]
        value = pitch * (mm_per_pixel or 1.0)
        words = f"{value:.1f} mm" if mm_per_pixel else f"{value:.0f} px"
        note = f"{count(skipped, 'stitch', 'stitches')} skipped" if skipped else ""
        return RulerReading(round(value, 2), words, note)

"""The length of the stitches before a camera, of late: measured a few times a second, without a network."""

from dataclasses import dataclass
from time import monotonic

import numpy as np

from core.live.recent_values import RecentValues
from core.measure.ruler import measure
from core.text import count

EVERY = 0.25
"""Seconds from one measurement to the next: each takes some milliseconds of the thread that inspects."""


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
        self.full_side, self._next = 0, 0.0
        self._measured = RecentValues[int]()  # pixels of the camera, and skipped stitches

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
        self._measured.add(found.pitch * max(self.full_side, side) / side, len(found.skipped))

    def now(self, mm_per_pixel: float | None) -> RulerReading | None:
        """Return the length of late; none where no seam was clear."""
        recent = self._measured.median()
        if recent is None:
            return None
        pitch, skipped = recent
        value = pitch * (mm_per_pixel or 1.0)
        words = f"{value:.1f} mm" if mm_per_pixel else f"{value:.0f} px"
        note = f"{count(skipped, 'stitch', 'stitches')} skipped" if skipped else ""
        return RulerReading(round(value, 2), words, note)

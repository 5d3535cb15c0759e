"""Measures the stitches of a picture: a pitch with its spread and its confidence, or nothing where no seam is clear."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.measure.seam_line import SeamLine, find_lines
from core.measure.stitches import SHORTEST, Stitches, find_stitches, straighten

SURE = 0.5
"""Least confidence of a number."""

_CLEAR = 1.4  # periodicity times the root of the periods in view: so much is beyond doubt
_STRENGTH = 4.5  # of the line, see `SeamLine`
_STITCHES = 4  # that must be measured
_SPREAD = 0.1  # of their lengths, as a share of the pitch: what varies more is no seam of a machine


@dataclass(frozen=True)
class Measurement:
    """The stitches of a picture.

    Args:
        pitch: median length of a stitch, in pixels.
        stitches: how many were measured.
        spread: standard deviation of their lengths, in pixels.
        skipped: (n, 2) float32, x and y in pixels of the places where a stitch is twice as long as the others or more.
        confidence: `SURE` to 1.
        line: (m, 2) float32, the seam: x and y in pixels, where one stitch ends and the next begins.
    """

    pitch: float
    stitches: int
    spread: float
    skipped: np.ndarray
    confidence: float
    line: np.ndarray

    def to_json(self, mm_per_pixel: float | None = None) -> dict[str, Any]:
        """Return the numbers for a line of JSON; in millimetres as well where the scale is given."""
        numbers: dict[str, Any] = {
            "pitch_px": round(self.pitch, 2),
            "spread_px": round(self.spread, 2),
            "stitches": self.stitches,
            "skipped": [[round(float(v), 1) for v in place] for place in self.skipped],
            "confidence": round(self.confidence, 2),
        }
        if mm_per_pixel is not None:
            pitch = self.pitch * mm_per_pixel
            numbers |= {"pitch_mm": round(pitch, 3), "spread_mm": round(self.spread * mm_per_pixel, 3)}
            numbers["stitches_per_cm"] = round(10 / pitch, 2)
        return numbers


def measure(picture: np.ndarray) -> Measurement | None:
    """Return the stitches of ``picture`` (H, W, 3) uint8 BGR, or None where no seam is clear.

    Of several seams the one that stands out most is measured. A zigzag is measured from zig to zig, if at all.
    """
    for line in find_lines(picture):
        if line.strength < _STRENGTH:
            return None
        band, cloth, per_column = straighten(picture, line)
        stitches = find_stitches(band, cloth, SHORTEST * min(picture.shape[:2]) / per_column)
        if stitches and (confidence := _confidence(stitches, band.shape[1])) >= SURE:
            return _measurement(line, stitches, per_column, confidence)
    return None


def _confidence(stitches: Stitches, columns: int) -> float:
    """Return the confidence, 0 to 1; chance makes a period of few repetitions more easily than one of many."""
    lengths, skipped = stitches.lengths, len(stitches.skipped)
    if len(lengths) < _STITCHES or skipped > len(lengths) / 2 or lengths.std() > _SPREAD * lengths.mean():
        return 0.0
    return min(1.0, stitches.periodicity * float(np.sqrt(columns / stitches.period)) / _CLEAR)


def _measurement(line: SeamLine, stitches: Stitches, per_column: float, confidence: float) -> Measurement:
    lengths = stitches.lengths * per_column
    return Measurement(
        float(np.median(lengths)),
        len(lengths),
        float(lengths.std()),
        _points(line, stitches.skipped * per_column),
        confidence,
        _points(line, stitches.places * per_column),
    )


def _points(line: SeamLine, places: np.ndarray) -> np.ndarray:
    return line.points[np.clip(np.rint(places).astype(int), 0, len(line.points) - 1)]

"""Measures the stitches of a picture: a pitch with its spread and its confidence, or nothing where no seam is clear."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.measure.seam_line import SeamLine, find_lines
from core.measure.stitches import SHORTEST, Band, Stitches, find_stitches, straighten

SURE = 0.5
"""Least confidence of a number."""

_CLEAR = 1.4  # periodicity times the root of the periods in view: so much is beyond doubt
_STRENGTH = 5.0  # of the line, see `SeamLine`
_COVERED = 0.45  # of the line, by stitches that are neither skipped nor beside a skipped place: a crease ends in the picture
_LIKELY = 0.03  # see `_likelihood`: below it what repeats is the weave
_FAINT = 2.0  # contrast below which thread can be mistaken for weave
_FAINT_STRENGTH, _WEAVE = (
    6.0,
    0.5,
)  # so much must a faint line stand out, and no more of its period may be in the cloth
_CERTAIN = 2.0  # no other line is looked at
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
    likelihood, best = _LIKELY, None
    for line in find_lines(picture):
        if line.strength < _STRENGTH:
            break
        band = straighten(picture, line)
        if _clarity(line, band) <= likelihood:
            continue
        stitches = find_stitches(band, SHORTEST * min(picture.shape[:2]) / band.per_column)
        if stitches and (of_line := _likelihood(line, band, stitches)) > likelihood:
            likelihood, best = of_line, (line, band, stitches)
        if likelihood >= _CERTAIN:
            break
    if best is None or (confidence := _confidence(*best[1:])) < SURE:
        return None
    return _measurement(*best, confidence)


def _clarity(line: SeamLine, band: Band) -> float:
    """Return how clearly a line is livelier than the cloth and stands out: the most that its likelihood can be."""
    return float(np.log(max(band.contrast, 1.0)) * np.log(line.strength))


def _likelihood(line: SeamLine, band: Band, stitches: Stitches) -> float:
    """Return how likely a line is a seam, not a crease or a weft: its stitches also repeat, and go all through the picture."""
    if band.contrast < _FAINT and (line.strength < _FAINT_STRENGTH or stitches.weave > _WEAVE):
        return 0.0
    return _clarity(line, band) * stitches.periodicity * _covered(band, stitches)


def _covered(band: Band, stitches: Stitches) -> float:
    return len(stitches.pitches) * stitches.period / band.columns


def _confidence(band: Band, stitches: Stitches) -> float:
    """Return the confidence, 0 to 1; chance makes a period of few repetitions more easily than one of many."""
    lengths, missing = stitches.pitches, int((stitches.steps > 1).sum())
    if (
        len(lengths) < _STITCHES
        or not len(stitches.lengths)
        or missing > len(lengths) / 2
        or _covered(band, stitches) < _COVERED
    ):
        return 0.0
    # A loop moves a stitch or two beside it.
    robust = 1.4826 * float(np.median(np.abs(lengths - np.median(lengths))))
    if min(float(lengths.std()), robust) > _SPREAD * lengths.mean():
        return 0.0
    return min(1.0, stitches.periodicity * float(np.sqrt(band.columns / stitches.period)) / _CLEAR)


def _measurement(line: SeamLine, band: Band, stitches: Stitches, confidence: float) -> Measurement:
    per_column = band.per_column
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

"""Millimetres per pixel, from a known length marked on a frame, or from seams of known pitch."""

import math
from collections.abc import Sequence

from core.errors import SeamLensError

DIFFERENT = 0.05
"""Share by which two stretches may contradict each other."""
LEAST, MOST = 1e-5, 10.0
"""Millimetres per pixel: a microscope, and a camera that sees metres."""


class MeasureError(SeamLensError):
    """Something cannot be measured, or a scale cannot be right."""


def from_length(start: tuple[float, float], end: tuple[float, float], mm: float) -> float:
    """Return the millimetres per pixel of a length of ``mm`` from ``start`` to ``end``, x and y in pixels.

    Raises:
        MeasureError: the length is none, or its scale is none that a camera has.
    """
    return possible_scale(_length(mm) / max(math.dist(start, end), 1e-9))


def from_pitches(stretches: Sequence[tuple[float, float]]) -> float:
    """Return the millimetres per pixel of seams: pairs of the measured pitch in pixels and the known one in millimetres.

    The scale is the one of least squares through zero.

    Raises:
        MeasureError: there is none, one of them is nonsense, or they contradict each other.
    """
    scales = [possible_scale(_length(mm) / max(pixels, 1e-9)) for pixels, mm in stretches]
    if not scales:
        raise MeasureError("A calibration needs a stretch of known pitch.", "Name one.")
    if max(scales) > (1 + DIFFERENT) * min(scales):
        words = " and ".join(f"{scale:.4g}" for scale in scales)
        raise MeasureError(
            f"The stretches contradict each other: they give {words} mm per pixel.",
            "Check their pitches; the camera must not move between them.",
        )
    return sum(p * mm for p, mm in stretches) / sum(p * p for p, _ in stretches)


def possible_scale(mm_per_pixel: float) -> float:
    """Return a scale that a camera can have.

    Raises:
        MeasureError: it cannot.
    """
    if not math.isfinite(mm_per_pixel) or not LEAST <= mm_per_pixel <= MOST:
        raise MeasureError(
            f"{mm_per_pixel:.4g} mm per pixel is no scale of a camera, which is from {LEAST:g} to {MOST:g}.",
            "Check the length and its ends.",
        )
    return mm_per_pixel


def _length(mm: float) -> float:
    if not math.isfinite(mm) or mm <= 0:
        raise MeasureError(f"A length of {mm:g} mm cannot be measured.", "Give one above 0.")
    return mm

"""The line of a seam and its needle holes."""

import numpy as np

from core.demo.plan import SHORT_MM, VideoPlan

_HOLES = 1  # purpose of the random numbers used here


def seam_x(plan: VideoPlan, y: np.ndarray | float) -> np.ndarray:
    """x of the seam at `y`, both in strip pixels and of the same shape."""
    rows = np.asarray(y, dtype=float)
    x = np.full(rows.shape, plan.seam.centre)
    for amplitude, wavelength, phase in plan.seam.waves:
        x = x + amplitude * np.sin(2 * np.pi * rows / wavelength + phase)
    return x


def pitch_at(plan: VideoPlan, y: float) -> float:
    """Stitch length at `y` in millimetres."""
    return [mm for start, mm in plan.seam.pitches if start <= y][-1]


def needle_holes(plan: VideoPlan) -> np.ndarray:
    """(n, 2) x, y of all needle holes, top to bottom, without the skipped ones.

    Stitches differ a little, as on a real machine.
    """
    rng = plan.rng(_HOLES)
    ys, y = [], float(rng.uniform(-60, 0))
    while y < plan.strip_height + 100:
        ys.append(y)
        y += pitch_at(plan, max(y, 0.0)) * plan.scale * float(rng.uniform(0.96, 1.04))
    rows = np.array(ys)
    holes = np.stack([seam_x(plan, rows) + rng.normal(0, 0.7, len(rows)), rows], axis=1)
    return np.delete(holes, plan.seam.skipped, axis=0)


def short_share(plan: VideoPlan, top: float, bottom: float) -> float:
    """Share of the seam between two y that is sewn with the short stitch."""
    starts = [start for start, _ in plan.seam.pitches] + [np.inf]
    short = 0.0
    for (start, mm), end in zip(plan.seam.pitches, starts[1:], strict=True):
        if mm == SHORT_MM:
            short += max(0.0, min(bottom, end) - max(top, start))
    return short / (bottom - top)

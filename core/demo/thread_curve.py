"""A strand is a curve of thread: its middle line, its thickness, and how high it lies above the cloth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_ROUNDS = 4  # of cutting corners
_STEP = 1.5  # pixels from point to point


@dataclass(frozen=True)
class Strand:
    """`points` (n, 2) x, y in strip pixels; `radius` (n,) pixels; `lift` (n,) 0 in the cloth, 1 lying on it."""

    points: np.ndarray
    radius: np.ndarray
    lift: np.ndarray

    def box(self) -> np.ndarray:
        """(4,) x1, y1, x2, y2 around the strand."""
        r = self.radius[:, None]
        return np.concatenate([(self.points - r).min(axis=0), (self.points + r).max(axis=0)])


def smooth(corners: np.ndarray) -> np.ndarray:
    """Cut the corners of a polyline (n, 2), ends kept (Chaikin): a soft curve without a spline library."""
    line = np.asarray(corners, dtype=float)
    for _ in range(_ROUNDS):
        near, far = 0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]
        inner = np.stack([near, far], axis=1).reshape(-1, 2)
        line = np.concatenate([line[:1], inner[1:-1], line[-1:]])
    return line


def resample(line: np.ndarray) -> np.ndarray:
    """The polyline (n, 2) with points about `_STEP` pixels apart."""
    lengths = np.hypot(*np.diff(line, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    marks = np.linspace(0, along[-1], max(3, int(along[-1] / _STEP) + 1))
    return np.stack([np.interp(marks, along, line[:, 0]), np.interp(marks, along, line[:, 1])], axis=1)


def strand(
    corners: np.ndarray, radius: float, tip: float = 1.0, start: float = 0.0, end: float = 0.0
) -> Strand:
    """A strand through `corners` (n, 2); its last radius is `tip` times the first; `start`, `end`: lift there."""
    points = resample(smooth(corners))
    t = np.linspace(0, 1, len(points))
    rise = np.clip(t / 0.12, 0, 1) * (1 - start) + start
    fall = np.clip((1 - t) / 0.12, 0, 1) * (1 - end) + end
    return Strand(points, radius * (1 + (tip - 1) * t), np.minimum(rise, fall))

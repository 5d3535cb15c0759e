"""Strands of thread: curves with a thickness and a height above the cloth, drawn as twisted plies with light and shadow."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.demo.plan import Colour, LightPlan, ThreadPlan

_ROUNDS = 4  # of cutting corners
_STEP = 1.5  # pixels from point to point
_PAD = 14  # pixels around a strand for its shadow


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


def draw_strand(
    picture: np.ndarray, strand: Strand, look: ThreadPlan, light: LightPlan, colour: Colour | None = None
) -> None:
    """Draw a strand into `picture` (rows, columns, 3) float32 BGR 0..1, which is changed."""
    window = _window(picture, strand)
    patch = picture[window]
    if patch.size == 0:
        return
    nearest, distance, across = _locate(strand, window)
    radius, lift = strand.radius[nearest], strand.lift[nearest]
    cover = np.clip(radius - distance + 0.5, 0, 1).astype(np.float32)
    hairs = np.abs(np.sin(nearest * 1.9) * np.sin(nearest * 0.7 + distance))
    fluff = 0.30 * hairs * np.clip(1 - (distance - radius) / 2.5, 0, 1)
    cover = np.maximum(cover, fluff.astype(np.float32))
    _cast_shadow(patch, cover * (0.35 + 0.65 * lift), light)
    shade = _shade(strand, nearest, across / np.maximum(radius, 0.5), look, light) * (0.58 + 0.42 * lift)
    body = shade[:, :, None] * np.array(colour or look.colour, np.float32)
    patch += cover[:, :, None] * (body - patch)


def _window(picture: np.ndarray, strand: Strand) -> tuple[slice, slice]:
    """The part of the picture around a strand."""
    x1, y1, x2, y2 = strand.box()
    rows = slice(max(int(y1) - _PAD, 0), max(min(int(y2) + _PAD, picture.shape[0]), 0))
    return rows, slice(max(int(x1) - _PAD, 0), max(min(int(x2) + _PAD, picture.shape[1]), 0))


def _locate(strand: Strand, window: tuple[slice, slice]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(rows, columns) each: index of the nearest point of the strand, distance to it, signed distance across."""
    rows, columns = window
    y, x = np.mgrid[rows, columns].astype(np.float32)
    points = strand.points.astype(np.float32)
    square = (x[:, :, None] - points[:, 0]) ** 2 + (y[:, :, None] - points[:, 1]) ** 2
    nearest = square.argmin(axis=2)
    distance = np.sqrt(np.take_along_axis(square, nearest[:, :, None], axis=2)[:, :, 0])
    normal = _normals(points)[nearest]
    side = (x - points[nearest, 0]) * normal[:, :, 0] + (y - points[nearest, 1]) * normal[:, :, 1]
    return nearest, distance, side


def _normals(points: np.ndarray) -> np.ndarray:
    """(n, 2) unit vectors to the right of a strand's points (n, 2)."""
    way = np.gradient(points, axis=0)
    way /= np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-6)[:, None]
    return np.stack([-way[:, 1], way[:, 0]], axis=1)


def _shade(
    strand: Strand, nearest: np.ndarray, across: np.ndarray, look: ThreadPlan, light: LightPlan
) -> np.ndarray:
    """(rows, columns) float32 brightness of the thread: roundness, light, twist and gloss."""
    across = np.clip(across, -1, 1)
    normals = _normals(strand.points)
    facing = -(normals @ np.array(light.towards))[nearest] * across  # light comes from where it does not go
    up = np.sqrt(1 - across**2)
    steps = np.hypot(*np.diff(strand.points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])[nearest]
    plies = 0.5 + 0.5 * np.cos(2 * np.pi * (along / look.ply + 0.42 * across))
    fibres = 1 + 0.05 * np.sin(along * 2.1 + 9 * across) * np.sin(along * 0.73 + 4)
    body = 0.48 + 0.42 * up + 0.30 * light.strength * facing
    shine = look.gloss * np.clip(0.75 * up + 0.5 * facing - 0.35, 0, 1) ** 3 * plies
    return ((body * (0.78 + 0.26 * np.sqrt(plies)) * fibres) + shine).astype(np.float32)


def _cast_shadow(patch: np.ndarray, cover: np.ndarray, light: LightPlan) -> None:
    """Darken the cloth beside the strand, on the side away from the lamp, and a little all around."""
    reach = 3.2
    move = np.array([[1, 0, reach * light.towards[0]], [0, 1, reach * light.towards[1]]], np.float32)
    thrown = cv2.warpAffine(cover, move, cover.shape[::-1])
    dark = 0.36 * cv2.GaussianBlur(thrown, (0, 0), 2.0) + 0.16 * cv2.GaussianBlur(cover, (0, 0), 3.5)
    patch *= (1 - dark)[:, :, None]

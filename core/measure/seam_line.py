"""Finds the seam in a picture: a straight line by a Radon transform, then its mild curve."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from scipy import sparse

SHORT_SIDE = 60  # pixels of the small picture in which lines are sought
ANGLES = 45
CANDIDATES = 3
_LEAST_LENGTH = 0.6  # of a line in the picture, in shorter sides
_CLIP = 3.0  # standard deviations: a stain or a reflection counts no more than this
_APART = np.radians(12), 5.0  # two candidates differ by more than this angle or this offset (small pixels)
_BLOCKS = 24  # pieces of the line whose place across it is sought
_REACH = 0.11  # half the width of the band in which the curve is sought, in shorter sides
_DEGREE = 3  # of the curve
_ROUNDS = 5  # of the robust fit


@dataclass(frozen=True)
class SeamLine:
    """A seam in a picture.

    Args:
        points: (n, 2) float32, x and y in pixels of the picture, one pixel apart along the seam.
        normals: (n, 2) float32 unit vectors across it.
        colour: (3,) float32, the weights of B, G and R by which thread stands out from the fabric most.
        strength: how far it stands out among the parallel lines of the picture; cloth without a seam has 2 to 5.
    """

    points: np.ndarray
    normals: np.ndarray
    colour: np.ndarray
    strength: float


@dataclass(frozen=True)
class _Straight:
    angle: float  # of the normal, radians
    offset: float  # from the middle of the picture along the normal, small pixels
    colour: np.ndarray  # (3,) of the whitened picture
    strength: float


def find_lines(picture: np.ndarray) -> Iterator[SeamLine]:
    """Yield up to `CANDIDATES` lines of ``picture`` (H, W, 3) uint8 BGR, the one that stands out most first.

    Sums along all lines (Radon 1917; as a sparse matrix, since a seam is sought in pictures of one size) of the fabric's
    colours, whitened so that its own texture counts as noise. Weaves have many lines of one direction: a line is
    compared with those parallel to it.
    """
    height, width = picture.shape[:2]
    zoom = SHORT_SIDE / min(height, width)
    if zoom * max(height, width) > 8 * SHORT_SIDE:
        return
    small = cv2.resize(picture, (round(width * zoom), round(height * zoom)), interpolation=cv2.INTER_AREA)
    white, whitening = _whitened(small)
    for straight in _straight_lines(white):
        line = _curved(picture, straight, whitening, zoom)
        if len(line.points) > SHORT_SIDE:
            yield line


def _whitened(small: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the fine structure (h, w, 3) float32 with unit covariance, clipped, and the matrix (3, 3) that made it."""
    fine = small.astype(np.float32)
    fine -= cv2.GaussianBlur(fine, (0, 0), SHORT_SIDE / 16)
    flat = fine.reshape(-1, 3)
    covariance = flat.T @ flat / len(flat) + 0.3 * np.eye(3, dtype=np.float32)
    whitening = np.linalg.inv(np.linalg.cholesky(covariance)).T.astype(np.float32)
    return np.clip(fine @ whitening, -_CLIP, _CLIP), whitening


def _straight_lines(white: np.ndarray) -> list[_Straight]:
    height, width = white.shape[:2]
    angles, offsets, lines, counts = _radon(height, width)
    enough = counts >= _LEAST_LENGTH * min(height, width)
    sums = (lines @ white.reshape(-1, 3)).reshape(len(angles), len(offsets), 3)
    energy = np.where(enough, (sums**2).sum(axis=2) / np.maximum(counts, 1), -1.0)
    middle = (
        energy.shape[1] - (enough.sum(axis=1, keepdims=True) + 1) // 2
    )  # in order, after lines that are too short
    usual = np.take_along_axis(np.sort(energy, axis=1), np.minimum(middle, energy.shape[1] - 1), axis=1)
    score = np.sqrt(np.maximum(energy, 0) / np.maximum(usual, 1e-6))
    best: list[_Straight] = []
    while len(best) < CANDIDATES:
        i, j = np.unravel_index(int(score.argmax()), score.shape)
        if score[i, j] <= 0:
            break
        best.append(_Straight(angles[i], offsets[j], sums[i, j] / counts[i, j], float(score[i, j])))
        turn = np.abs((angles - angles[i] + np.pi / 2) % np.pi - np.pi / 2)
        mirrored = np.abs(angles - angles[i]) > np.pi / 2
        place = np.where(mirrored, -offsets[j], offsets[j])
        near = (turn < _APART[0])[:, None] & (np.abs(offsets[None] - place[:, None]) < _APART[1])
        score[near] = 0
    return best


@lru_cache(maxsize=4)
def _radon(height: int, width: int) -> tuple[np.ndarray, np.ndarray, sparse.csr_matrix, np.ndarray]:
    """Return angles (A,), offsets (B,), the matrix (A * B, height * width) that sums along lines, and their lengths (A, B)."""
    angles = np.arange(ANGLES) * np.pi / ANGLES
    reach = int(np.hypot(height, width) / 2) + 1
    offsets = np.arange(-reach, reach + 1)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = (x - (width - 1) / 2).ravel(), (y - (height - 1) / 2).ravel()
    rows = [
        np.rint(x * np.cos(a) + y * np.sin(a)).astype(np.int32) + reach + i * len(offsets)
        for i, a in enumerate(angles)
    ]
    pixels = np.tile(np.arange(height * width, dtype=np.int32), ANGLES)
    ones = np.ones(len(pixels), np.float32)
    shape = (ANGLES * len(offsets), height * width)
    matrix = sparse.csr_matrix((ones, (np.concatenate(rows), pixels)), shape)
    counts = np.asarray(matrix.sum(axis=1)).reshape(ANGLES, len(offsets))
    return angles, offsets.astype(float), matrix, counts


def _curved(picture: np.ndarray, line: _Straight, whitening: np.ndarray, zoom: float) -> SeamLine:
    """Follow a line across its band, piece by piece, and lay a smooth curve through the pieces."""
    height, width = picture.shape[:2]
    normal = np.array([np.cos(line.angle), np.sin(line.angle)])
    along = np.array([-normal[1], normal[0]])
    middle = np.array([(width - 1) / 2, (height - 1) / 2]) + line.offset / zoom * normal
    start, end = _inside(middle, along, width, height)
    colour = whitening @ line.colour
    colour /= max(float(np.linalg.norm(colour)), 1e-9)
    shift = _shift(picture, middle, along, normal, (start, end), colour)
    marks = np.arange(start, end, 1.0)
    curve = np.polynomial.Polynomial(shift, domain=[start, end], window=[-1, 1])
    points = middle + marks[:, None] * along + curve(marks)[:, None] * normal
    inside = (points >= 0).all(axis=1) & (points <= [width - 1, height - 1]).all(axis=1)
    points, slope = points[inside], curve.deriv()(marks)[inside]
    across = normal - slope[:, None] * along
    across /= np.hypot(*across.T)[:, None]
    steps = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])[: len(points)]
    if len(points) < 2:
        return SeamLine(points.astype(np.float32), across.astype(np.float32), colour, line.strength)
    even = np.arange(0, steps[-1], 1.0)
    spread = [np.interp(even, steps, values) for values in (*points.T, *across.T)]
    placed = np.stack(spread, axis=1).astype(np.float32)
    return SeamLine(placed[:, :2], placed[:, 2:], colour.astype(np.float32), line.strength)


def _inside(middle: np.ndarray, along: np.ndarray, width: int, height: int) -> tuple[float, float]:
    """Return from where to where, in pixels from ``middle``, a line is in the picture."""
    low, high = -np.inf, np.inf
    for place, way, size in zip(middle, along, (width, height), strict=True):
        if abs(way) > 1e-9:
            a, b = sorted(((0 - place) / way, (size - 1 - place) / way))
            low, high = max(low, a), min(high, b)
    return float(low), float(max(high, low + 1))


def _shift(
    picture: np.ndarray, middle: np.ndarray, along: np.ndarray, normal: np.ndarray,
    ends: tuple[float, float], colour: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Return the coefficients (`_DEGREE` + 1,) of the seam's distance from a straight line, over -1 to 1 along it."""
    short = min(picture.shape[:2])
    step = max(short / 160, 1.0)
    marks = np.linspace(*ends, _BLOCKS * 8)
    across = np.arange(-_REACH * short, _REACH * short + step, step)
    grid = middle + marks[:, None, None] * along + across[None, :, None] * normal  # (marks, across, 2)
    grid = grid.astype(np.float32)
    band = cv2.remap(picture, grid[..., 0], grid[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    thread = band.reshape(-1, 3).astype(np.float32) @ colour.astype(np.float32)
    blocks = thread.reshape(_BLOCKS, 8, len(across)).mean(axis=1)
    blocks = cv2.GaussianBlur(blocks, (0, 0), 0.012 * short / step, sigmaY=1.0)
    blocks = blocks - cv2.blur(blocks, (2 * (len(across) // 4) + 1, 1))
    places = across[blocks.argmax(axis=1)]
    return _robust_fit(places, blocks.max(axis=1), 0.012 * short)


_POWERS = np.linspace(-1, 1, _BLOCKS)[:, None] ** np.arange(_DEGREE + 1)


def _robust_fit(places: np.ndarray, heights: np.ndarray, scale: float) -> np.ndarray:
    """Fit a polynomial to ``places`` (_BLOCKS,), those far from it (in ``scale``) counting less with each round."""
    weights = np.clip(heights, 0, 2 * max(float(np.median(heights)), 1e-6)) + 1e-6
    away, wide = places, 5 * scale
    fit = np.zeros(_DEGREE + 1)
    for _ in range(_ROUNDS):
        robust = (weights / (1 + (away / wide) ** 2) ** 2)[:, None] * _POWERS
        fit = np.linalg.solve(robust.T @ _POWERS + 1e-9 * np.eye(_DEGREE + 1), robust.T @ places)
        away, wide = places - _POWERS @ fit, max(0.6 * wide, scale)
    return fit

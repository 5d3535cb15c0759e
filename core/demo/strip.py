"""The whole seam of a video as one long picture: cloth, folds, needle holes, stitches, defects, blemishes."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np

from core.demo.blemishes import crease_height, draw_loose, shadow_tone, stain_tone
from core.demo.defects import FittedDefect, fit_all
from core.demo.fabric import noise, render_fabric, slope
from core.demo.plan import STRIP_WIDTH, VideoPlan
from core.demo.seam import needle_holes, seam_x
from core.demo.thread import draw_strand
from core.demo.thread_curve import strand

_FOLDS, _STITCHES = 6, 7  # purposes of the random numbers used here
_COARSE = 4  # folds, shadows and stains are soft: every fourth pixel is enough
_GAP = 8.0  # pixels from a needle hole to the rounded end of the stitch


def render_strip(plan: VideoPlan) -> np.ndarray:
    """(strip_height, STRIP_WIDTH, 3) uint8 BGR."""
    holes, defects = needle_holes(plan), fit_all(plan)
    picture = render_fabric(plan)
    picture *= _folds_and_tones(plan, holes)
    for hole in holes:
        _pierce(picture, hole, plan)
    _sew(picture, plan, holes, defects)
    for blemish in plan.blemishes:
        if blemish.kind in ("lint", "end"):
            draw_loose(picture, plan, blemish)
    for piece in (s for defect in defects for s in defect.strands):
        draw_strand(picture, piece, plan.thread, plan.light)
    return cv2.convertScaleAbs(picture, alpha=255)


def _folds_and_tones(plan: VideoPlan, holes: np.ndarray) -> np.ndarray:
    """(rows, columns, 3) float32 factors: light on wrinkles, puckers and creases; shadows and stains."""
    y, x = np.mgrid[0 : plan.strip_height : _COARSE, 0:STRIP_WIDTH:_COARSE].astype(np.float32)
    height = _wrinkles(plan, x.shape) + _puckers(plan, holes, x, y)
    tone = np.ones((*x.shape, 3), np.float32)
    for blemish in plan.blemishes:
        rows = slice(max(int((blemish.y - 600) / _COARSE), 0), max(int((blemish.y + 600) / _COARSE), 0))
        if blemish.kind == "crease":
            height[rows] += crease_height(blemish, x[rows], y[rows])
        elif blemish.kind == "shadow":
            tone[rows] *= shadow_tone(blemish, x[rows], y[rows])[:, :, None]
        elif blemish.kind == "stain":
            tone[rows] *= stain_tone(blemish, x[rows], y[rows])
    return _lit(plan, height, tone)


def wrinkled(plan: VideoPlan) -> np.ndarray:
    """(rows, columns, 3) float32 factors: light on the wrinkles of a cloth that nobody has sewn."""
    shape = (-(-plan.strip_height // _COARSE), STRIP_WIDTH // _COARSE)
    return _lit(plan, _wrinkles(plan, shape), np.ones((*shape, 3), np.float32))


def _lit(plan: VideoPlan, height: np.ndarray, tone: np.ndarray) -> np.ndarray:
    light = 1 + plan.light.strength * slope(height / _COARSE, plan.light.towards)
    tone *= np.clip(light, 0.35, 1.45)[:, :, None]
    return cv2.resize(tone, (STRIP_WIDTH, plan.strip_height), interpolation=cv2.INTER_LINEAR)


def _wrinkles(plan: VideoPlan, shape: tuple[int, int]) -> np.ndarray:
    """(rows, columns) float32 height in pixels: the cloth does not lie flat."""
    rng = plan.rng(_FOLDS)
    return plan.fabric.wrinkles * (9 * noise(rng, shape, 60) + 1.4 * noise(rng, shape, 22))


def _puckers(plan: VideoPlan, holes: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(rows, columns) float32 height in pixels: the seam draws the cloth in, most of all at its holes."""
    stitch = np.interp(y[:, 0], holes[:, 1], np.arange(len(holes)))[:, None]
    off = np.abs(x - seam_x(plan, y[:, :1]))
    swell = 1 + 0.5 * noise(plan.rng(_FOLDS, 1), x.shape, 30)
    waves = -np.cos(2 * np.pi * stitch) * np.exp(-off / 26) * swell
    return (1.3 + plan.fabric.wrinkles) * waves - 2.2 * np.exp(-((off / 15) ** 2))


def _pierce(picture: np.ndarray, hole: np.ndarray, plan: VideoPlan) -> None:
    """A needle hole: dark inside, its far rim catches the light (changes `picture`)."""
    x, y = hole
    rows, columns = slice(max(int(y) - 9, 0), max(int(y) + 10, 0)), slice(int(x) - 9, int(x) + 10)
    patch = picture[rows, columns]
    if patch.size == 0:
        return
    v, u = np.mgrid[rows.start : rows.start + patch.shape[0], columns].astype(np.float32)
    size = 0.5 * plan.thread.radius
    distance = np.hypot(u - x, v - y) / size
    dark = 0.66 / (1 + np.exp((distance - 1) * 5))
    facing = (u - x) * plan.light.towards[0] + (v - y) * plan.light.towards[1]
    rim = facing * np.exp(-(((distance - 1.7) / 0.45) ** 2))
    patch *= np.clip(1 - dark + 0.05 * rim / size, 0.1, 1.4)[:, :, None]


def _sew(picture: np.ndarray, plan: VideoPlan, holes: np.ndarray, defects: list[FittedDefect]) -> None:
    """All stitches but those that a defect took away (changes `picture`)."""
    rng = plan.rng(_STITCHES)
    gone = {i for d in defects for i in range(d.first, d.last)}
    for i, (a, b) in enumerate(pairwise(holes)):
        # Drawn for missing stitches as well, so that a defect changes nothing elsewhere.
        jitter, radius = rng.normal(0, 0.8, (2, 2)), plan.thread.radius * rng.uniform(0.92, 1.06)
        if i in gone:
            continue
        lean = np.array([plan.thread.slant / 2, 0.0])
        inset = (b - a) * (_GAP + 0.7 * plan.thread.radius) / max(np.hypot(*(b - a)), 1)
        start, end = a + inset - lean + jitter[0], b - inset + lean + jitter[1]
        corners = np.stack([start, (a + b) / 2 + jitter.mean(axis=0), end])
        draw_strand(picture, strand(corners, radius), plan.thread, plan.light)

"""The whole seam of a video as one long picture: cloth, folds, needle holes, stitches, defects, blemishes."""

from itertools import pairwise

import cv2
import numpy as np

from core.demo.defects import FittedDefect, fit_all
from core.demo.fabric import noise, render_fabric, slope
from core.demo.plan import STRIP_WIDTH, BlemishPlan, Colour, VideoPlan
from core.demo.seam import needle_holes, seam_x
from core.demo.thread import Strand, draw_strand, strand

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
            _draw_loose(picture, plan, blemish)
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
            height[rows] += _crease_height(blemish, x[rows], y[rows])
        elif blemish.kind == "shadow":
            tone[rows] *= _shadow_tone(blemish, x[rows], y[rows])[:, :, None]
        elif blemish.kind == "stain":
            tone[rows] *= _stain_tone(blemish, x[rows], y[rows])
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


def _crease_height(blemish: BlemishPlan, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Height (rows, columns) of a crease at the pixels `x`, `y`: a soft ridge that crosses the seam."""
    tilt = (blemish.angle / np.pi - 0.5) * 1.6  # about across the seam; along it would hide it
    along, across = _turned(blemish, x, y, tilt)
    bend = 12 * np.sin(along / (70 + 60 * blemish.size) + blemish.seed % 7)
    ridge = np.exp(-(((across + bend) / (6 + 8 * blemish.size)) ** 2))
    middle = (blemish.seed % 200) - 100
    return blemish.strength * 9 * ridge * np.exp(-(((along - middle) / (130 + 140 * blemish.size)) ** 4))


def _shadow_tone(blemish: BlemishPlan, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Brightness (rows, columns) left by a soft shadow that lies over the cloth like a beam."""
    _, across = _turned(blemish, x, y, blemish.angle / np.pi - 0.5)
    width = 40 + 90 * blemish.size
    beam = 1 / (1 + np.exp((np.abs(across) - width) / 14))
    return 1 - (0.05 + 0.25 * blemish.strength) * beam


def _stain_tone(blemish: BlemishPlan, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(rows, columns, 3) BGR factors of a spot with an uneven rim: dirt, oil or marker."""
    along, across = _turned(blemish, x, y, blemish.angle)
    turn = np.arctan2(across, along)
    rim = 1 + 0.22 * np.sin(3 * turn + blemish.seed % 6) + 0.13 * np.sin(7 * turn + blemish.seed % 5)
    size = (12 + 22 * blemish.size) * rim
    spot = 1 / (1 + np.exp((np.hypot(along, across * 1.8) - size) / 2.5))
    tint = np.random.default_rng(blemish.seed).uniform(0.35, 0.9, 3)
    return 1 - blemish.strength * spot[:, :, None] * (1 - tint)


def _draw_loose(picture: np.ndarray, plan: VideoPlan, blemish: BlemishPlan) -> None:
    """Lint or a loose end of thread that lies beside the seam (changes `picture`, float32 BGR 0..1)."""
    rng = np.random.default_rng(blemish.seed)
    lint = blemish.kind == "lint"
    length = rng.uniform(14, 42) if lint else rng.uniform(26, 60)
    radius = rng.uniform(0.7, 1.3) if lint else plan.thread.radius * rng.uniform(0.8, 1.0)
    draw_strand(
        picture, _lying(blemish, length, radius, rng), plan.thread, plan.light, _colour(plan, lint, rng)
    )


def _colour(plan: VideoPlan, lint: bool, rng: np.random.Generator) -> Colour | None:
    """Lint is grey or white fluff; a loose end is mostly of the seam's own thread."""
    if lint:
        grey = float(rng.uniform(0.55, 0.95))
        return grey, grey, grey
    return None if rng.random() < 0.7 else plan.fabric.second


def _lying(blemish: BlemishPlan, length: float, radius: float, rng: np.random.Generator) -> Strand:
    """A bent piece of thread that stays on its side of the seam: it lies more along the seam than across."""
    angle = np.pi / 2 + (blemish.angle - np.pi / 2) * 0.45
    way = np.array([np.cos(angle), np.sin(angle)])
    aside = np.array([-way[1], way[0]])
    marks = np.array([-0.5, -0.15, 0.2, 0.5])[:, None] * length
    bends = rng.normal(0, 0.14 * length, 4)[:, None]
    corners = np.array([blemish.x, blemish.y]) + marks * way + bends * aside
    return strand(corners, radius, tip=0.8, start=0.85, end=0.85)


def _turned(
    blemish: BlemishPlan, x: np.ndarray, y: np.ndarray, angle: float
) -> tuple[np.ndarray, np.ndarray]:
    """Pixels as seen from the blemish: along its direction, and across."""
    c, s = np.cos(angle), np.sin(angle)
    dx, dy = x - blemish.x, y - blemish.y
    return dx * c + dy * s, dy * c - dx * s

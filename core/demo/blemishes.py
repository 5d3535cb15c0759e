"""Hard negatives: creases, shadows, stains, lint and loose ends. They catch the eye and are no defects."""

from __future__ import annotations

import numpy as np

from core.demo.plan import BlemishPlan, Colour, VideoPlan
from core.demo.thread import draw_strand
from core.demo.thread_curve import Strand, strand


def crease_height(blemish: BlemishPlan, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Height (rows, columns) of a crease at the pixels `x`, `y`: a soft ridge that crosses the seam."""
    tilt = (blemish.angle / np.pi - 0.5) * 1.6  # about across the seam; along it would hide it
    along, across = _turned(blemish, x, y, tilt)
    bend = 12 * np.sin(along / (70 + 60 * blemish.size) + blemish.seed % 7)
    ridge = np.exp(-(((across + bend) / (6 + 8 * blemish.size)) ** 2))
    middle = (blemish.seed % 200) - 100
    return blemish.strength * 9 * ridge * np.exp(-(((along - middle) / (130 + 140 * blemish.size)) ** 4))


def shadow_tone(blemish: BlemishPlan, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Brightness (rows, columns) left by a soft shadow that lies over the cloth like a beam."""
    _, across = _turned(blemish, x, y, blemish.angle / np.pi - 0.5)
    width = 40 + 90 * blemish.size
    beam = 1 / (1 + np.exp((np.abs(across) - width) / 14))
    return 1 - (0.05 + 0.25 * blemish.strength) * beam


def stain_tone(blemish: BlemishPlan, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(rows, columns, 3) BGR factors of a spot with an uneven rim: dirt, oil or marker."""
    along, across = _turned(blemish, x, y, blemish.angle)
    turn = np.arctan2(across, along)
    rim = 1 + 0.22 * np.sin(3 * turn + blemish.seed % 6) + 0.13 * np.sin(7 * turn + blemish.seed % 5)
    size = (12 + 22 * blemish.size) * rim
    spot = 1 / (1 + np.exp((np.hypot(along, across * 1.8) - size) / 2.5))
    tint = np.random.default_rng(blemish.seed).uniform(0.35, 0.9, 3)
    return 1 - blemish.strength * spot[:, :, None] * (1 - tint)


def draw_loose(picture: np.ndarray, plan: VideoPlan, blemish: BlemishPlan) -> None:
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

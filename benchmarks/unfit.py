"""Pictures without a seam to judge, as the camera of the demo class would take them. None belongs to the class.

They show whether a network says so when it cannot know: see `core.explain.out_of_distribution`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import cv2
import numpy as np

from core.demo.camera import film
from core.demo.fabric import noise, render_fabric
from core.demo.plan import FRAME_HEIGHT, FRAME_WIDTH, VideoPlan
from core.demo.sample_plan import video_plan
from core.demo.strip import render_strip, wrinkled

PER_CLOTH = 5
_UNFIT = 11  # purpose of the random numbers used here


def unfit(kind: str, count: int, seed: int = 1) -> Iterator[np.ndarray]:
    """Yield ``count`` pictures (480, 640, 3) uint8 BGR of a kind, of 5 on each cloth.

    Args:
        kind: of `KINDS`: ``bare`` (cloth without a seam), ``hand`` (over the seam), ``unfocused``, ``covered`` (a finger
            or a cap on the lens), ``table`` (empty).
        count: how many.
        seed: the same gives the same pictures; cloths are other than those of the demo class of another seed.
    """
    for plan in video_plan(seed, -(-count // PER_CLOTH), PER_CLOTH):
        left = min(PER_CLOTH, count)
        count -= left
        yield from islice(KINDS[kind](plan), left)


def _bare(plan: VideoPlan) -> Iterator[np.ndarray]:
    cloth = render_fabric(plan) * wrinkled(plan)
    return film(plan, cv2.convertScaleAbs(cloth, alpha=255))


def _table(plan: VideoPlan) -> Iterator[np.ndarray]:
    """A board with some grain."""
    rng, shape = plan.rng(_UNFIT), (plan.strip_height, FRAME_WIDTH + 128)
    grain = noise(rng, (shape[0] // 40, shape[1]), 4)
    grain = cv2.resize(grain, shape[::-1], interpolation=cv2.INTER_CUBIC)
    tone = rng.uniform(0.2, 0.85) * (1 + rng.uniform(0, 0.12) * grain + 0.03 * noise(rng, shape, 160))
    colour = np.array([rng.uniform(0.5, 1), rng.uniform(0.7, 1), 1], np.float32)
    return film(plan, cv2.convertScaleAbs(tone[..., None] * colour, alpha=255))


def _hand(plan: VideoPlan) -> Iterator[np.ndarray]:
    rng = plan.rng(_UNFIT)
    for picture in film(plan, render_strip(plan)):
        yield _covered_by_hand(picture, plan, rng)


def _covered_by_hand(picture: np.ndarray, plan: VideoPlan, rng: np.random.Generator) -> np.ndarray:
    """Lay four fingers and the back of a hand over the middle of ``picture``, where the seam is."""
    middle, width = FRAME_WIDTH / 2 + rng.uniform(-40, 40), rng.uniform(62, 78)
    cover, height = np.zeros((2, FRAME_HEIGHT, FRAME_WIDTH), np.float32)
    parts = [np.zeros_like(cover) for _ in range(5)]
    for finger, part in enumerate(parts[:4]):
        x = middle + (finger - 1.5) * 1.05 * width
        tip = (int(x + rng.uniform(-15, 15)), int(rng.uniform(10, 70)))
        cv2.line(part, tip, (int(x), 360), 1.0, int(width), cv2.LINE_AA)
    cv2.ellipse(parts[4], (int(middle), 430), (int(2.2 * width), 190), 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    for part in parts:
        cover = np.maximum(cover, part)
        height = np.maximum(height, cv2.GaussianBlur(part, (0, 0), width / 3))
    skin = np.array([0.45, 0.58, 0.8], np.float32) * rng.uniform(0.35, 1.05)
    pores = 1 + 0.03 * noise(rng, (FRAME_HEIGHT, FRAME_WIDTH), 3)
    lit = 255 * skin * ((0.35 + 0.65 * height) * pores)[..., None]
    soft = cv2.GaussianBlur(cover, (0, 0), 1.2)[..., None]
    grain = rng.normal(0, plan.camera.noise, picture.shape)
    return cv2.add(picture * (1 - soft), lit * soft + grain, dtype=cv2.CV_8U)


def _unfocused(plan: VideoPlan) -> Iterator[np.ndarray]:
    """So far out of focus that no stitch can be told from the next."""
    rng = plan.rng(_UNFIT)
    for picture in film(plan, render_strip(plan)):
        blurred = cv2.GaussianBlur(picture, (0, 0), rng.uniform(14, 30))
        yield cv2.add(blurred, rng.normal(0, plan.camera.noise, picture.shape), dtype=cv2.CV_8U)


def _lens_covered(plan: VideoPlan) -> Iterator[np.ndarray]:
    """Nearly black, or the red glow of a finger; some light comes in from a side."""
    rng = plan.rng(_UNFIT)
    for _ in range(plan.frames):
        glow = rng.uniform(2, 60) * np.array([0.25, 0.35, 1.0]) if rng.random() < 0.5 else rng.uniform(0, 12)
        x = np.linspace(-1, 1, FRAME_WIDTH)[None, :, None] * rng.uniform(-0.5, 0.5)
        y = np.linspace(-1, 1, FRAME_HEIGHT)[:, None, None] * rng.uniform(-0.5, 0.5)
        grain = rng.normal(0, 1.5 * plan.camera.noise, (FRAME_HEIGHT, FRAME_WIDTH, 3))
        yield cv2.convertScaleAbs(np.maximum(glow * (1 + x + y) + grain, 0))


KINDS: dict[str, Callable[[VideoPlan], Iterator[np.ndarray]]] = {
    "bare": _bare,
    "hand": _hand,
    "unfocused": _unfocused,
    "covered": _lens_covered,
    "table": _table,
}
"""What a camera sees when there is no seam to judge."""

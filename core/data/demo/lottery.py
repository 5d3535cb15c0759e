"""Draws the plans of a class: which cloth, thread, light and camera, and where the defects are."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from core.data.demo.camera import positions
from core.data.demo.defects import BREAKS, LOOPS, fit, fit_all
from core.data.demo.plan import (
    FRAME_HEIGHT,
    FRAME_WIDTH,
    LONG_MM,
    MARGIN,
    PX_PER_MM,
    SHORT_MM,
    STRIP_WIDTH,
    BlemishPlan,
    CameraPlan,
    Colour,
    DefectPlan,
    FabricPlan,
    LightPlan,
    SeamPlan,
    ThreadPlan,
    VideoPlan,
)
from core.data.demo.seam import needle_holes, seam_x
from core.data.demo.truth import COUNTS_FROM

TRAVEL = 10000.0  # pixels of seam in a video: long enough for about five errors and five breaks
FASTEST = 60.0  # pixels from frame to frame; a shorter video sees less of a seam, not a faster one
WEAVES = ("canvas", "twill", "plain", "leather", "felt", "knit")
CONTRASTS = ("light on dark", "dark on light", "medium")
TARGET = {"good": 0.57, "error": 0.26, "break": 0.26}  # shares of the frames
LAYOUTS = 300  # tries per video; the one nearest to TARGET is taken
SMALLEST, LARGEST = 0.0125, 0.041  # a defect's box as a share of the picture


def video_plan(seed: int, videos: int = 16, frames: int = 220) -> list[VideoPlan]:
    """The plans of a class. Of every eight videos one is left for the user to label (the last ones)."""
    rng = np.random.default_rng([seed, 0])
    weaves = rng.permutation([WEAVES[i % len(WEAVES)] for i in range(videos)])
    contrasts = rng.permutation([CONTRASTS[i % len(CONTRASTS)] for i in range(videos)])
    turn = int(rng.integers(2))
    plans = []
    for i in range(videos):
        labelled = i < videos - videos // 8
        pitches = _pitches(i, turn)
        name = f"seam_{i + 1:02d}"
        plans.append(_draw(name, labelled, [seed, i], frames, str(weaves[i]), str(contrasts[i]), pitches))
    return plans


def _pitches(i: int, turn: int) -> tuple[float, ...]:
    """Stitch lengths of the i-th video: short and long in turn; every fourth video changes midway."""
    order = (SHORT_MM, LONG_MM) if (i - i // 4 + turn) % 2 else (LONG_MM, SHORT_MM)
    return order if i % 4 == 3 else order[:1]


def _draw(
    name: str, labelled: bool, seed: list[int], frames: int, weave: str, contrast: str, pitches: tuple[float, ...]
) -> VideoPlan:
    """Everything about one video."""
    rng = np.random.default_rng([*seed, 1])
    travel = min(TRAVEL, FASTEST * frames)
    change = travel * rng.uniform(0.42, 0.58) + FRAME_HEIGHT / 2 + MARGIN
    fabric, thread = _materials(rng, weave, contrast)
    plan = VideoPlan(
        name=name,
        labelled=labelled,
        seed=int(rng.integers(2**31)),
        frames=frames,
        travel=travel,
        scale=PX_PER_MM * rng.uniform(0.94, 1.06),
        fabric=fabric,
        thread=thread,
        light=_light(rng),
        camera=_camera(rng),
        seam=_seam(rng, tuple(zip((0.0, change), pitches, strict=False))),
    )
    plan = _lay_defects(rng, plan)
    return replace(plan, blemishes=_blemishes(rng, plan))


def _materials(rng: np.random.Generator, weave: str, contrast: str) -> tuple[FabricPlan, ThreadPlan]:
    """Cloth and thread that can be told apart: by lightness, or (medium) by less lightness and by colour."""
    light = {"light on dark": rng.uniform(30, 46), "dark on light": rng.uniform(66, 82)}.get(contrast, rng.uniform(48, 64))
    hue = rng.choice([rng.uniform(0.3, 1.5), rng.normal(-1.3, 0.3), rng.uniform(0, 2 * np.pi)], p=[0.6, 0.25, 0.15])
    chroma = rng.uniform(2, 12) if weave in ("plain", "felt") else rng.uniform(10, 48)
    if weave == "twill":  # denim: a dark warp, mostly blue, over a pale weft
        light, hue, chroma = rng.uniform(32, 46), rng.normal(-1.3, 0.2), rng.uniform(8, 30)
    step = {"light on dark": 42.0, "dark on light": -44.0}.get(contrast, 26.0 * rng.choice([-1, 1]))
    if weave == "twill":
        step = -26.0 if contrast == "dark on light" else 42.0
    thread_hue = hue + np.pi + rng.uniform(-1, 1) if contrast == "medium" else rng.uniform(0, 2 * np.pi)
    thread_chroma = rng.uniform(35, 60) if contrast == "medium" or weave == "twill" else rng.uniform(0, 45)
    if weave == "twill":
        thread_hue = rng.uniform(0.7, 1.5)  # yellow to orange, as on jeans
    colour = lab(light, chroma, hue)
    second = lab(min(light + 38, 88), 5, hue) if weave == "twill" else lab(light + rng.uniform(-5, 5), chroma, hue)
    periods = {"canvas": (13, 20), "twill": (8, 12), "plain": (7.5, 11), "leather": (5, 8), "felt": (2.4, 3.8), "knit": (9, 13)}
    fabric = FabricPlan(
        weave=weave,
        period=rng.uniform(*periods[weave]),
        colour=colour,
        second=second,
        tilt=rng.uniform(-4, 4),
        wrinkles=rng.uniform(0.2, 0.8),
    )
    thread = ThreadPlan(
        colour=lab(float(np.clip(light + step, 8, 93)), thread_chroma, thread_hue),
        radius=rng.uniform(4.3, 5.6),
        ply=rng.uniform(7, 11),
        gloss=rng.uniform(0.05, 0.35),
        slant=rng.uniform(-5, 5),
    )
    return fabric, thread


def lab(light: float, chroma: float, hue: float) -> Colour:
    """A colour by CIE lightness (0-100), chroma and hue (radians): equal steps look equally far apart."""
    pixel = np.array([[[light, chroma * np.cos(hue), chroma * np.sin(hue)]]], dtype=np.float32)
    blue, green, red = np.clip(cv2.cvtColor(pixel, cv2.COLOR_Lab2BGR)[0, 0], 0.02, 1).tolist()
    return blue, green, red


def _light(rng: np.random.Generator) -> LightPlan:
    angle = rng.uniform(0, 2 * np.pi)
    warm = rng.uniform(-0.07, 0.07)
    return LightPlan(
        towards=(float(np.cos(angle)), float(np.sin(angle))),
        strength=rng.uniform(0.6, 1.1),
        tint=(1 - warm, 1.0, 1 + warm),
        fall=(rng.uniform(-0.16, 0.16), rng.uniform(-0.16, 0.16)),
        vignette=rng.uniform(0.05, 0.22),
    )


def _camera(rng: np.random.Generator) -> CameraPlan:
    return CameraPlan(
        jitter=rng.uniform(0.5, 1.8),
        turn=rng.uniform(0.3, 1.5),
        blur=rng.uniform(0.7, 1.25),
        motion=int(rng.integers(1, 6)),
        noise=rng.uniform(1.5, 3.5),
        drift=rng.uniform(0.02, 0.07),
    )


def _seam(rng: np.random.Generator, pitches: tuple[tuple[float, float], ...]) -> SeamPlan:
    waves = tuple((rng.uniform(3, 14), rng.uniform(900, 2600), rng.uniform(0, 2 * np.pi)) for _ in range(3))
    return SeamPlan(centre=STRIP_WIDTH / 2 + rng.uniform(-110, 110), waves=waves, pitches=pitches)


def _lay_defects(rng: np.random.Generator, plan: VideoPlan) -> VideoPlan:
    """Try many layouts and keep the one whose shares of good, error and break are nearest to TARGET."""
    each = max(1, round(TARGET["error"] * plan.travel / FRAME_HEIGHT))
    tops = positions(plan)[:, 1]
    layouts = [_layout(rng, plan, each) for _ in range(LAYOUTS)]
    kinds, middles, lengths = min(layouts, key=lambda layout: _miss(*layout, tops))
    holes = needle_holes(plan)
    found = zip(kinds.tolist(), middles.tolist(), lengths.tolist(), strict=True)
    return replace(plan, defects=tuple(_defect(rng, plan, holes, *one) for one in found))


def _miss(kinds: np.ndarray, middles: np.ndarray, lengths: np.ndarray, tops: np.ndarray) -> float:
    """How far a layout is from what is wanted; defects that lie on each other are worst."""
    starts, ends = middles - lengths / 2, middles + lengths / 2
    inside = np.minimum(ends, tops[:, None] + FRAME_HEIGHT) - np.maximum(starts, tops[:, None])
    whole, seen = inside >= COUNTS_FROM * lengths, inside > 0  # (frames, defects)
    shares = {"good": np.sum(~seen.any(axis=1)) / max(np.sum(~seen.any(axis=1)) + np.sum(whole.any(axis=1)), 1)}
    for kind in ("error", "break"):
        shares[kind] = whole[:, kinds == kind].any(axis=1).mean()
    touching = np.sum(ends[:-1] + 60 > starts[1:])
    return float(touching + sum(abs(shares[name] - share) for name, share in TARGET.items()))


def _layout(rng: np.random.Generator, plan: VideoPlan, each: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Kinds, middles and lengths (n,) of `each` errors and breaks anywhere along the seam."""
    low, high = MARGIN + FRAME_HEIGHT * 0.3, plan.travel + MARGIN + FRAME_HEIGHT * 0.7
    kinds = rng.permutation(["error", "break"] * each)
    lengths = np.where(kinds == "error", rng.uniform(80, 160, len(kinds)), rng.uniform(105, 215, len(kinds)))
    return kinds, np.sort(rng.uniform(low, high, len(kinds))), lengths


def _defect(
    rng: np.random.Generator, plan: VideoPlan, holes: np.ndarray, kind: str, y: float, length: float
) -> DefectPlan:
    """A defect whose box is neither too small to be seen nor larger than wanted."""
    shapes, low, high = (list(LOOPS), 46, 92) if kind == "error" else (list(BREAKS), 40, 66)
    for _ in range(100):
        side, reach = int(rng.choice([-1, 1])), rng.uniform(low, high)
        defect = DefectPlan(kind, str(rng.choice(shapes)), y, length, reach, side, int(rng.integers(2**31)))
        x1, y1, x2, y2 = fit(plan, defect, holes).box
        if SMALLEST < (x2 - x1) * (y2 - y1) / (FRAME_WIDTH * FRAME_HEIGHT) < LARGEST:
            break
    return defect


def _blemishes(rng: np.random.Generator, plan: VideoPlan) -> tuple[BlemishPlan, ...]:
    """Hard negatives all along the strip; those of thread keep off the defects, whose boxes must stay true."""
    boxes = [f.box for f in fit_all(plan)]
    found: list[BlemishPlan] = []
    for kind, every in (("crease", 1400), ("shadow", 2400), ("stain", 1300), ("lint", 400), ("end", 1200)):
        for _ in range(rng.poisson(plan.strip_height / every)):
            y = rng.uniform(0, plan.strip_height)
            aside = rng.uniform(45, 170) * rng.choice([-1, 1])
            x = float(seam_x(plan, y)) + (aside if kind in ("lint", "end", "stain") else 0.0)
            near = any(box[1] - 70 < y < box[3] + 70 for box in boxes)
            if kind in ("end", "stain") and near:
                continue
            found.append(
                BlemishPlan(kind, x, y, rng.uniform(0, 1), rng.uniform(0, np.pi), rng.uniform(0.5, 1), int(rng.integers(2**31)))
            )
    return tuple(found)

"""Draws the plans of a class at random: cloth, thread, light, camera and seam of each video, and where its defects lie."""

from dataclasses import replace

import cv2
import numpy as np

from core.demo.camera import positions
from core.demo.defects import BREAKS, LOOPS, fit_all, fit_defect
from core.demo.plan import (
    FRAME_HEIGHT,
    FRAME_WIDTH,
    FRAMES,
    LONG_MM,
    MARGIN,
    PX_PER_MM,
    SHORT_MM,
    STRIP_WIDTH,
    VIDEOS,
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
from core.demo.seam import needle_holes, seam_x
from core.demo.truth import COUNTS_FROM

PERIODS = {  # least and greatest distance of two yarns or grains, in pixels
    "canvas": (8, 12),
    "twill": (5.5, 7.5),
    "plain": (7.5, 11),
    "leather": (5, 8),
    "felt": (2.4, 3.8),
    "knit": (9, 13),
}
WEAVES = tuple(PERIODS)
CONTRASTS = {  # lightness of the cloth (least, greatest, 0 to 100), and how much lighter the thread is
    "light on dark": (30, 46, 42),
    "dark on light": (66, 82, -44),
    "medium": (48, 64, 34),
}
TRAVEL = 10000.0  # pixels of seam in a video: long enough for five errors and five breaks
FASTEST = 60.0  # pixels from frame to frame; a shorter video sees less of a seam, not a faster one
TARGET = {"good": 0.57, "error": 0.26, "break": 0.26}  # shares of the frames
LAYOUTS = 300  # tries per video; the one nearest to TARGET is taken
APART = 60  # pixels between two defects
SMALLEST, LARGEST = 0.0125, 0.041  # a defect's box as a share of the picture
BLEMISHES = {"crease": 1400, "shadow": 2400, "stain": 1300, "lint": 400, "end": 1200}  # one in so many pixels

Layout = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Kinds, middles and lengths (pixels) of the defects, (n,) each."""


def video_plan(seed: int, videos: int = VIDEOS, frames: int = FRAMES) -> list[VideoPlan]:
    """The plans of a class. Of every eight videos one is left for the user to label (the last ones)."""
    rng = np.random.default_rng([seed, 0])
    weaves = rng.permutation([WEAVES[i % len(WEAVES)] for i in range(videos)])
    contrasts = rng.permutation([list(CONTRASTS)[i % len(CONTRASTS)] for i in range(videos)])
    turn = int(rng.integers(2))
    plans = []
    for i in range(videos):
        plan = _draw_video(
            np.random.default_rng([seed, i, 1]), str(weaves[i]), str(contrasts[i]), frames, i + turn
        )
        plans.append(replace(plan, name=f"seam_{i + 1:02d}", labelled=i < videos - videos // 8))
    return plans


def _draw_video(rng: np.random.Generator, weave: str, contrast: str, frames: int, number: int) -> VideoPlan:
    """Everything about one video but its name; its `number` decides about the pitch."""
    travel = min(TRAVEL, FASTEST * frames)
    fabric, thread = _draw_materials(rng, weave, contrast)
    plan = VideoPlan(
        name="",
        labelled=True,
        seed=int(rng.integers(2**31)),
        frames=frames,
        travel=travel,
        scale=PX_PER_MM * rng.uniform(0.94, 1.06),
        fabric=fabric,
        thread=thread,
        light=_draw_light(rng),
        camera=_draw_camera(rng),
        seam=_draw_seam(rng, travel, number),
    )
    plan = _lay_defects(rng, plan)
    return replace(plan, blemishes=_blemishes(rng, plan))


def _draw_seam(rng: np.random.Generator, travel: float, number: int) -> SeamPlan:
    """A slightly wavy line, not quite in the middle. Half of the videos change their pitch midway.

    Otherwise cloth and pitch would go together, and a network could learn the cloth instead of the stitch.
    """
    change = travel * rng.uniform(0.42, 0.58) + FRAME_HEIGHT / 2 + MARGIN
    first, second = (SHORT_MM, LONG_MM) if number % 4 < 2 else (LONG_MM, SHORT_MM)
    pitches = ((0.0, first), (change, second)) if number % 2 else ((0.0, first),)
    # Nearly straight: the class's augmentation cuts off the top and appends it below, where it should still fit.
    waves = tuple((rng.uniform(2, 7), rng.uniform(1400, 3400), rng.uniform(0, 2 * np.pi)) for _ in range(3))
    return SeamPlan(centre=STRIP_WIDTH / 2 + rng.uniform(-110, 110), waves=waves, pitches=pitches)


def _lay_defects(rng: np.random.Generator, plan: VideoPlan) -> VideoPlan:
    """Try many layouts and keep the one whose shares of good, error and break are nearest to TARGET."""
    each = max(1, round(TARGET["error"] * plan.travel / FRAME_HEIGHT))
    tops = positions(plan)[:, 1]
    layouts = [_layout(rng, plan, each) for _ in range(LAYOUTS)]
    kinds, middles, lengths = min(layouts, key=lambda layout: _miss(layout, tops))
    holes = needle_holes(plan)
    places = zip(kinds.tolist(), middles.tolist(), lengths.tolist(), strict=True)
    return replace(plan, defects=tuple(_defect(rng, plan, holes, *place) for place in places))


def _layout(rng: np.random.Generator, plan: VideoPlan, each: int) -> Layout:
    """`each` errors and breaks anywhere along the seam."""
    low, high = MARGIN + FRAME_HEIGHT * 0.3, plan.travel + MARGIN + FRAME_HEIGHT * 0.7
    kinds = rng.permutation(["error", "break"] * each)
    lengths = np.where(kinds == "error", rng.uniform(80, 160, len(kinds)), rng.uniform(125, 225, len(kinds)))
    return kinds, np.sort(rng.uniform(low, high, len(kinds))), lengths


def _miss(layout: Layout, tops: np.ndarray) -> float:
    """How far a layout is from TARGET in frames that begin at `tops` (frames,); touching defects are worst."""
    kinds, middles, lengths = layout
    starts, ends = middles - lengths / 2, middles + lengths / 2
    inside = np.minimum(ends, tops[:, None] + FRAME_HEIGHT) - np.maximum(starts, tops[:, None])
    whole = inside >= COUNTS_FROM * lengths  # (frames, defects)
    good, bad = np.sum((inside <= 0).all(axis=1)), np.sum(whole.any(axis=1))
    shares = {"good": good / max(good + bad, 1)}
    for kind in ("error", "break"):
        shares[kind] = whole[:, kinds == kind].any(axis=1).mean()
    touching = np.sum(ends[:-1] + APART > starts[1:])
    return float(touching + sum(abs(shares[name] - share) for name, share in TARGET.items()))


def _defect(
    rng: np.random.Generator, plan: VideoPlan, holes: np.ndarray, kind: str, y: float, length: float
) -> DefectPlan:
    """A defect whose box is neither too small to be seen nor larger than wanted."""
    shapes, low, high = (list(LOOPS), 56, 96) if kind == "error" else (list(BREAKS), 34, 54)
    for attempt in range(100):
        shorter = length * 0.99**attempt  # with long stitches only a shorter one may fit
        side, reach = int(rng.choice([-1, 1])), rng.uniform(low, high)
        defect = DefectPlan(kind, str(rng.choice(shapes)), y, shorter, reach, side, int(rng.integers(2**31)))
        x1, y1, x2, y2 = fit_defect(plan, defect, holes).box
        if SMALLEST < (x2 - x1) * (y2 - y1) / (FRAME_WIDTH * FRAME_HEIGHT) < LARGEST:
            break
    return defect


def _blemishes(rng: np.random.Generator, plan: VideoPlan) -> tuple[BlemishPlan, ...]:
    """Hard negatives all along the strip; loose ends and stains, which look like defects, keep away from them."""
    boxes = [f.box for f in fit_all(plan)]
    blemishes = []
    for kind, every in BLEMISHES.items():
        for _ in range(rng.poisson(plan.strip_height / every)):
            y = rng.uniform(0, plan.strip_height)
            aside = 0.0 if kind in ("crease", "shadow") else rng.uniform(45, 170) * rng.choice([-1, 1])
            x, size = float(seam_x(plan, y)) + aside, rng.random()
            angle, strength = rng.uniform(0, np.pi), rng.uniform(0.5, 1)
            if kind in ("end", "stain") and any(box[1] - 70 < y < box[3] + 70 for box in boxes):
                continue
            blemishes.append(BlemishPlan(kind, x, y, size, angle, strength, int(rng.integers(2**31))))
    return tuple(blemishes)


def _draw_materials(rng: np.random.Generator, weave: str, contrast: str) -> tuple[FabricPlan, ThreadPlan]:
    """Cloth and thread that can be told apart: by lightness, or (medium) by less lightness and by colour."""
    draw_colours = _denim_colours if weave == "twill" else _plain_colours
    warp, weft, thread_colour = draw_colours(rng, weave, contrast)
    fabric = FabricPlan(
        weave=weave,
        period=rng.uniform(*PERIODS[weave]),
        colour=warp,
        second=weft,
        tilt=rng.uniform(-4, 4),
        wrinkles=rng.uniform(0.2, 0.8),
    )
    thread = ThreadPlan(
        colour=thread_colour,
        radius=rng.uniform(4.3, 5.6),
        ply=rng.uniform(7, 11),
        gloss=rng.uniform(0.05, 0.35),
        slant=rng.uniform(-5, 5),
    )
    return fabric, thread


def _plain_colours(rng: np.random.Generator, weave: str, contrast: str) -> tuple[Colour, Colour, Colour]:
    """Warp, weft and thread of cloth of one colour: mostly warm, then blue, then anything."""
    least, greatest, step = CONTRASTS[contrast]
    light = rng.uniform(least, greatest)
    hues = [rng.uniform(0.3, 1.5), rng.normal(-1.3, 0.3), rng.uniform(0, 2 * np.pi)]
    hue = float(rng.choice(hues, p=[0.6, 0.25, 0.15]))
    chroma = rng.uniform(2, 12) if weave in ("plain", "felt") else rng.uniform(10, 48)
    if contrast == "medium":
        step *= int(rng.choice([-1, 1]))
        thread = _lab(light + step, rng.uniform(35, 60), hue + np.pi + rng.uniform(-1, 1))
    else:
        thread = _lab(light + step, rng.uniform(0, 45), rng.uniform(0, 2 * np.pi))
    return _lab(light, chroma, hue), _lab(light + rng.uniform(-5, 5), chroma, hue), thread


def _denim_colours(rng: np.random.Generator, _: str, contrast: str) -> tuple[Colour, Colour, Colour]:
    """Warp, weft and thread of denim: a blue warp over a pale weft, sewn with yellow to orange, or dark, thread."""
    light, hue = rng.uniform(32, 46), rng.normal(-1.3, 0.2)
    step = -26 if contrast == "dark on light" else 42
    thread = _lab(light + step, rng.uniform(35, 60), rng.uniform(0.7, 1.5))
    return _lab(light, rng.uniform(8, 30), hue), _lab(light + 30, 5, hue), thread


def _lab(light: float, chroma: float, hue: float) -> Colour:
    """A colour by CIE lightness (0-100), chroma and hue (radians): equal steps look equally far apart."""
    light = min(max(light, 8.0), 93.0)
    pixel = np.array([[[light, chroma * np.cos(hue), chroma * np.sin(hue)]]], dtype=np.float32)
    blue, green, red = np.clip(cv2.cvtColor(pixel, cv2.COLOR_Lab2BGR)[0, 0], 0.02, 1).tolist()
    return blue, green, red


def _draw_light(rng: np.random.Generator) -> LightPlan:
    """A lamp from any side, a little warm or cold, brighter on one side of the picture."""
    angle, warm = rng.uniform(0, 2 * np.pi), rng.uniform(-0.07, 0.07)
    return LightPlan(
        towards=(float(np.cos(angle)), float(np.sin(angle))),
        strength=rng.uniform(0.6, 1.1),
        tint=(1 - warm, 1.0, 1 + warm),
        fall=(rng.uniform(-0.16, 0.16), rng.uniform(-0.16, 0.16)),
        vignette=rng.uniform(0.05, 0.22),
    )


def _draw_camera(rng: np.random.Generator) -> CameraPlan:
    """From a good camera on a stand to a middling one on a shaky arm."""
    return CameraPlan(
        jitter=rng.uniform(0.5, 1.8),
        turn=rng.uniform(0.2, 0.8),
        blur=rng.uniform(0.7, 1.25),
        motion=int(rng.integers(1, 6)),
        noise=rng.uniform(1.5, 3.5),
        drift=rng.uniform(0.02, 0.07),
    )

"""Draws cloth, thread, light and camera of one video."""

from __future__ import annotations

import cv2
import numpy as np

from core.demo.plan import CameraPlan, Colour, FabricPlan, LightPlan, ThreadPlan

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


def draw_materials(rng: np.random.Generator, weave: str, contrast: str) -> tuple[FabricPlan, ThreadPlan]:
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
        thread = lab(light + step, rng.uniform(35, 60), hue + np.pi + rng.uniform(-1, 1))
    else:
        thread = lab(light + step, rng.uniform(0, 45), rng.uniform(0, 2 * np.pi))
    return lab(light, chroma, hue), lab(light + rng.uniform(-5, 5), chroma, hue), thread


def _denim_colours(rng: np.random.Generator, _: str, contrast: str) -> tuple[Colour, Colour, Colour]:
    """Warp, weft and thread of denim: a blue warp over a pale weft, sewn with yellow to orange, or dark, thread."""
    light, hue = rng.uniform(32, 46), rng.normal(-1.3, 0.2)
    step = -26 if contrast == "dark on light" else 42
    thread = lab(light + step, rng.uniform(35, 60), rng.uniform(0.7, 1.5))
    return lab(light, rng.uniform(8, 30), hue), lab(light + 30, 5, hue), thread


def lab(light: float, chroma: float, hue: float) -> Colour:
    """A colour by CIE lightness (0-100), chroma and hue (radians): equal steps look equally far apart."""
    light = min(max(light, 8.0), 93.0)
    pixel = np.array([[[light, chroma * np.cos(hue), chroma * np.sin(hue)]]], dtype=np.float32)
    blue, green, red = np.clip(cv2.cvtColor(pixel, cv2.COLOR_Lab2BGR)[0, 0], 0.02, 1).tolist()
    return blue, green, red


def draw_light(rng: np.random.Generator) -> LightPlan:
    """A lamp from any side, a little warm or cold, brighter on one side of the picture."""
    angle, warm = rng.uniform(0, 2 * np.pi), rng.uniform(-0.07, 0.07)
    return LightPlan(
        towards=(float(np.cos(angle)), float(np.sin(angle))),
        strength=rng.uniform(0.6, 1.1),
        tint=(1 - warm, 1.0, 1 + warm),
        fall=(rng.uniform(-0.16, 0.16), rng.uniform(-0.16, 0.16)),
        vignette=rng.uniform(0.05, 0.22),
    )


def draw_camera(rng: np.random.Generator) -> CameraPlan:
    """From a good camera on a stand to a middling one on a shaky arm."""
    return CameraPlan(
        jitter=rng.uniform(0.5, 1.8),
        turn=rng.uniform(0.2, 0.8),
        blur=rng.uniform(0.7, 1.25),
        motion=int(rng.integers(1, 6)),
        noise=rng.uniform(1.5, 3.5),
        drift=rng.uniform(0.02, 0.07),
    )

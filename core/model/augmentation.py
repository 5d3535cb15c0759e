"""Varying the training pictures. Nothing here scales, zooms or stretches: the pitch of the stitches is a label.

Every step takes pictures (N, h, w, 3) uint8 BGR and a random generator, and returns new pictures of that form.
"""

from collections.abc import Callable

import cv2
import numpy as np

from core.model.recipes import Augmentation

Step = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def augment(pictures: np.ndarray, kind: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """Vary ``pictures`` as ``kind`` says; doubling the set by twins is the work of the batches.

    Args:
        pictures: (N, h, w, 3) uint8, BGR; not changed.
        kind: which steps, how strong.
        rng: where chance comes from.

    Returns:
        (N, h, w, 3) uint8, BGR.
    """
    for step in steps(kind):
        pictures = step(pictures, rng)
    return pictures


def steps(kind: Augmentation) -> list[Step]:
    """Return the steps that ``kind`` asks for, in the order they are taken."""
    every: list[tuple[bool, Step]] = [
        (kind.roll, cut_and_append),
        (kind.flip, flip),
        (kind.shift > 0, lambda pictures, rng: shift(pictures, kind.shift, rng)),
        (kind.blur > 0, lambda pictures, rng: blur(pictures, kind.blur, rng)),
        (kind.weave > 0, lambda pictures, rng: overweave(pictures, kind.weave, rng)),
        (kind.colour > 0, lambda pictures, rng: recolour(pictures, kind.colour, rng)),
        (kind.light > 0, lambda pictures, rng: relight(pictures, kind, rng)),
        (kind.noise > 0, lambda pictures, rng: add_noise(pictures, kind.noise, rng)),
    ]
    return [step for wanted, step in every if wanted]


def relight(pictures: np.ndarray, kind: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """Multiply the grey levels by a contrast and add a brightness, saturating: a share ``kind.light`` of pictures.

    With the defaults of :class:`Augmentation` and a share of 0.7 this is the published step.
    """
    count = len(pictures)
    alpha = rng.uniform(*kind.contrast, count).astype(np.float32)
    beta = rng.integers(kind.brightness[0], kind.brightness[1] + 1, count).astype(np.float32)
    kept = rng.random(count) >= kind.light
    alpha[kept], beta[kept] = 1, 0
    levels = np.arange(256, dtype=np.float32)
    return _through(pictures, alpha[:, None] * levels + beta[:, None])


def cut_and_append(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Cut a portion off the top of each picture and append it at the bottom, as published: the seam runs on."""
    rows = rng.integers(1, pictures.shape[1], len(pictures))
    return np.stack([np.roll(picture, -row, axis=0) for picture, row in zip(pictures, rows, strict=True)])


def flip(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mirror each picture left-right and top-bottom, each with chance one half."""
    across, down = rng.choice([1, -1], (2, len(pictures)))
    return np.stack([p[::v, ::h] for p, h, v in zip(pictures, across, down, strict=True)])


def shift(pictures: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Move each picture left or right by up to ``share`` of its width; the edge column fills the gap."""
    width = pictures.shape[2]
    offsets = np.rint(rng.uniform(-share, share, len(pictures)) * width).astype(int)
    columns = np.clip(np.arange(width) + offsets[:, None], 0, width - 1)
    return np.stack([picture[:, column] for picture, column in zip(pictures, columns, strict=True)])


def blur(pictures: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Blur a ``share`` of the pictures as a camera a little out of focus does (sigma 0.4 to 1.0 pixels)."""
    sigmas = rng.uniform(0.4, 1.0, len(pictures))
    chosen = rng.random(len(pictures)) < share
    return np.stack(
        [
            cv2.GaussianBlur(picture, (0, 0), sigma) if blurred else picture
            for picture, sigma, blurred in zip(pictures, sigmas, chosen, strict=True)
        ]
    )


def overweave(pictures: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Lay a regular pattern over each picture, of up to ``strength`` grey levels: another fabric.

    A few training videos cannot tell the pitch of the stitches from the fabric they happen to be on; a pattern of
    any period (2.5 to 20 pixels), direction and tint takes that shortcut away.
    """
    return np.stack([_overwoven(picture, strength * rng.random(), rng) for picture in pictures])


def _overwoven(picture: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    height, width = picture.shape[:2]
    turn = rng.uniform(0, np.pi)
    warp, weft = (
        _waves(height, width, turn + quarter, np.exp(rng.uniform(np.log(2.5), np.log(20))), rng)
        for quarter in (0, np.pi / 2)
    )
    pattern = (warp, (warp + weft) / 2, warp * weft)[rng.choice(3, p=[0.4, 0.3, 0.3])]
    if rng.random() < 0.5:
        pattern = np.sign(pattern)  # hard edges
    tint = rng.normal(1, 0.25, 3)
    return cv2.add(picture, (strength * pattern[..., None] * tint).astype(np.float32), dtype=cv2.CV_8U)


def _waves(height: int, width: int, direction: float, period: float, rng: np.random.Generator) -> np.ndarray:
    """Return (height, width) float64 waves from -1 to 1, of any phase."""
    across = 2j * np.pi / period * np.cos(direction) * np.arange(width)
    down = 2j * np.pi * (np.sin(direction) / period * np.arange(height) + rng.random())
    return np.multiply.outer(np.exp(down), np.exp(across)).real


def recolour(pictures: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Give a ``share`` of the pictures other fabric and thread: hues turned, colours paled, greys bent, negatives.

    The hues turn by any angle around the grey axis and keep 0.5 to 1.4 of their strength: what differed in colour
    still does. Then a power of 0.6 to 1.6 bends the grey levels, and half of the changed pictures become negative.
    """
    count = len(pictures)
    chosen = rng.random(count) < share
    turns = _turns(rng.uniform(0, 2 * np.pi, count), rng.uniform(0.5, 1.4, count))
    turns[~chosen] = np.eye(3)
    power = np.exp(rng.uniform(np.log(0.6), np.log(1.6), (count, 1)))
    negative = rng.random((count, 1)) < 0.5
    levels = np.linspace(0, 1, 256)[None]
    bent = np.where(negative, 1 - levels, levels) ** power * 255
    bent[~chosen] = levels * 255
    turned = np.stack([cv2.transform(p, turn) for p, turn in zip(pictures, turns, strict=True)])
    return _through(turned, bent)


def _turns(angles: np.ndarray, strengths: np.ndarray) -> np.ndarray:
    """Return matrices (N, 3, 3) that turn colours around the grey axis (Rodrigues) and scale their strength."""
    grey = np.full((3, 3), 1 / 3)
    across = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)
    c, s = ((f(angles) * strengths)[:, None, None] for f in (np.cos, np.sin))
    return grey + c * (np.eye(3) - grey) + s * across


def add_noise(pictures: np.ndarray, deviation: float, rng: np.random.Generator) -> np.ndarray:
    """Add sensor noise of a standard deviation of up to ``deviation`` grey levels, another one per picture."""
    size = pictures[0].size
    # One stretch of noise, read from another place for each picture: drawing it is the slow part.
    noise = rng.standard_normal(2 * size, dtype=np.float32)
    deviations = rng.uniform(0, deviation, len(pictures))
    starts = rng.integers(0, size, len(pictures))
    return np.stack(
        [
            cv2.add(p, (noise[start : start + size] * sigma).reshape(p.shape), dtype=cv2.CV_8U)
            for p, sigma, start in zip(pictures, deviations.astype(np.float32), starts, strict=True)
        ]
    )


def _through(pictures: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Replace the grey levels of picture i by ``levels[i]`` (N, 256), rounded and saturated."""
    tables = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
    return np.stack([cv2.LUT(picture, table) for picture, table in zip(pictures, tables, strict=True)])

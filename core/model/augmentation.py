"""Varying the training pictures. Nothing here scales, zooms or stretches: the pitch of the stitches is a label.

Every step takes pictures (N, h, w, 3) uint8 BGR and a random generator, and returns new pictures of that form. Chance
is drawn for all pictures at once; then OpenCV takes one after the other, which stays in the processor's cache, and
writes it to its place in the new batch: memory for each picture in between took longer than most steps.
"""

from collections.abc import Callable, Iterator

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
        (kind.turn > 0, lambda pictures, rng: turn(pictures, kind.turn, rng)),
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
    return _through(pictures, alpha[:, None] * levels + beta[:, None], np.empty_like(pictures))


def cut_and_append(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Cut a portion off the top of each picture and append it at the bottom, as published: the seam runs on."""
    rows = rng.integers(1, pictures.shape[1], len(pictures))
    changed = np.empty_like(pictures)
    for new, old, row in zip(changed, pictures, rows, strict=True):
        new[:-row], new[-row:] = old[row:], old[:row]
    return changed


def flip(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mirror each picture left-right and top-bottom, each with chance one half."""
    across, down = rng.random((2, len(pictures))) < 0.5
    changed = pictures.copy()
    for number in np.flatnonzero(across | down):
        way = 1 if not down[number] else -1 if across[number] else 0
        cv2.flip(pictures[number], way, changed[number])
    return changed


def shift(pictures: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Move each picture left or right by up to ``share`` of its width; the edge column fills the gap."""
    width = pictures.shape[2]
    offsets = np.rint(rng.uniform(-share, share, len(pictures)) * width).astype(int)
    changed = np.empty_like(pictures)
    for new, old, offset in zip(changed, pictures, offsets, strict=True):
        gap = abs(offset)
        if offset >= 0:  # to the left
            new[:, : width - gap], new[:, width - gap :] = old[:, gap:], old[:, -1:]
        else:
            new[:, gap:], new[:, :gap] = old[:, : width - gap], old[:, :1]
    return changed


def turn(pictures: np.ndarray, degrees: float, rng: np.random.Generator) -> np.ndarray:
    """Turn each picture about its centre by up to ``degrees`` either way, its edges reflected; lengths stay."""
    height, width = pictures.shape[1:3]
    centre = (width - 1) / 2, (height - 1) / 2
    angles = rng.uniform(-degrees, degrees, len(pictures))
    changed = np.empty_like(pictures)
    for new, old, angle in zip(changed, pictures, angles, strict=True):
        matrix = cv2.getRotationMatrix2D(centre, angle, 1)
        cv2.warpAffine(old, matrix, (width, height), new, cv2.INTER_LINEAR, cv2.BORDER_REFLECT_101)
    return changed


def blur(pictures: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Blur a ``share`` of the pictures as a camera a little out of focus does (sigma 0.4 to 1.0 pixels)."""
    sigmas = rng.uniform(0.4, 1.0, len(pictures))
    chosen = rng.random(len(pictures)) < share
    changed = pictures.copy()
    for number in np.flatnonzero(chosen):
        cv2.GaussianBlur(pictures[number], (0, 0), sigmas[number], changed[number])
    return changed


def overweave(pictures: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Lay a regular pattern over each picture, of up to ``strength`` grey levels: another fabric.

    A few training videos cannot tell the pitch of the stitches from the fabric they happen to be on; a pattern of
    any period (2.5 to 20 pixels), direction and tint takes that shortcut away.
    """
    count, (height, width) = len(pictures), pictures.shape[1:3]
    directions = rng.uniform(0, np.pi, count)
    warps, wefts = (_waves(height, width, directions + quarter, rng) for quarter in (0, np.pi / 2))
    kinds = rng.choice(["warp", "both", "crossed"], count, p=[0.4, 0.3, 0.3])
    has_hard_edges = rng.random(count) < 0.5
    tints = (strength * rng.random((count, 1)) * rng.normal(1, 0.25, (count, 3))).astype(np.float32)
    changed = np.empty_like(pictures)
    for i, (new, old, warp, weft) in enumerate(zip(changed, pictures, warps, wefts, strict=True)):
        pattern = {"warp": warp, "both": (warp + weft) / 2, "crossed": warp * weft}[kinds[i]]
        pattern = np.sign(pattern) if has_hard_edges[i] else pattern
        cv2.add(old, cv2.merge([pattern * tint for tint in tints[i]]), new, dtype=cv2.CV_8U)
    return changed


def _waves(height: int, width: int, directions: np.ndarray, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield waves (height, width) float32 from -1 to 1 for each of ``directions`` (N,), of any period and phase.

    cos(y + x) is cos y cos x - sin y sin x: two numbers per row and column instead of a cosine per pixel.
    """
    speed = 2 * np.pi / np.exp(rng.uniform(np.log(2.5), np.log(20), len(directions)))
    phase = rng.uniform(0, 2 * np.pi, (len(directions), 1))
    down = np.multiply.outer(speed * np.sin(directions), np.arange(height)) + phase  # (N, height)
    across = np.multiply.outer(speed * np.cos(directions), np.arange(width))  # (N, width)
    rows = np.stack([np.cos(down), -np.sin(down)], axis=2, dtype=np.float32)
    columns = np.stack([np.cos(across), np.sin(across)], axis=1, dtype=np.float32)
    return map(np.matmul, rows, columns)


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
    changed = np.empty_like(pictures)
    for new, old, matrix in zip(changed, pictures, turns, strict=True):
        cv2.transform(old, matrix, new)
    return _through(changed, bent, changed)


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
    deviations = rng.uniform(0, deviation, len(pictures)).astype(np.float32)
    starts = rng.integers(0, size, len(pictures))
    changed = np.empty_like(pictures)
    for new, old, sigma, start in zip(changed, pictures, deviations, starts, strict=True):
        cv2.add(old, (noise[start : start + size] * sigma).reshape(old.shape), new, dtype=cv2.CV_8U)
    return changed


def _through(pictures: np.ndarray, levels: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Replace the grey levels of picture i by ``levels[i]`` (N, 256), rounded and saturated; write to ``changed``."""
    tables = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
    for new, old, table in zip(changed, pictures, tables, strict=True):
        cv2.LUT(old, table, new)
    return changed

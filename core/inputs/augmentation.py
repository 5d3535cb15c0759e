"""Varying the training pictures. Nothing here scales, zooms or stretches: the pitch of the stitches is a label.

Every step takes the shape (N, h, w, 3) of a batch, the settings and a random generator, draws what chance decides about
all of its pictures, and returns the change of a single one. So a picture, (h, w, 3) uint8 BGR, goes through all of its
changes while it lies in the processor's cache; taking the whole batch through one step after the other took twice the time.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from core.networks.augmentation_settings import Augmentation
from core.text import percent

# Arrays that are larger than what the allocator keeps are made once per batch and written over: in the thread that makes
# batches ahead, each new one costs page faults, which together took half as long again as all of the changes.
Shape = tuple[int, ...]
Transform = Callable[[np.ndarray, int], np.ndarray]
"""Takes a picture (h, w, 3) uint8 BGR and its number in the batch, and returns it changed; never in its place."""

RandomTransform = Callable[[Shape, Augmentation, np.random.Generator], Transform]
Sentence = Callable[[Augmentation], str]


@dataclass(frozen=True)
class AugmentationStep:
    """A way to vary pictures.

    Args:
        setting: the field of `Augmentation` that switches it on.
        sentence: says in plain words what it does to the pictures.
        draw: draws what chance decides about a batch, and returns the change of a single picture.
    """

    setting: str
    sentence: Sentence
    draw: RandomTransform


STEPS: list[AugmentationStep] = []
"""All of them, in the order in which they are taken, which is that of this file."""


def _step(setting: str, sentence: Sentence) -> Callable[[RandomTransform], RandomTransform]:
    """Make the function below it one of `STEPS`."""

    def add(draw: RandomTransform) -> RandomTransform:
        STEPS.append(AugmentationStep(setting, sentence, draw))
        return draw

    return add


def augment(
    pictures: np.ndarray, kind: Augmentation, rng: np.random.Generator, into: np.ndarray | None = None
) -> np.ndarray:
    """Vary ``pictures`` as ``kind`` says; doubling the set by twins is the work of the batches.

    Args:
        pictures: (N, h, w, 3) uint8, BGR; not changed, unless they are ``into``.
        kind: which steps, how strong.
        rng: where chance comes from.
        into: what the new pictures are written to; none is a new array.

    Returns:
        (N, h, w, 3) uint8, BGR.
    """
    changes = [step.draw(pictures.shape, kind, rng) for step in active(kind)]
    return transformed(pictures, changes, into) if changes else pictures


def transformed(
    pictures: np.ndarray, changes: Iterable[Transform], into: np.ndarray | None = None
) -> np.ndarray:
    """Return the pictures (N, h, w, 3) uint8 after all changes, in their order; see `augment`."""
    new = np.empty_like(pictures) if into is None else into
    for number, picture in enumerate(pictures):
        for change in changes:
            picture = change(picture, number)
        new[number] = picture
    return new


def active(kind: Augmentation) -> list[AugmentationStep]:
    """Return the steps that ``kind`` asks for, in the order they are taken."""
    return [step for step in STEPS if getattr(kind, step.setting)]


@_step(
    "roll",
    lambda _: "Every picture is cut somewhere and its upper part added at the bottom: the seam runs on.",
)
def cut_and_append(shape: Shape, kind: Augmentation, rng: np.random.Generator) -> Transform:
    """Cut a portion off the top of each picture and append it at the bottom, as published: the seam runs on."""
    rows = rng.integers(1, shape[1], shape[0])
    return lambda picture, number: np.concatenate([picture[rows[number] :], picture[: rows[number]]])


@_step("flip", lambda kind: "Half of them are mirrored left to right, half top to bottom.")
def flip(shape: Shape, kind: Augmentation, rng: np.random.Generator) -> Transform:
    """Mirror each picture left-right and top-bottom, each with chance one half."""
    across, down = rng.random((2, shape[0])) < 0.5

    def mirror(picture: np.ndarray, number: int) -> np.ndarray:
        picture = cv2.flip(picture, 1) if across[number] else picture
        return cv2.flip(picture, 0) if down[number] else picture

    return mirror


@_step("quarter", lambda kind: "Half of them are turned by a quarter.")
def quarter(shape: Shape, kind: Augmentation, rng: np.random.Generator) -> Transform:
    """Exchange rows and columns of one half of the pictures, if they are square: with `flip`, turns by 90, 180 and 270 degrees."""
    chosen = (rng.random(shape[0]) < 0.5) & (shape[1] == shape[2])
    return lambda picture, number: cv2.transpose(picture) if chosen[number] else picture


@_step(
    "shift", lambda kind: f"Every picture moves left or right by up to {percent(kind.shift)} of its width."
)
def shift(shape: Shape, kind: Augmentation, rng: np.random.Generator) -> Transform:
    """Move each picture left or right by up to ``kind.shift`` of its width; the edge column fills the gap."""
    count, _, width, _ = shape
    offsets = np.rint(rng.uniform(-kind.shift, kind.shift, count) * width).astype(int)

    def move(picture: np.ndarray, number: int) -> np.ndarray:
        gap = abs(offset := offsets[number])
        if offset >= 0:
            return cv2.copyMakeBorder(picture[:, gap:], 0, 0, 0, gap, cv2.BORDER_REPLICATE)
        return cv2.copyMakeBorder(picture[:, : width - gap], 0, 0, gap, 0, cv2.BORDER_REPLICATE)

    return move


@_step("turn", lambda kind: f"Every picture is turned by up to {kind.turn:g} degrees.")
def turn(shape: Shape, kind: Augmentation, rng: np.random.Generator) -> Transform:
    """Turn each picture about its centre by up to ``kind.turn`` degrees either way, its edges reflected; lengths stay."""
    count, height, width, _ = shape
    centre = (width - 1) / 2, (height - 1) / 2
    angles = rng.uniform(-kind.turn, kind.turn, count)

    def rotate(picture: np.ndarray, number: int) -> np.ndarray:
        matrix = cv2.getRotationMatrix2D(centre, angles[number], 1)
        return cv2.warpAffine(
            picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
        )

    return rotate


@_step("blur", lambda kind: f"{percent(kind.blur)} are slightly blurred, as if out of focus.")
def blur(shape: Shape, kind: Augmentation, rng: np.random.Generator) -> Transform:
    """Blur a share ``kind.blur`` of the pictures as a camera a little out of focus does (sigma 0.4 to 1.0 pixels)."""
    sigmas = rng.uniform(0.4, 1.0, shape[0])
    chosen = rng.random(shape[0]) < kind.blur
    return lambda picture, number: (
        cv2.GaussianBlur(picture, (0, 0), sigmas[number]) if chosen[number] else picture
    )


@_step(
    "weave", lambda kind: f"A regular pattern of up to {kind.weave:g} grey levels is added: another fabric."
)
def overweave(shape: Shape, kind: Augmentation, rng: np.random.Generator) -> Transform:
    """Lay a regular pattern over each picture, of up to ``kind.weave`` grey levels: another fabric.

    A few training videos cannot tell the pitch of the stitches from the fabric they happen to be on; a pattern of
    any period (2.5 to 20 pixels), direction and tint takes that shortcut away.
    """
    count, height, width, _ = shape
    directions = rng.uniform(0, np.pi, count)
    warp, weft = (_waves(height, width, directions + quarter, rng) for quarter in (0, np.pi / 2))
    kinds = rng.choice(["warp", "both", "crossed"], count, p=[0.4, 0.3, 0.3])
    has_hard_edges = rng.random(count) < 0.5
    tints = (kind.weave * rng.random((count, 1)) * rng.normal(1, 0.25, (count, 3))).astype(np.float32)
    planes = np.empty((3, height, width), np.float32)
    coloured = np.empty((height, width, 3), np.float32)

    def lay_over(picture: np.ndarray, number: int) -> np.ndarray:
        pattern = warp(number)
        if kinds[number] == "both":
            pattern = cv2.addWeighted(pattern, 0.5, weft(number), 0.5, 0, dst=pattern)
        elif kinds[number] == "crossed":
            pattern *= weft(number)
        if has_hard_edges[number]:
            np.copysign(np.float32(1), pattern, out=pattern)
        for plane, tint in zip(planes, tints[number], strict=True):
            np.multiply(pattern, tint, out=plane)
        return cv2.add(picture, cv2.merge(list(planes), coloured), dtype=cv2.CV_8U)

    return lay_over


def _waves(
    height: int, width: int, directions: np.ndarray, rng: np.random.Generator
) -> Callable[[int], np.ndarray]:
    """Return what gives waves (height, width) float32 from -1 to 1 in each of ``directions``, of any period and phase.

    cos(y + x) is cos y cos x - sin y sin x: two numbers per row and column instead of a cosine per pixel. Each call
    writes over the array of the one before.
    """
    speed = 2 * np.pi / np.exp(rng.uniform(np.log(2.5), np.log(20), len(directions)))
    phase = rng.uniform(0, 2 * np.pi, (len(directions), 1))
    down = np.multiply.outer(speed * np.sin(directions), np.arange(height)) + phase  # (N, height)
    across = np.multiply.outer(speed * np.cos(directions), np.arange(width))  # (N, width)
    rows = np.stack([np.cos(down), -np.sin(down)], axis=2, dtype=np.float32)
    columns = np.stack([np.cos(across), np.sin(across)], axis=1, dtype=np.float32)
    waves = np.empty((height, width), np.float32)
    return lambda number: np.matmul(rows[number], columns[number], out=waves)


@_step(
    "colour",
    lambda kind: (
        f"{percent(kind.colour)} get other colours of fabric and thread; half of these become negatives."
    ),
)
def recolour(shape: Shape, kind: Augmentation, rng: np.random.Generator) -> Transform:
    """Give a share ``kind.colour`` of the pictures other fabric and thread: hues turned, colours paled, greys bent, negatives.

    The hues turn by any angle around the grey axis and keep 0.5 to 1.4 of their strength: what differed in colour
    still does. Then a power of 0.6 to 1.6 bends the grey levels, and half of the changed pictures become negative.
    """
    count = shape[0]
    chosen = rng.random(count) < kind.colour
    turns = _turns(rng.uniform(0, 2 * np.pi, count), rng.uniform(0.5, 1.4, count))
    power = np.exp(rng.uniform(np.log(0.6), np.log(1.6), (count, 1)))
    negative = rng.random((count, 1)) < 0.5
    levels = np.linspace(0, 1, 256)[None]
    tables = _tables(np.where(negative, 1 - levels, levels) ** power * 255)

    def dye(picture: np.ndarray, number: int) -> np.ndarray:
        if not chosen[number]:
            return picture
        return cv2.LUT(cv2.transform(picture, turns[number]), tables[number])

    return dye


def _turns(angles: np.ndarray, strengths: np.ndarray) -> np.ndarray:
    """Return matrices (N, 3, 3) that turn colours around the grey axis (Rodrigues) and scale their strength."""
    grey = np.full((3, 3), 1 / 3)
    across = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)
    c, s = ((f(angles) * strengths)[:, None, None] for f in (np.cos, np.sin))
    return grey + c * (np.eye(3) - grey) + s * across


def _words_of_light(kind: Augmentation) -> str:
    (least, most), (darker, lighter) = kind.contrast, (_signed(number) for number in kind.brightness)
    contrast, brightness = (
        f"contrast times {least:g} to {most:g}",
        f"brightness {darker} to {lighter} grey levels",
    )
    return f"{percent(kind.light)} are made lighter or darker: {contrast}, {brightness}."


def _signed(number: int) -> str:
    return f"{number:+d}".replace("-", "−") if number else "0"


@_step("light", _words_of_light)
def relight(shape: Shape, kind: Augmentation, rng: np.random.Generator) -> Transform:
    """Multiply the grey levels by a contrast and add a brightness, saturating: a share ``kind.light`` of pictures.

    With the defaults of :class:`Augmentation` and a share of 0.7 this is the published step.
    """
    count = shape[0]
    alpha = rng.uniform(*kind.contrast, count)
    beta = rng.integers(kind.brightness[0], kind.brightness[1] + 1, count)
    kept = rng.random(count) >= kind.light
    alpha[kept], beta[kept] = 1, 0
    tables = _tables(alpha[:, None] * np.arange(256) + beta[:, None])
    return lambda picture, number: cv2.LUT(picture, tables[number])


@_step("noise", lambda kind: f"Camera noise of up to {kind.noise:g} grey levels is added to every picture.")
def add_noise(shape: Shape, kind: Augmentation, rng: np.random.Generator) -> Transform:
    """Add sensor noise of a standard deviation of up to ``kind.noise`` grey levels, another one per picture."""
    count, *picture_shape = shape
    size = int(np.prod(picture_shape))
    # One stretch of noise, read from another place for each picture: drawing it is the slow part.
    noise = rng.standard_normal(size + size // 4, dtype=np.float32)
    deviations = rng.uniform(0, kind.noise, count).astype(np.float32)
    starts = rng.integers(0, size // 4 + 1, count)
    own = np.empty(size, np.float32)

    def grain(picture: np.ndarray, number: int) -> np.ndarray:
        np.multiply(noise[starts[number] : starts[number] + size], deviations[number], out=own)
        return cv2.add(picture, own.reshape(picture.shape), dtype=cv2.CV_8U)

    return grain


def _tables(levels: np.ndarray) -> np.ndarray:
    """Return new grey levels for the old ones, (N, 256), rounded and saturated as uint8."""
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)

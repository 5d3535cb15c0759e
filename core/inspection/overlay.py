"""Heatmaps over a picture, and the published figure of one."""

from collections.abc import Collection
from dataclasses import dataclass

import cv2
import numpy as np

from core.attributes import Attribute, AttributeSet
from core.explain.heatmap import display, for_decision, is_negated
from core.inspection.inspector import Inspection
from core.networks.preprocessing import bounds

SMOOTH = 4
"""A heatmap is first enlarged so many times with a cubic, which leaves no diamonds, then linearly."""
GAP = 2
"""Pixels between the three pictures of a figure."""


@dataclass(frozen=True)
class Heatmap:
    """What is drawn for one attribute.

    Args:
        attribute: whose.
        evidence: (h, w) float32, 0 to 1.
        decided: whether it backs the decision; else it was asked for, and is marked "not decided".
    """

    attribute: Attribute
    evidence: np.ndarray
    decided: bool


def heatmaps(
    inspection: Inspection, attributes: AttributeSet, chosen: Collection[str] | None = None
) -> list[Heatmap]:
    """Decide which heatmaps are drawn: those of the ``chosen`` attributes, decided or not.

    By default those of the defects decided true: a good seam has nothing to point at, and the haze of a property such as a
    length would cover the evidence. Asked for, a property that was decided false (4 mm instead of 2 mm) shows the evidence
    against it.
    """
    if chosen is None:
        quiet = [a.name for a in attributes if a.all_clear or a.is_property]
        wanted = [a for a in attributes if inspection.decisions[a.name] and a.name not in quiet]
    else:
        wanted = [attribute for attribute in attributes if attribute.name in chosen]
    layers = []
    for attribute in wanted:
        decided = inspection.decisions[attribute.name]
        full = (inspection.full or {}).get(attribute.name, (0.0, 0.0))[is_negated(attribute, decided)]
        evidence = display(for_decision(inspection.maps[attribute.name], attribute, decided), full)
        layers.append(Heatmap(attribute, evidence, decided or is_negated(attribute, decided)))
    return layers


def is_empty(inspection: Inspection, attributes: AttributeSet, name: str) -> bool:
    """Return whether nothing speaks for what was decided of an attribute, so that its heatmap is drawn empty."""
    (layer,) = heatmaps(inspection, attributes, (name,))
    return not layer.evidence.any()


def draw(
    picture: np.ndarray,
    inspection: Inspection,
    attributes: AttributeSet,
    opacity: float = 0.5,
    chosen: Collection[str] | None = None,
) -> np.ndarray:
    """Draw the heatmaps over ``picture`` (H, W, 3) uint8 BGR, not changed, each in the colour of its attribute.

    The picture may have any size, of the aspect that was inspected. ``opacity``, 0 to 1, is that of the strongest evidence;
    a pixel without evidence is that of the picture. See :func:`heatmaps` for what is drawn.
    """
    drawn = picture.copy()
    layers = [layer for layer in heatmaps(inspection, attributes, chosen) if layer.evidence.any()]
    if not layers:
        return drawn
    height, width = picture.shape[:2]
    left, top, right, bottom = bounds(width, height, inspection.region)
    _blend(drawn[top:bottom, left:right], *_smooth(_paint(layers, opacity)))
    return drawn


def layer(inspection: Inspection, attributes: AttributeSet, name: str, width: int, height: int) -> np.ndarray:
    """Return the heatmap of an attribute to lay over a picture of that size, or of its aspect: (height, width, 4) uint8 BGRA.

    Its alpha is the evidence: 255 is the full colour, 0 is none.
    """
    (shown,) = heatmaps(inspection, attributes, (name,))
    drawn = np.zeros((height, width, 4), np.uint8)
    drawn[..., :3] = bgr(shown.attribute.colour)
    left, top, right, bottom = bounds(width, height, inspection.region)
    _, rest = _smooth(_paint([shown], 1.0))
    drawn[top:bottom, left:right, 3] = 255 - cv2.resize(rest[..., 0], (right - left, bottom - top))
    return drawn


def figure(
    picture: np.ndarray, inspection: Inspection, attributes: AttributeSet, chosen: str, width: int
) -> np.ndarray:
    """Draw ``picture`` (H, W, 3) uint8 BGR, the heatmap of the ``chosen`` attribute and both merged side by side.

    Where a heatmap has the colour of its fruit it is seen alone. Return (h, ``width`` or some less, 3) uint8 BGR, each third
    of the picture's aspect.
    """
    third = (width - 2 * GAP) // 3
    height = max(1, round(picture.shape[0] * third / picture.shape[1]))
    way = cv2.INTER_AREA if third < picture.shape[1] else cv2.INTER_CUBIC
    large = cv2.resize(picture, (third, height), interpolation=way)
    heat = draw(np.zeros_like(large), inspection, attributes, 1.0, (chosen,))
    both = draw(large, inspection, attributes, 0.6, (chosen,))
    gap = np.full((height, GAP, 3), 255, np.uint8)
    return np.hstack([large, gap, heat, gap, both])


def _paint(layers: list[Heatmap], opacity: float) -> np.ndarray:
    """Mix the layers in the grid of the heatmaps: (h, w, 4) float32, colour times alpha (BGR), alpha."""
    alphas = np.stack([layer.evidence for layer in layers]) * np.float32(opacity)
    total = alphas.sum(axis=0)
    alphas *= np.minimum(1, opacity / np.maximum(total, 1e-6))  # where they overlap they share the opacity
    colours = np.array([(*bgr(layer.attribute.colour), 1) for layer in layers], np.float32)
    return np.einsum("lhw,lc->hwc", alphas, colours)


def _smooth(paint: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Enlarge the grid once; return colour times alpha and 255 - alpha, both (h, w, 3) uint8."""
    rows, columns = paint.shape[:2]
    smooth = cv2.resize(paint, (columns * SMOOTH, rows * SMOOTH), interpolation=cv2.INTER_CUBIC)
    # Where the cubic swings below zero there is no evidence, and colour never exceeds its alpha.
    alpha = np.clip(smooth[..., 3:], 0, 1) * 255
    colour = np.clip(smooth[..., :3], 0, alpha)
    return np.rint(colour).astype(np.uint8), np.repeat(255 - np.rint(alpha).astype(np.uint8), 3, axis=2)


def _blend(picture: np.ndarray, colour: np.ndarray, rest: np.ndarray) -> None:
    """Enlarge both to the picture (H, W, 3) uint8 and lay them over it, in place; 8 bit is several times as fast as float."""
    size = picture.shape[1], picture.shape[0]
    cv2.multiply(picture, cv2.resize(rest, size), dst=picture, scale=1 / 255)
    cv2.add(picture, cv2.resize(colour, size), dst=picture)


def bgr(colour: str) -> tuple[int, int, int]:
    """Return ``#rrggbb`` as blue, green, red."""
    return int(colour[5:7], 16), int(colour[3:5], 16), int(colour[1:3], 16)

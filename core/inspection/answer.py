"""What a program gets that asks for the inspection of a picture: plain values, those of `core.inspection.explain_pictures`."""

import base64
from dataclasses import dataclass

import cv2
import numpy as np

from core.inspection.inspector import Inspector
from core.inspection.overlay import layer

DIGITS = 6
"""Of a probability, as `explain` writes it."""
LARGEST = 1280
"""Pixels of width or height of a heatmap: the grid behind it is far coarser, and PNGs of photos are large."""


@dataclass(frozen=True)
class AttributeAnswer:
    """What the network says of one attribute.

    Args:
        probability: 0 to 1.
        decided: whether it is decided true.
        threshold: the probability from which on it is; none where the most probable attribute wins.
        heatmap: a PNG in base64, to lay over the picture; none where it was not asked for.
    """

    probability: float
    decided: bool
    threshold: float | None = None
    heatmap: str | None = None


@dataclass(frozen=True)
class PictureAnswer:
    """What the network says of a picture.

    Args:
        run: id of the run whose network looked.
        width: of the picture, in pixels, the right way up.
        height: the same.
        unfamiliarity: over 1 the network has learned nothing like this picture; none where that cannot be measured.
        milliseconds: that the network took.
        attributes: by name.
    """

    run: str
    width: int
    height: int
    unfamiliarity: float | None
    milliseconds: float
    attributes: dict[str, AttributeAnswer]


def answer(inspector: Inspector, run: str, picture: np.ndarray, with_heatmaps: bool = False) -> PictureAnswer:
    """Inspect ``picture`` (H, W, 3) uint8 BGR with the network of a run (its id)."""
    inspection = inspector.inspect(picture)
    height, width = picture.shape[:2]
    scale = min(1.0, LARGEST / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))

    def heatmap(name: str) -> str | None:
        if not with_heatmaps:
            return None
        drawn = layer(inspection, inspector.attributes, name, *size)
        return base64.b64encode(cv2.imencode(".png", drawn)[1].tobytes()).decode()

    thresholds = {} if inspector.attributes.exclusive else inspector.thresholds
    attributes = {
        name: AttributeAnswer(
            round(probability, DIGITS), inspection.decisions[name], thresholds.get(name), heatmap(name)
        )
        for name, probability in inspection.probabilities.items()
    }
    far = inspection.unfamiliarity
    return PictureAnswer(
        run,
        width,
        height,
        None if far is None else round(far, 5),
        round(inspection.milliseconds, 2),
        attributes,
    )

"""The published figure of a heatmap: the picture, the heatmap alone, and both merged."""

import cv2
import numpy as np

from core.attributes import AttributeSet
from core.inspection.inspector import Inspection
from core.inspection.overlay import draw

GAP = 2
"""Pixels between the three."""


def strip(
    picture: np.ndarray, inspection: Inspection, attributes: AttributeSet, chosen: str, width: int
) -> np.ndarray:
    """Draw picture, heatmap and both merged side by side: where a heatmap has the colour of its fruit it is seen alone.

    Args:
        picture: (H, W, 3) uint8, BGR.
        inspection: what the network said of it.
        attributes: of the run.
        chosen: name of the attribute whose heatmap is drawn.
        width: pixels of the whole strip.

    Returns:
        (h, width or some less, 3) uint8, BGR, each third of the picture's aspect.
    """
    third = (width - 2 * GAP) // 3
    height = max(1, round(picture.shape[0] * third / picture.shape[1]))
    large = cv2.resize(picture, (third, height), interpolation=_way(picture.shape[1], third))
    heat = draw(np.zeros_like(large), inspection, attributes, 1.0, (chosen,))
    both = draw(large, inspection, attributes, 0.6, (chosen,))
    gap = np.full((height, GAP, 3), 255, np.uint8)
    return np.hstack([large, gap, heat, gap, both])


def _way(before: int, after: int) -> int:
    return cv2.INTER_AREA if after < before else cv2.INTER_CUBIC

"""The one function that makes a picture ready for a network: in training, test, live and export alike."""

import cv2
import numpy as np

VERSION = f"1-{cv2.__version__}"
"""Of what `prepare` makes: another number wherever its pixels change, and OpenCV's may with its own."""

Size = tuple[int, int]
"""Width and height in pixels."""

Region = tuple[float, float, float, float]
"""Left, top, right and bottom as fractions of the picture's width and height, 0 to 1."""


def prepare(picture: np.ndarray, size: Size, region: Region | None = None) -> np.ndarray:
    """Crop ``picture`` to ``region``, then resize it to ``size``; the aspect is not kept, as published.

    Args:
        picture: (H, W, 3) uint8, BGR.
        size: width and height in pixels of the result.
        region: what of the picture the network sees; none is all of it.

    Returns:
        (height, width, 3) uint8, BGR, never a view of ``picture``.
    """
    return cv2.resize(crop(picture, region), size, interpolation=cv2.INTER_AREA).copy()


def crop(picture: np.ndarray, region: Region | None) -> np.ndarray:
    """Return the view of ``picture`` (H, W, ...) that ``region`` names, at least one pixel wide and high."""
    left, top, right, bottom = bounds(picture.shape[1], picture.shape[0], region)
    return picture[top:bottom, left:right]


def bounds(width: int, height: int, region: Region | None) -> tuple[int, int, int, int]:
    """Return ``region`` of a picture in pixels: left, top, right, bottom; right and bottom are exclusive."""
    if region is None:
        return 0, 0, width, height
    left, right = _span(region[0], region[2], width)
    top, bottom = _span(region[1], region[3], height)
    return left, top, right, bottom


def _span(first: float, last: float, pixels: int) -> tuple[int, int]:
    start = min(max(round(first * pixels), 0), pixels - 1)
    return start, max(start + 1, min(round(last * pixels), pixels))

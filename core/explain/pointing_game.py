"""The pointing game: whether the peak and the energy of a heatmap lie inside the boxes of the truth.

Sources: Zhang et al., "Top-down Neural Attention by Excitation Backprop" (2016), where a peak may miss by 15 pixels; here
by half a cell of the map, the precision of a peak. Energy inside the box: Wang et al., "Score-CAM" (2020).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from core.explain.heatmap import peak
from core.lookup_tables.boxes import Box
from core.networks.preprocessing import Region, bounds


@dataclass(frozen=True)
class Pointing:
    """Where the evidence of one heatmap lies.

    Args:
        inside: whether its peak lies in a box that is grown by half a cell; False where there is no evidence.
        chance: the share of the network's input that these grown boxes cover: how often a random peak lies inside.
        energy: the share of the evidence that lies in the boxes as they are; none where there is no evidence.
        energy_chance: the share that these boxes cover.
    """

    inside: bool
    chance: float
    energy: float | None
    energy_chance: float


def point(
    evidence: np.ndarray, boxes: Sequence[Box], width: int, height: int, region: Region | None = None
) -> Pointing:
    """Score a heatmap of the ``region`` of a picture that is the network's input, by boxes in pixels of the whole picture.

    What is negative in ``evidence`` (h, w) float32 does not count.
    """
    rows, columns = evidence.shape
    left, top, right, bottom = bounds(width, height, region)
    cell = (right - left) / columns, (bottom - top) / rows
    grown = covered(_grown(boxes, cell[0] / 2, cell[1] / 2), width, height)
    inside = covered(boxes, width, height)[top:bottom, left:right]
    at = peak_pixel(evidence, width, height, region)
    hit = at is not None and bool(grown[int(at[1]), int(at[0])])
    share = share_inside(evidence, inside)
    return Pointing(hit, float(grown[top:bottom, left:right].mean()), share, float(inside.mean()))


def peak_pixel(
    evidence: np.ndarray, width: int, height: int, region: Region | None = None
) -> tuple[float, float] | None:
    """Return x and y of the middle of the strongest cell, in pixels of the picture; none without positive evidence."""
    cell = peak(evidence)
    if cell is None:
        return None
    left, top, right, bottom = bounds(width, height, region)
    (row, column), (rows, columns) = cell, evidence.shape
    return left + (column + 0.5) * (right - left) / columns, top + (row + 0.5) * (bottom - top) / rows


def share_inside(evidence: np.ndarray, mask: np.ndarray) -> float | None:
    """Return the share of the positive ``evidence`` (h, w) float32 that lies in ``mask`` (H, W) bool, of the network's input.

    A cell counts by its covered share. None where there is no evidence.
    """
    positive = np.maximum(evidence, 0)
    total = float(positive.sum())
    if total <= 0:
        return None
    rows, columns = evidence.shape
    cover = cv2.resize(mask.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
    return float((positive * cover).sum()) / total


def covered(boxes: Sequence[tuple[float, float, float, float]], width: int, height: int) -> np.ndarray:
    """Return (height, width) bool: the pixels whose middle lies in one of the boxes."""
    x, y = np.arange(width) + 0.5, np.arange(height) + 0.5
    mask = np.zeros((height, width), bool)
    for x1, y1, x2, y2 in boxes:
        mask |= ((y >= y1) & (y <= y2))[:, None] & ((x >= x1) & (x <= x2))
    return mask


def _grown(boxes: Sequence[Box], across: float, down: float) -> list[tuple[float, float, float, float]]:
    return [(x1 - across, y1 - down, x2 + across, y2 + down) for x1, y1, x2, y2 in boxes]

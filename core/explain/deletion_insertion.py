"""Deletion and insertion curves: whether a heatmap shows what the network uses.

Source: Petsiuk et al., "RISE" (2018), here by cells of the heatmap. Deletion blurs the cells, the strongest evidence
first, until the whole picture is blurred; insertion starts with the blurred picture and restores them. With a right
heatmap the answer falls early and rises early, compared with the same cells in random order.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np

STEPS = 16
BLUR = 0.12  # sigma as a share of the picture's width: stitches and defects are gone, light and colours stay

Confidence = Callable[[np.ndarray], np.ndarray]
"""From pictures (N, h, w, 3) uint8 BGR to how sure the network is of the decision it took, (N,) float, 0 to 1."""


@dataclass(frozen=True)
class CurveAreas:
    """Areas under the curves, 0 to 1.

    Args:
        deletion: of the answer while the evidence is blurred (lower is better).
        insertion: of the answer while the evidence is restored (higher is better).
        random_deletion: the same in random order.
        random_insertion: the same in random order.
        blurred: the answer for the fully blurred picture. Where it is as sure of that (blurred stitches look like
            missing ones), the curves are flat and say nothing.
    """

    deletion: float
    insertion: float
    random_deletion: float
    random_insertion: float
    blurred: float


def deletion_and_insertion(
    answer: Confidence, picture: np.ndarray, evidence: np.ndarray, seed: int = 0
) -> CurveAreas:
    """Blur the cells of a prepared ``picture`` (h, w, 3) uint8 BGR and restore them, by the ``evidence`` (rows, columns) float32
    for the decision that ``answer`` is about, and in random order.
    """
    return areas(trace(answer, picture, evidence, seed))


def trace(
    answer: Confidence, picture: np.ndarray, evidence: np.ndarray, seed: int = 0
) -> dict[str, np.ndarray]:
    """Return the curves whose areas :func:`deletion_and_insertion` returns, by the same names: (STEPS + 1,) float each."""
    strongest = np.argsort(-evidence, axis=None, kind="stable")
    shuffled = np.random.default_rng(seed).permutation(evidence.size)
    by_name: dict[str, np.ndarray] = {}
    for prefix, order in (("", strongest), ("random_", shuffled)):
        deletion, insertion = curves(answer, picture, order, evidence.shape)
        by_name |= {f"{prefix}deletion": deletion, f"{prefix}insertion": insertion}
    return by_name


def areas(traced: Mapping[str, np.ndarray]) -> CurveAreas:
    """Return the areas under the curves of :func:`trace`."""
    by_name = {name: _area(curve) for name, curve in traced.items()}
    return CurveAreas(**by_name, blurred=float(traced["deletion"][-1]))


def curves(
    answer: Confidence, picture: np.ndarray, order: np.ndarray, grid: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the answers while the cells are blurred in ``order`` (rows * columns,), and restored: (STEPS + 1,) each."""
    height, width = picture.shape[:2]
    rank = np.empty(order.size, int)
    rank[order] = np.arange(order.size)
    cells = rank.reshape(grid).astype(np.float32)
    place = cv2.resize(cells, (width, height), interpolation=cv2.INTER_NEAREST)
    blurred = cv2.GaussianBlur(picture, (0, 0), BLUR * width)
    changed = np.stack([place < round(order.size * step / STEPS) for step in range(STEPS + 1)])[..., None]
    deleted, inserted = np.where(changed, blurred, picture), np.where(changed, picture, blurred)
    answers = answer(np.concatenate([deleted, inserted]))
    return answers[: STEPS + 1], answers[STEPS + 1 :]


def _area(curve: np.ndarray) -> float:
    """Return the mean height of a curve of equal steps, by trapezes."""
    return float((curve[1:] + curve[:-1]).mean() / 2)

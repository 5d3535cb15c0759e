"""Whether a heatmap shows what the network uses: what becomes of its answer when those pixels go, or come.

Source: deletion and insertion of Petsiuk et al., "RISE" (2018), by cells of the heatmap. Deleting blurs the cells, the
strongest evidence first, until the whole picture is blurred; inserting begins with the blurred picture. A right
heatmap makes the answer fall early and rise early; the same with the cells in random order is what to compare with.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np

STEPS = 16
BLUR = 0.12  # sigma as a share of the picture's width: stitches and defects are gone, light and colours stay

Answer = Callable[[np.ndarray], np.ndarray]
"""From pictures (N, h, w, 3) uint8 BGR to how sure the network is of the decision it took, (N,) float, 0 to 1."""


@dataclass(frozen=True)
class Faithfulness:
    """Areas under the curves, 0 to 1.

    Args:
        deletion: of the answer while the evidence goes; small is good.
        insertion: of the answer while the evidence comes; great is good.
        random_deletion: the same in random order.
        random_insertion: the same in random order.
        blurred: the answer for the wholly blurred picture. Where it is as sure of that (stitches that are blurred
            away look like missing ones), the curves are flat and say nothing.
    """

    deletion: float
    insertion: float
    random_deletion: float
    random_insertion: float
    blurred: float


def measure(answer: Answer, picture: np.ndarray, evidence: np.ndarray, seed: int = 0) -> Faithfulness:
    """Take the cells of ``picture`` away and bring them back, by ``evidence`` and in random order.

    Args:
        answer: of the network.
        picture: (h, w, 3) uint8 BGR, prepared for the network.
        evidence: (rows, columns) float32, for the decision whose sureness ``answer`` says.
        seed: of the random order.
    """
    return areas(trace(answer, picture, evidence, seed))


def trace(answer: Answer, picture: np.ndarray, evidence: np.ndarray, seed: int = 0) -> dict[str, np.ndarray]:
    """Return the curves that :func:`measure` takes the areas of, by the same names: (STEPS + 1,) float each."""
    strongest = np.argsort(-evidence, axis=None, kind="stable")
    shuffled = np.random.default_rng(seed).permutation(evidence.size)
    deletion, insertion = curves(answer, picture, strongest, evidence.shape)
    random_deletion, random_insertion = curves(answer, picture, shuffled, evidence.shape)
    return {
        "deletion": deletion,
        "insertion": insertion,
        "random_deletion": random_deletion,
        "random_insertion": random_insertion,
    }


def areas(traced: Mapping[str, np.ndarray]) -> Faithfulness:
    """Return the areas under the curves of :func:`trace`."""
    return Faithfulness(
        **{name: _area(curve) for name, curve in traced.items()}, blurred=float(traced["deletion"][-1])
    )


def curves(
    answer: Answer, picture: np.ndarray, order: np.ndarray, grid: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the answers while the cells go in ``order`` (rows * columns,), and while they come: (STEPS + 1,) each."""
    height, width = picture.shape[:2]
    rank = np.empty(order.size, int)
    rank[order] = np.arange(order.size)
    place = cv2.resize(
        rank.reshape(grid[0], grid[1]).astype(np.float32), (width, height), interpolation=cv2.INTER_NEAREST
    )
    blurred = cv2.GaussianBlur(picture, (0, 0), BLUR * width)
    changed = np.stack([place < round(order.size * step / STEPS) for step in range(STEPS + 1)])[..., None]
    gone = np.where(changed, blurred, picture)
    come = np.where(changed, picture, blurred)
    answers = answer(np.concatenate([gone, come]))
    return answers[: STEPS + 1], answers[STEPS + 1 :]


def _area(curve: np.ndarray) -> float:
    """Return the mean height of a curve of equal steps, by trapezes."""
    return float((curve[1:] + curve[:-1]).mean() / 2)

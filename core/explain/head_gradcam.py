"""Grad-CAM of a linear head on the pretrained trunk, in NumPy: what `core.explain.gradcam` gives for ``seam_pretrained``."""

import numpy as np

from core.explain.heatmap import Explanation
from core.networks.pretrained.forward import grid
from core.networks.pretrained.head import Head


class HeadExplainer:
    """Probabilities and signed Grad-CAM maps of a head on the trunk; stands where a `core.explain.gradcam.Explainer` does.

    The gradient of a peak is 1 in the cell that has it and 0 elsewhere, so its mean is the same in every picture: a
    channel counts as its weight in the head, divided by the number of cells.

    Args:
        head: on the peaks of the features.
        exclusive: whether its outputs exclude each other (classes).
    """

    target = "features"
    method = "gradcam"
    is_assumed = False
    background = None

    def __init__(self, head: Head, exclusive: bool) -> None:
        self.head, self.exclusive = head, exclusive

    def __call__(self, pictures: np.ndarray) -> Explanation:
        """Explain ``pictures`` (N, h, w, 3) uint8 BGR, prepared for the trunk.

        Raises:
            ModelError: the file of weights is missing or damaged.
        """
        features = grid(pictures)
        logits = self.head.logits(features.max(axis=(1, 2)))
        maps = features @ (self.head.kernel / np.prod(features.shape[1:3]))
        if self.exclusive:
            maps = np.einsum("nhwb,nab->nhwa", maps, _log_odds_gradients(logits))
        return Explanation(self.head.probabilities(logits, self.exclusive), maps.astype(np.float32))

    def read(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return only the probabilities (N, A), and signatures of no length: nothing measures whether it knows a picture."""
        logits = self.head.logits(grid(pictures).max(axis=(1, 2)))
        return self.head.probabilities(logits, self.exclusive), np.empty((len(pictures), 0), np.float32)


def _log_odds_gradients(logits: np.ndarray) -> np.ndarray:
    """Return the gradients (N, A, A) of the log odds of each class by each logit, see `core.explain.gradcam`."""
    own = np.eye(logits.shape[1])
    others = np.where(own > 0, -np.inf, logits[:, None, :])
    share = np.exp(others - others.max(axis=-1, keepdims=True))
    return own - share / share.sum(axis=-1, keepdims=True)

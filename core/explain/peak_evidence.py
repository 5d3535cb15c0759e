"""Where the evidence of a linear head on peaks lies, in NumPy: for the instant network, which has no TensorFlow.

A logit is a sum over channels: the weight of each, times its peak. So a channel counts in the cell of its peak, and by
what the peak exceeds that of a typical picture: what every picture has explains nothing. This is HiResCAM (see
`core.explain.gradcam`) of a head on peaks, whose gradient is 1 in the cell of the peak and 0 elsewhere, with the typical
picture as its baseline.
"""

import cv2
import numpy as np

from core.explain.heatmap import EXCESS, Explanation
from core.networks.pretrained.forward import grid
from core.networks.pretrained.head import Head

BLUR = 1.0  # cells: a feature is seen in a neighbourhood of its cell


class PeakExplainer:
    """Probabilities and signed evidence of a head on the trunk; stands where a `core.explain.gradcam.Explainer` does.

    Args:
        head: on the peaks of the features.
        typical: (912,) mean peaks of pictures such as those it has learned from.
        exclusive: whether its outputs exclude each other (classes).
    """

    engine = "numpy"
    target = "features"
    method = EXCESS
    background = None
    is_assumed = False

    def __init__(self, head: Head, typical: np.ndarray, exclusive: bool) -> None:
        self.head, self.typical, self.exclusive = head, typical.astype(np.float32), exclusive

    def __call__(self, pictures: np.ndarray) -> Explanation:
        """Explain ``pictures`` (N, h, w, 3) uint8 BGR, prepared for the trunk.

        Raises:
            ModelError: the file of weights is missing or damaged.
        """
        features = grid(pictures)
        logits = self.head.logits(features.max(axis=(1, 2)))
        maps = np.stack([self._evidence(each) for each in features])
        if self.exclusive:
            maps = np.einsum("nhwb,nab->nhwa", maps, _log_odds_gradients(logits))
        return Explanation(self.head.probabilities(logits, self.exclusive), maps.astype(np.float32))

    def read(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return only the probabilities (N, A), and signatures of no length: nothing measures whether it knows a picture."""
        logits = self.head.logits(grid(pictures).max(axis=(1, 2)))
        return self.head.probabilities(logits, self.exclusive), np.empty((len(pictures), 0), np.float32)

    def _evidence(self, features: np.ndarray) -> np.ndarray:
        """Return (h, w, A) float32, in logits, for the features (h, w, C) of a picture; cells that share a peak share it evenly."""
        height, width, channels = features.shape
        cells = features.reshape(-1, channels)
        peaks = cells.max(axis=0)
        excess = np.maximum(peaks - self.typical, 0)
        at_peak = (cells == peaks).astype(np.float32)
        shares = (at_peak * (excess / at_peak.sum(axis=0))) @ self.head.kernel
        maps = shares.reshape(height, width, -1)
        return np.dstack([cv2.GaussianBlur(maps[..., i], (0, 0), BLUR) for i in range(maps.shape[-1])])


def _log_odds_gradients(logits: np.ndarray) -> np.ndarray:
    """Return the gradients (N, A, A) of the log odds of each class by each logit, see `core.explain.gradcam`."""
    own = np.eye(logits.shape[1])
    others = np.where(own > 0, -np.inf, logits[:, None, :])
    share = np.exp(others - others.max(axis=-1, keepdims=True))
    return own - share / share.sum(axis=-1, keepdims=True)

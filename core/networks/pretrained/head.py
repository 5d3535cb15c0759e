"""A linear head on the peaks of the pretrained features, learned in seconds by logistic regression.

Importing this does not import TensorFlow.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

STRENGTH = 0.03
"""Inverse of the penalty on squared weights of standardised peaks, as scikit-learn's ``C``.

Of 0.0003, 0.003, 0.03 and 0.3 the best on unseen demo videos, learned from 100 frames of five (docs/benchmarks.md).
"""

FLOOR = 0.05
"""Added to the deviation of a peak, of 6 at most: a channel that hardly moves is not blown up."""

TRUST = 10.0
"""Deviation of the logits of a head that is built on, beside 1 of a peak: the greater, the less it costs to follow them.

Of 0, 3, 10, 30 and 100 the best on the real seams of four fabrics for the fifth (docs/benchmarks.md).
"""

CERTAIN = 3.0
"""Logit of an attribute that has been given one answer only: 95 %."""


@dataclass(frozen=True)
class Head:
    """Weights of the layer ``logits``.

    Args:
        kernel: (C, A) float32, for C peaks and A attributes or classes.
        bias: (A,) float32.
    """

    kernel: np.ndarray
    bias: np.ndarray

    def logits(self, peaks: np.ndarray) -> np.ndarray:
        """Return the logits (N, A) float32 for ``peaks`` (N, C)."""
        return peaks.astype(np.float32) @ self.kernel + self.bias

    @staticmethod
    def probabilities(logits: np.ndarray, exclusive: bool) -> np.ndarray:
        """Return the probabilities (N, A) float32 of ``logits`` (N, A): of each attribute, or of classes, which sum to 1."""
        if exclusive:
            powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
            return powers / powers.sum(axis=-1, keepdims=True)
        return 1 / (1 + np.exp(-logits))


def fit_head(
    peaks: np.ndarray,
    targets: np.ndarray,
    exclusive: bool = False,
    strength: float = STRENGTH,
    base: Head | None = None,
) -> Head:
    """Learn a head.

    Args:
        peaks: (N, C), the greatest value of each channel in each picture.
        targets: (N, A): 1 true, 0 false, -1 unset. An unset answer teaches nothing.
        exclusive: the attributes are classes: exactly one is true of each picture that teaches.
        strength: of what the pictures say against the penalty on large weights.
        base: a head of other pictures to build on: what it says is as many more inputs, see `TRUST`.

    Returns:
        The head. Of an attribute with one answer only it says that answer, whatever the picture.
    """
    mean, deviation = peaks.mean(axis=0, dtype=np.float64), peaks.std(axis=0, dtype=np.float64)
    scale, following = 1 / np.hypot(deviation, FLOOR), np.zeros((peaks.shape[1], 0))
    if base is not None:
        following = base.kernel * (TRUST / (base.logits(peaks).std(axis=0, dtype=np.float64) + FLOOR))
    centred = peaks - mean
    inputs = np.hstack([centred * scale, centred @ following]).astype(np.float32)
    weights, bias = (_fit_classes if exclusive else _fit_attributes)(inputs, targets, strength)
    kernel = weights[: len(scale)] * scale[:, None] + following @ weights[len(scale) :]
    return Head(kernel.astype(np.float32), (bias - mean @ kernel).astype(np.float32))


def _fit_attributes(
    inputs: np.ndarray, targets: np.ndarray, strength: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return weights (C, A) and biases (A,): a regression for each attribute, on its own frames."""
    weights, bias = np.zeros((inputs.shape[1], targets.shape[1])), np.zeros(targets.shape[1])
    for number, answers in enumerate(targets.T):
        is_set = answers >= 0
        if len(np.unique(answers[is_set])) < 2:
            bias[number] = CERTAIN * (2 * answers[is_set][0] - 1) if is_set.any() else 0.0
        else:
            fitted = _regression(strength).fit(inputs[is_set], answers[is_set] > 0.5)
            weights[:, number], bias[number] = fitted.coef_[0], fitted.intercept_[0]
    return weights, bias


def _fit_classes(inputs: np.ndarray, targets: np.ndarray, strength: float) -> tuple[np.ndarray, np.ndarray]:
    """Return weights (C, A) and biases (A,) of one regression for all classes; one that never occurs is unlikely."""
    is_set = (targets == 1).any(axis=1)
    classes = targets[is_set].argmax(axis=1)
    weights, bias = np.zeros((inputs.shape[1], targets.shape[1])), np.full(targets.shape[1], -CERTAIN)
    occurring = np.unique(classes)
    if len(occurring) < 2:
        bias[occurring] = CERTAIN
        return weights, bias
    fitted = _regression(strength).fit(inputs[is_set], classes)
    if len(occurring) == 2:  # scikit-learn then has one row, for the second class
        weights[:, occurring[1]], bias[occurring[1]] = fitted.coef_[0], fitted.intercept_[0]
        bias[occurring[0]] = 0.0
    else:
        weights[:, occurring], bias[occurring] = fitted.coef_.T, fitted.intercept_
    return weights, bias


def _regression(strength: float) -> "LogisticRegression":
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, max_iter=300)

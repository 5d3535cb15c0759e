"""From what a network says to decisions, in one place for testing, explaining and watching."""

import numpy as np
from scipy.special import expit, logit, softmax

EPSILON = 1e-6
"""Predictions are kept with six digits: nothing is surer than this."""


def calibrated(probabilities: np.ndarray, temperatures: np.ndarray, exclusive: bool) -> np.ndarray:
    """Return probabilities at their temperatures; at 1 they are returned as they are.

    The order of the probabilities stays, and so does which side of 0.5 they are on; of classes, the most probable.

    Args:
        probabilities: (..., A) float, 0 to 1, as the network gives them; NaN stays NaN.
        temperatures: (A,) float above 0; above 1 makes less sure, below 1 surer. Of classes all are the same.
        exclusive: they are classes, and add up to 1 before and after.

    Returns:
        (..., A) float.
    """
    if (temperatures == 1).all():
        return probabilities
    inside = np.clip(np.asarray(probabilities, float), EPSILON, 1 - EPSILON)
    if exclusive:
        return softmax(np.log(inside) / temperatures, axis=-1)
    return np.where(temperatures == 1, probabilities, expit(logit(inside) / temperatures))


def decide(probabilities: np.ndarray, thresholds: np.ndarray, exclusive: bool) -> np.ndarray:
    """Decide what is true.

    Args:
        probabilities: (..., A) float, 0 to 1.
        thresholds: (A,) float; an attribute at its threshold is true.
        exclusive: exactly one attribute is true: the most probable. Thresholds do not count then.

    Returns:
        (..., A) bool.
    """
    if exclusive:
        winner = probabilities.argmax(axis=-1)[..., None]
        return np.arange(probabilities.shape[-1]) == winner
    return probabilities >= thresholds

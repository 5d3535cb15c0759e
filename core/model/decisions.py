"""From probabilities to decisions, in one place for testing, explaining and watching."""

import numpy as np


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

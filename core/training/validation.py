"""What a network answers on the validation frames: loss and accuracy, and the answers that are most wrong."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from core.attributes import AttributeSet
from core.inputs.batches import Part
from core.networks.backend import tf
from core.training import losses

BATCH = 64
WORST = 24
"""How many of the worst answers are kept per epoch."""


def logits_of(part: Part, predict: Callable[[Any], Any]) -> np.ndarray:
    """Return the logits (N, A) float32 of all frames of ``part``, as ``predict`` makes them of pictures (n, h, w, 3) uint8."""
    numbers = np.array_split(np.arange(len(part)), range(BATCH, len(part), BATCH))
    return np.concatenate([predict(tf.constant(part.pictures[chosen])) for chosen in numbers])


def means(part: Part, logits: np.ndarray, attributes: AttributeSet) -> dict[str, float]:
    """Return `losses.means` of all frames of ``part``."""
    return losses.means(losses.loss_counts(part.targets, logits, attributes.exclusive).numpy(), attributes)


def worst(part: Part, logits: np.ndarray, attributes: AttributeSet) -> pd.DataFrame:
    """Return the answers of greatest loss, the worst first: ``name``, ``attribute``, ``label``, ``probability``, ``loss``."""
    each, counts = (
        table.numpy() for table in losses.cross_entropies(part.targets, logits, attributes.exclusive)
    )
    probabilities = (tf.nn.softmax if attributes.exclusive else tf.sigmoid)(logits).numpy()
    order = np.argsort(np.where(counts > 0, -each, np.inf), axis=None, kind="stable")
    frames, columns = np.unravel_index(order[: min(WORST, int(counts.sum()))], each.shape)
    return pd.DataFrame(
        {
            "name": part.frames["name"].to_numpy()[frames],
            "attribute": np.array(attributes.names)[columns],
            "label": part.targets[frames, columns] == 1,
            "probability": probabilities[frames, columns],
            "loss": each[frames, columns],
        }
    )

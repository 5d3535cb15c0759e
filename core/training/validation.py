"""Loss and accuracy per attribute, while training and on the validation frames.

Targets are (N, A) float32: 1 true, 0 false, -1 unset. Predictions are logits (N, A).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.inputs.batches import Part
from core.networks.backend import keras, tf
from core.runs.run import Run
from core.training.losses import MeanSoFar

BATCH = 64
WORST = 24
"""How many of the worst answers are kept per epoch."""


@dataclass(frozen=True)
class Measured:
    """A validation.

    Args:
        loss: what training minimises, over all frames.
        losses: per attribute, (A,) float; not a number where none is labelled.
        accuracies: share of right answers per attribute, (A,) float; not a number where none is labelled.
        accuracy: of classes, the share of frames in their right class; none otherwise, or where no class is known.
        worst: the answers of greatest loss: ``name``, ``attribute``, ``label``, ``probability``, ``loss``.
    """

    loss: float
    losses: np.ndarray
    accuracies: np.ndarray
    accuracy: float | None
    worst: pd.DataFrame


def attribute_losses(targets: Any, logits: Any, exclusive: bool) -> tuple[Any, Any]:
    """Return the cross-entropy of each answer and whether it counts, both (N, A) float32.

    For attributes each set label counts. For classes each frame has one loss, which counts for its own class.
    """
    if exclusive:
        each = tf.nn.softmax_cross_entropy_with_logits(labels=tf.maximum(targets, 0.0), logits=logits)
        return tf.repeat(each[:, None], targets.shape[1], axis=1), tf.cast(targets == 1, tf.float32)
    each = tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.maximum(targets, 0.0), logits=logits)
    return each, tf.cast(targets >= 0, tf.float32)


class AttributeLoss(MeanSoFar):
    """Mean loss of one attribute over the labels that count; see `attribute_losses`.

    Args:
        attribute: which column.
        exclusive: whether the columns are classes.
    """

    def __init__(self, attribute: int, exclusive: bool) -> None:
        super().__init__(f"loss_{attribute}")
        self._attribute, self._exclusive = attribute, exclusive

    def update_state(self, targets: Any, logits: Any, sample_weight: Any = None) -> None:
        """Count a batch."""
        losses, counts = attribute_losses(targets, logits, self._exclusive)
        self.count(losses[:, self._attribute], counts[:, self._attribute])


def predictor(logits: keras.Model) -> Callable[[Any], Any]:
    """Return ``logits`` as a compiled function, for one validation after the other."""
    return tf.function(lambda pictures: logits(pictures, training=False), reduce_retracing=True)


def validate(
    run: Run, part: Part, predict: Callable[[Any], Any], loss: Callable[[Any, Any], Any]
) -> Measured:
    """Measure a network on the frames of ``part``.

    Args:
        run: whose attributes these are.
        part: the validation frames.
        predict: from pictures (n, h, w, 3) uint8 to logits (n, A).
        loss: from targets and logits to the loss, per frame or as one mean.
    """
    numbers = np.array_split(np.arange(len(part)), range(BATCH, len(part), BATCH))
    logits = np.concatenate([predict(tf.constant(part.pictures[chosen])) for chosen in numbers])
    exclusive = run.attributes.exclusive
    losses, counts = (each.numpy() for each in attribute_losses(part.targets, logits, exclusive))
    return Measured(
        float(np.mean(loss(part.targets, logits))),
        _mean(losses, counts),
        _accuracies(part.targets, logits, exclusive),
        _class_accuracy(part.targets, logits) if exclusive else None,
        _worst(run, part, logits, losses, counts),
    )


def _mean(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return (values * counts).sum(axis=0) / counts.sum(axis=0)


def _accuracies(targets: np.ndarray, logits: np.ndarray, exclusive: bool) -> np.ndarray:
    decided = np.eye(logits.shape[1])[logits.argmax(axis=1)] if exclusive else logits >= 0
    return _mean(decided == (targets > 0.5), targets >= 0)


def _class_accuracy(targets: np.ndarray, logits: np.ndarray) -> float | None:
    known = (targets == 1).any(axis=1)
    right = targets[known].argmax(axis=1) == logits[known].argmax(axis=1)
    return float(right.mean()) if known.any() else None


def _worst(run: Run, part: Part, logits: np.ndarray, losses: np.ndarray, counts: np.ndarray) -> pd.DataFrame:
    exclusive = run.attributes.exclusive
    probabilities = (tf.nn.softmax if exclusive else tf.sigmoid)(logits).numpy()
    order = np.argsort(np.where(counts > 0, -losses, np.inf), axis=None, kind="stable")
    frames, columns = np.unravel_index(order[: min(WORST, int(counts.sum()))], losses.shape)
    return pd.DataFrame(
        {
            "name": part.frames["name"].to_numpy()[frames],
            "attribute": np.array(run.attributes.names)[columns],
            "label": part.targets[frames, columns] == 1,
            "probability": probabilities[frames, columns],
            "loss": losses[frames, columns],
        }
    )

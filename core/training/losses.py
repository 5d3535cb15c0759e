"""The loss of a training, what is counted beside it, and the answers that are most wrong. Unset labels are left out, and nothing is left to be guessed.

Targets are (N, A) float32: 1 true, 0 false, -1 unset. Predictions are logits (N, A).

Keras must not guess: ``metrics=["accuracy"]`` on several sigmoid outputs becomes the accuracy of the argmax.
"""

from typing import Any

import numpy as np
import pandas as pd

from core.attributes import AttributeSet
from core.inputs.batches import Part
from core.networks.backend import tf

MEASURES = 3
"""Rows of `loss_counts`: loss, right answers, and of classes also frames in their right class."""

WORST = 24
"""How many of the worst answers are kept per epoch."""


def cross_entropies(targets: Any, logits: Any, exclusive: bool) -> tuple[Any, Any]:
    """Return the cross-entropy of each answer and whether it counts, both (N, A) float32.

    For attributes each set label counts. For classes each frame has one loss, which counts for its own class.
    """
    right = tf.maximum(targets, 0.0)
    if exclusive:
        each = tf.nn.softmax_cross_entropy_with_logits(labels=right, logits=logits)
        return tf.repeat(each[:, None], targets.shape[1], axis=1), tf.cast(targets == 1, tf.float32)
    each = tf.nn.sigmoid_cross_entropy_with_logits(labels=right, logits=logits)
    return each, tf.cast(targets >= 0, tf.float32)


def mean_loss(targets: Any, logits: Any, exclusive: bool, weights: np.ndarray | None = None) -> Any:
    """Return the mean cross-entropy over the answers of a batch that count: a scalar; 0 where there is none.

    Every set label counts once, whatever else is unset in its frame or its batch. (A mean per frame would count the
    only label of a frame four times as much as one of four, and frames without labels would thin out the rest.)

    Args:
        targets: (N, A).
        logits: (N, A).
        exclusive: the attributes are classes.
        weights: (2, A) of false and true labels. Their sum is divided by the number of set labels, not by their
            weights: a batch with many rare labels shall pull more than one with few.
    """
    each, counts = cross_entropies(targets, logits, exclusive)
    if weights is not None:
        each *= tf.where(targets > 0.5, *weights[::-1])
    return tf.reduce_sum(each * counts) / tf.maximum(tf.reduce_sum(counts), 1)


def loss_counts(targets: Any, logits: Any, exclusive: bool) -> Any:
    """Return what a batch adds to the means of an epoch: (MEASURES, 2, A) float32, each measure's sum and number.

    An answer is right where the probability is on its side of one half; of classes, where the greatest logit is.
    """
    losses, counts = cross_entropies(targets, logits, exclusive)
    winner = tf.one_hot(tf.argmax(logits, axis=-1), targets.shape[1], dtype=tf.float32)
    is_right = tf.cast((targets > 0.5) == ((winner > 0.5) if exclusive else (logits >= 0)), tf.float32)
    is_set, is_class = (tf.cast(mask, tf.float32) for mask in (targets >= 0, targets == 1))
    pairs = (losses * counts, counts), (is_right * is_set, is_set), (winner * is_class, is_class)
    return tf.stack([tf.stack([tf.reduce_sum(each, axis=0) for each in pair]) for pair in pairs])


def means(counted: np.ndarray, attributes: AttributeSet) -> dict[str, float]:
    """Return ``<attribute>_loss`` and ``<attribute>_accuracy``, and of classes ``accuracy``; NaN where nothing counted.

    Args:
        counted: (MEASURES, 2, A), the sum of what `loss_counts` returned.
        attributes: A of them.
    """
    found: dict[str, float] = {}
    with np.errstate(invalid="ignore"):
        losses, accuracies, _ = counted[:, 0] / counted[:, 1]
        right, of = counted[2].sum(axis=1)
        for name, loss, accuracy in zip(attributes.names, losses, accuracies, strict=True):
            found |= {f"{name}_loss": float(loss), f"{name}_accuracy": float(accuracy)}
        return found | ({"accuracy": float(right / of)} if attributes.exclusive else {})


def worst(part: Part, logits: np.ndarray, attributes: AttributeSet) -> pd.DataFrame:
    """Return the answers of greatest loss, the worst first: ``name``, ``attribute``, ``label``, ``probability``, ``loss``."""
    each, counts = (table.numpy() for table in cross_entropies(part.targets, logits, attributes.exclusive))
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


def weights_of(targets: np.ndarray, balance: float, exclusive: bool = False) -> np.ndarray | None:
    """Return how much a false and a true label of each attribute weigh; none: all the same.

    With a balance of 1 the answers of an attribute weigh inversely to their number: together each has one half of
    the weight (of k classes, a k-th). In between, the share of an answer lies in between. The mean over the set labels
    is always 1, so the learning rate means the same.

    Args:
        targets: (N, A) float32 of the training part: 1 true, 0 false, -1 unset.
        balance: 0 to 1, of the recipe.
        exclusive: the attributes are classes, of which only true labels weigh.

    Returns:
        (2, A) float32, false and true; an answer that never occurs weighs 1.
    """
    if not balance:
        return None
    counts = np.stack([(targets == answer).sum(axis=0) for answer in (0, 1)])  # (2, A)
    if exclusive:
        return np.stack([np.ones_like(counts[0], np.float32), _balanced(counts[1], balance)])
    return np.stack([_balanced(column, balance) for column in counts.T], axis=1)


def _balanced(counts: np.ndarray, balance: float) -> np.ndarray:
    """Return the weights (k,) float32 of answers that occur so often, with a mean of 1 over all occurrences."""
    occurring = np.count_nonzero(counts)
    inverse = np.divide(counts.sum(), occurring * counts, out=np.ones(len(counts)), where=counts > 0)
    return (1 - balance + balance * inverse).astype(np.float32)

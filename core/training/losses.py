"""Losses and metrics that leave out unset labels, and are told explicitly what a right answer is.

Targets are (N, A) float32: 1 true, 0 false, -1 unset. Predictions are logits (N, A).

Keras must not guess: ``metrics=["accuracy"]`` on several sigmoid outputs becomes the accuracy of the argmax.
"""

from typing import Any

import numpy as np

from core.attributes import AttributeSet
from core.networks.backend import keras, tf
from core.networks.recipe import Recipe


def masked_binary_crossentropy(targets: Any, logits: Any, weights: np.ndarray | None = None) -> Any:
    """Return the mean binary cross-entropy over the set labels of a batch: a scalar; 0 where none is set.

    Every set label counts once, whatever else is unset in its frame or its batch. (A mean per frame would count the
    only label of a frame four times as much as one of four, and frames without labels would thin out the rest.)

    Args:
        targets: (N, A).
        logits: (N, A).
        weights: (2, A) of false and true labels. Their sum is divided by the number of set labels, not by their
            weights: a batch with many rare labels shall pull more than one with few.
    """
    is_set = tf.cast(targets >= 0, logits.dtype)
    each = tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.maximum(targets, 0), logits=logits)
    if weights is not None:
        each *= tf.where(targets > 0.5, *weights[::-1])
    return tf.reduce_sum(each * is_set) / tf.maximum(tf.reduce_sum(is_set), 1)


def masked_categorical_crossentropy(targets: Any, logits: Any, weights: np.ndarray | None = None) -> Any:
    """Return the mean cross-entropy over the frames of a batch whose class is known: a scalar; 0 where there is none.

    Args:
        targets: (N, A).
        logits: (N, A).
        weights: (2, A), of which the second row counts, the classes'.
    """
    right = tf.maximum(targets, 0)  # all zero where the class is not known, and so is the cross-entropy
    each = tf.nn.softmax_cross_entropy_with_logits(labels=right, logits=logits)
    if weights is not None:
        each *= tf.linalg.matvec(right, weights[1])
    return tf.reduce_sum(each) / tf.maximum(tf.reduce_sum(right), 1)


class MeanSoFar(keras.metrics.Metric):
    """A mean of what counts in the batches of an epoch; what it is of, `update_state` says by `count`.

    `keras.metrics.Mean` says 0 where nothing was counted; here nothing counted is nothing known.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self._sum = self.add_weight(name="sum", initializer="zeros")
        self._count = self.add_weight(name="count", initializer="zeros")

    def count(self, values: Any, counts: Any) -> None:
        """Add ``values`` (N,) float32 where ``counts`` (N,) is 1, not where it is 0."""
        self._sum.assign_add(tf.reduce_sum(values * counts))
        self._count.assign_add(tf.reduce_sum(counts))

    def result(self) -> Any:
        """Return the mean so far; nothing counted is nothing known (NaN)."""
        return self._sum / self._count

    def reset_state(self) -> None:
        """Begin anew."""
        self._sum.assign(0.0)
        self._count.assign(0.0)


class AttributeAccuracy(MeanSoFar):
    """Share of the set labels of one attribute that the logits get right at probability one half.

    Args:
        attribute: which column.
        exclusive: decided true is the greatest logit instead.
    """

    def __init__(self, attribute: int, exclusive: bool) -> None:
        super().__init__(f"accuracy_{attribute}")
        self._attribute, self._exclusive = attribute, exclusive

    def update_state(self, targets: Any, logits: Any, sample_weight: Any = None) -> None:
        """Count a batch."""
        target = targets[:, self._attribute]
        if self._exclusive:
            decided = tf.argmax(logits, axis=-1) == self._attribute
        else:
            decided = logits[:, self._attribute] >= 0
        self.count(tf.cast((target > 0.5) == decided, tf.float32), tf.cast(target >= 0, tf.float32))


class ClassAccuracy(MeanSoFar):
    """Share of the frames of a known class whose greatest logit is that of their class."""

    NAME = "class_accuracy"

    def __init__(self) -> None:
        super().__init__(self.NAME)

    def update_state(self, targets: Any, logits: Any, sample_weight: Any = None) -> None:
        """Count a batch."""
        is_right = tf.argmax(targets, axis=-1) == tf.argmax(logits, axis=-1)
        is_known = tf.reduce_any(targets == 1, axis=-1)
        self.count(tf.cast(is_right, tf.float32), tf.cast(is_known, tf.float32))


def weights_of(targets: np.ndarray, recipe: Recipe, exclusive: bool = False) -> np.ndarray | None:
    """Return how much a false and a true label of each attribute weigh; none: all the same.

    With `Recipe.balance` 1 the answers of an attribute weigh inversely to their number: together each has one half of
    the weight (of k classes, a k-th). In between, the share of an answer lies in between. The mean over the set labels
    is always 1, so the learning rate means the same.

    Args:
        targets: (N, A) float32 of the training part: 1 true, 0 false, -1 unset.
        recipe: its ``balance`` counts.
        exclusive: the attributes are classes, of which only true labels weigh.

    Returns:
        (2, A) float32, false and true; an answer that never occurs weighs 1.
    """
    if not recipe.balance:
        return None
    counts = np.stack([(targets == answer).sum(axis=0) for answer in (0, 1)])  # (2, A)
    if exclusive:
        return np.stack([np.ones_like(counts[0], np.float32), _balanced(counts[1], recipe.balance)])
    return np.stack([_balanced(column, recipe.balance) for column in counts.T], axis=1)


def _balanced(counts: np.ndarray, balance: float) -> np.ndarray:
    """Return the weights (k,) float32 of answers that occur so often, with a mean of 1 over all occurrences."""
    occurring = np.count_nonzero(counts)
    inverse = np.divide(counts.sum(), occurring * counts, out=np.ones(len(counts)), where=counts > 0)
    return (1 - balance + balance * inverse).astype(np.float32)


def loss_for(attributes: AttributeSet, weights: np.ndarray | None = None) -> Any:
    """Return the loss of an attribute set, of targets and logits: binary cross-entropy, or categorical for classes.

    Args:
        attributes: exclusive or not.
        weights: (2, A) as `weights_of` returns them.
    """
    loss = masked_categorical_crossentropy if attributes.exclusive else masked_binary_crossentropy
    if weights is None:
        return loss

    def weighted(targets: Any, logits: Any) -> Any:  # no partial: Keras wants a name
        return loss(targets, logits, weights)

    return weighted


def metrics_for(attributes: AttributeSet) -> list[keras.metrics.Metric]:
    """Return one accuracy per attribute, in their order; of classes also the share of frames in their right class."""
    each = [AttributeAccuracy(number, attributes.exclusive) for number in range(len(attributes))]
    return [*each, ClassAccuracy()] if attributes.exclusive else each

"""Losses and metrics that leave out unset labels, and are told explicitly what a right answer is.

Targets are (N, A) float32: 1 true, 0 false, -1 unset. Predictions are logits (N, A).

Keras must not guess: ``metrics=["accuracy"]`` on several sigmoid outputs becomes the accuracy of the argmax.
"""

from typing import Any

import numpy as np

from core.attributes import AttributeSet
from core.model.backend import keras, tf
from core.model.recipes import Recipe


def masked_binary_crossentropy(targets: Any, logits: Any) -> Any:
    """Return the mean binary cross-entropy over the set labels of each frame: (N,); 0 where none is set."""
    is_set = tf.cast(targets >= 0, logits.dtype)
    each = tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.maximum(targets, 0), logits=logits)
    return tf.reduce_sum(each * is_set, axis=-1) / tf.maximum(tf.reduce_sum(is_set, axis=-1), 1)


def masked_categorical_crossentropy(targets: Any, logits: Any) -> Any:
    """Return the cross-entropy of each frame whose class is known: (N,); 0 for the others."""
    return tf.nn.softmax_cross_entropy_with_logits(labels=tf.maximum(targets, 0), logits=logits)


class AttributeAccuracy(keras.metrics.Metric):
    """Share of the set labels of one attribute that the logits get right at probability one half.

    Args:
        attribute: which column.
        exclusive: decided true is the greatest logit instead.
    """

    def __init__(self, attribute: int, exclusive: bool) -> None:
        super().__init__(name=f"accuracy_{attribute}")
        self._attribute, self._exclusive = attribute, exclusive
        self._right = self.add_weight(name="right", initializer="zeros")
        self._set = self.add_weight(name="set", initializer="zeros")

    def update_state(self, targets: Any, logits: Any, sample_weight: Any = None) -> None:
        """Count a batch."""
        target = targets[:, self._attribute]
        if self._exclusive:
            decided = tf.argmax(logits, axis=-1) == self._attribute
        else:
            decided = logits[:, self._attribute] >= 0
        is_set = target >= 0
        right = tf.logical_and(is_set, tf.equal(target > 0.5, decided))
        self._right.assign_add(tf.reduce_sum(tf.cast(right, tf.float32)))
        self._set.assign_add(tf.reduce_sum(tf.cast(is_set, tf.float32)))

    def result(self) -> Any:
        """Return the share so far; nothing counted is nothing known (NaN)."""
        return self._right / self._set

    def reset_state(self) -> None:
        """Begin anew."""
        self._right.assign(0.0)
        self._set.assign(0.0)


def weights_of(targets: np.ndarray, recipe: Recipe) -> np.ndarray | None:
    """Return how much a true and a false label of each attribute weigh, (2, A) float32; none: all the same."""
    return None


def loss_for(attributes: AttributeSet, weights: np.ndarray | None = None) -> Any:
    """Return the loss of an attribute set: binary cross-entropy, or categorical for classes."""
    return masked_categorical_crossentropy if attributes.exclusive else masked_binary_crossentropy


def metrics_for(attributes: AttributeSet) -> list[keras.metrics.Metric]:
    """Return one accuracy per attribute, in their order."""
    return [AttributeAccuracy(number, attributes.exclusive) for number in range(len(attributes))]

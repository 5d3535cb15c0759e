import math

import numpy as np
import pytest

from core.attributes import named
from core.model.backend import tf
from core.model.losses import (
    AttributeAccuracy,
    loss_for,
    masked_binary_crossentropy,
    masked_categorical_crossentropy,
    metrics_for,
)

TARGETS = tf.constant([[1.0, 0.0, -1.0], [-1.0, -1.0, 1.0], [-1.0, -1.0, -1.0]])
LOGITS = tf.constant([[2.0, 1.0, 50.0], [-50.0, 50.0, -0.5], [1.0, 2.0, 3.0]])


def test_unset_labels_do_not_count_in_the_loss():
    first = (-math.log(1 / (1 + math.exp(-2))) - math.log(1 - 1 / (1 + math.exp(-1)))) / 2
    second = -math.log(1 / (1 + math.exp(0.5)))
    assert masked_binary_crossentropy(TARGETS, LOGITS).numpy() == pytest.approx([first, second, 0], rel=1e-5)


def test_unset_labels_have_no_gradient():
    with tf.GradientTape() as tape:
        tape.watch(LOGITS)
        loss = tf.reduce_sum(masked_binary_crossentropy(TARGETS, LOGITS))
    assert ((tape.gradient(loss, LOGITS).numpy() != 0) == (TARGETS.numpy() >= 0)).all()


def test_classes():
    logits = tf.constant([[1.0, 2.0], [3.0, 1.0]])
    loss = masked_categorical_crossentropy(tf.constant([[0.0, 1.0], [-1.0, -1.0]]), logits).numpy()
    assert loss == pytest.approx([math.log(1 + math.exp(-1)), 0], rel=1e-5)


def test_accuracy_of_each_attribute_on_its_own():
    """The argmax is right in half of the frames; the first attribute always, the second in one of three."""
    targets = tf.constant([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    logits = tf.constant([[3.0, 0.5], [2.0, 1.0], [-1.0, -2.0], [-5.0, 9.0]])
    first, second = metrics_for(named(["a", "b"]))
    for metric in (first, second):
        metric.update_state(targets[:2], logits[:2])
        metric.update_state(targets[2:], logits[2:])
    assert float(first.result()) == 1
    assert float(second.result()) == pytest.approx(1 / 3)


def test_accuracy_of_classes_goes_by_the_winner():
    metric = AttributeAccuracy(0, exclusive=True)
    metric.update_state(tf.constant([[1.0, 0.0], [0.0, 1.0]]), tf.constant([[-1.0, -2.0], [2.0, 1.0]]))
    assert float(metric.result()) == 0.5


def test_accuracy_of_nothing_is_not_known():
    metric = AttributeAccuracy(0, exclusive=False)
    metric.update_state(tf.constant([[-1.0]]), tf.constant([[2.0]]))
    assert np.isnan(float(metric.result()))
    metric.update_state(tf.constant([[1.0]]), tf.constant([[2.0]]))
    metric.reset_state()
    assert np.isnan(float(metric.result()))


def test_which_loss():
    assert loss_for(named(["a", "b"])) is masked_binary_crossentropy
    assert loss_for(named(["a", "b"], exclusive=True)) is masked_categorical_crossentropy

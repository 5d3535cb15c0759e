import math

import numpy as np
import pytest

from core.attributes import named
from core.networks.backend import tf
from core.training.losses import cross_entropies, loss_counts, mean_loss, means, weights_of

TARGETS = tf.constant([[1.0, 0.0, -1.0], [-1.0, -1.0, 1.0], [-1.0, -1.0, -1.0]])
LOGITS = tf.constant([[2.0, 1.0, 50.0], [-50.0, 50.0, -0.5], [1.0, 2.0, 3.0]])


def ce(logit, is_true=True):
    """The cross-entropy of one label, by hand."""
    return math.log(1 + math.exp(-logit if is_true else logit))


def test_every_set_label_counts_once_and_no_other_does():
    expected = (ce(2) + ce(1, False) + ce(-0.5)) / 3
    assert float(mean_loss(TARGETS, LOGITS, False)) == pytest.approx(expected, rel=1e-5)


def test_a_batch_without_labels_teaches_nothing():
    assert float(mean_loss(TARGETS[2:], LOGITS[2:], False)) == 0
    assert float(mean_loss(TARGETS[2:], LOGITS[2:], True)) == 0


def test_unset_labels_have_no_gradient():
    with tf.GradientTape() as tape:
        tape.watch(LOGITS)
        loss = mean_loss(TARGETS, LOGITS, False)
    assert ((tape.gradient(loss, LOGITS).numpy() != 0) == (TARGETS.numpy() >= 0)).all()


def test_weights_of_false_and_true_labels():
    weights = np.array([[1, 10, 100], [2, 20, 200]], np.float32)
    expected = (2 * ce(2) + 10 * ce(1, False) + 200 * ce(-0.5)) / 3
    assert float(mean_loss(TARGETS, LOGITS, False, weights)) == pytest.approx(expected, rel=1e-5)


def test_frames_without_a_known_class_weigh_nothing():
    targets = tf.constant([[0.0, 1.0], [-1.0, -1.0], [1.0, 0.0], [-1.0, 0.0]])
    logits = tf.constant([[1.0, 2.0], [3.0, 1.0], [0.0, 3.0], [9.0, 9.0]])
    loss = mean_loss(targets, logits, True)
    assert float(loss) == pytest.approx((ce(1) + ce(-3)) / 2, rel=1e-5)
    weighted = mean_loss(targets, logits, True, np.array([[7, 7], [0.5, 3]], np.float32))
    assert float(weighted) == pytest.approx((3 * ce(1) + 0.5 * ce(-3)) / 2, rel=1e-5)


def test_no_balance_no_weights():
    assert weights_of(np.ones((3, 2), np.float32), 0.0) is None


def test_full_balance_is_the_inverse_frequency_of_the_set_labels():
    """One true of four set labels: it weighs 4/2, each false one 4/6; the second attribute has one answer only."""
    targets = np.array([[1, 0], [0, 0], [0, -1], [0, 0], [-1, 0]], np.float32)
    assert weights_of(targets, 1.0) == pytest.approx(np.array([[2 / 3, 1], [2, 1]]))


@pytest.mark.parametrize("balance", [0.3, 1.0])
def test_the_mean_weight_of_set_labels_is_one(balance):
    targets = np.random.default_rng(0).choice([-1, 0, 0, 0, 1], (200, 3)).astype(np.float32)
    weights = weights_of(targets, balance)
    for column, (false, true) in zip(targets.T, weights.T, strict=True):
        assert np.where(column > 0, true, false)[column >= 0].mean() == pytest.approx(1)


def test_half_a_balance_lies_half_way():
    """One true of ten has a tenth of the weight without, a half with, and 0.3 half way."""
    targets = np.array([[1.0], *[[0.0]] * 9], np.float32)
    [[false], [true]] = weights_of(targets, 0.5)
    assert true / (true + 9 * false) == pytest.approx(0.3)


def test_classes_are_balanced_among_each_other():
    """Of six known frames three, two and one: they weigh 6/9, 6/6 and 6/3."""
    targets = np.eye(3, dtype=np.float32)[[0, 0, 0, 1, 1, 2]]
    weights = weights_of(np.concatenate([targets, np.full((4, 3), -1, np.float32)]), 1.0, exclusive=True)
    assert weights[1] == pytest.approx([2 / 3, 1, 2])


def counted(names, *batches, exclusive=False):
    """The means of an epoch of these batches of targets and logits."""
    attributes = named(names, exclusive=exclusive)
    total = sum(loss_counts(tf.constant(t), tf.constant(o), exclusive).numpy() for t, o in batches)
    return means(total, attributes)


def test_accuracy_of_each_attribute_on_its_own():
    """The argmax is right in half of the frames; the first attribute always, the second in one of three."""
    found = counted(
        ["a", "b"],
        ([[1.0, 1.0], [1.0, 0.0]], [[3.0, 0.5], [2.0, 1.0]]),
        ([[0.0, 1.0], [0.0, -1.0]], [[-1.0, -2.0], [-5.0, 9.0]]),
    )
    assert (found["a_accuracy"], found["b_accuracy"]) == (1, pytest.approx(1 / 3))


def test_the_loss_of_an_attribute_is_that_of_its_set_labels():
    found = counted(["a", "b"], ([[1.0, -1.0], [0.0, -1.0]], [[2.0, 9.0], [1.0, 9.0]]))
    assert found["a_loss"] == pytest.approx((ce(2) + ce(1, False)) / 2)
    assert math.isnan(found["b_loss"]) and math.isnan(found["b_accuracy"])


def test_the_loss_of_a_class_is_that_of_its_own_frames():
    each, counts = cross_entropies(np.eye(2, dtype=np.float32), np.float32([[0, 0], [np.log(3), 0]]), True)
    assert (each * counts).numpy() == pytest.approx(np.diag([math.log(2), math.log(4)]), rel=1e-6)


def test_accuracy_of_classes_goes_by_the_winner():
    found = counted(["p", "q"], ([[1.0, 0.0], [0.0, 1.0]], [[-1.0, -2.0], [2.0, 1.0]]), exclusive=True)
    assert found["p_accuracy"] == found["accuracy"] == 0.5


def test_the_share_of_right_classes_leaves_out_frames_of_no_class():
    """Two of four frames have a class; one is right, whatever the other two are taken for."""
    targets = [[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0], [0.0, 0.0]]
    logits = [[5.0, 1.0], [9.0, 2.0], [1.0, 3.0], [1.0, 3.0]]
    assert counted(["p", "q"], (targets, logits), exclusive=True)["accuracy"] == 0.5

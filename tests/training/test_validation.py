import numpy as np
import pytest

from core.inputs.batches import Part
from core.training import losses, validation
from core.training.create_run import create_run
from core.training.validation import AttributeLoss, attribute_losses
from tests.helpers import tiny_class

TARGETS = np.array([[1, 0, -1], [1, 1, 0]], np.float32)
LOGITS = np.array([[0, 0, 9], [0, np.log(3), 9]], np.float32)
LN2 = np.log(2)


def test_unset_labels_do_not_count():
    metric = AttributeLoss(1, exclusive=False)
    metric.update_state(TARGETS, LOGITS)
    assert float(metric.result()) == pytest.approx((LN2 + np.log(4 / 3)) / 2)
    last = AttributeLoss(2, exclusive=False)
    last.update_state(TARGETS, LOGITS)
    assert float(last.result()) == pytest.approx(9, abs=1e-3)
    last.reset_state()
    assert np.isnan(float(last.result()))


def test_the_loss_of_a_class_is_that_of_its_own_frames():
    targets = np.array([[1, 0], [0, 1]], np.float32)
    logits = np.array([[0, 0], [np.log(3), 0]], np.float32)
    each, counts = attribute_losses(targets, logits, exclusive=True)
    assert (each * counts).numpy() == pytest.approx(np.array([[LN2, 0], [0, np.log(4)]]), rel=1e-6)


@pytest.fixture
def run(workspace):
    return create_run(workspace, tiny_class.quick())


def test_a_validation_per_attribute(run):
    part = Part(run.frames.head(2), np.zeros((2, 32, 32, 3), np.uint8), TARGETS)
    found = validation.validate(run, part, lambda pictures: LOGITS, losses.loss_for(run.attributes))
    assert found.accuracies.tolist() == [1, 0.5, 0]
    assert found.losses == pytest.approx([LN2, (LN2 + np.log(4 / 3)) / 2, 9], rel=1e-4)
    assert found.worst["attribute"].tolist()[0] == "narrow"
    assert found.worst["name"].iloc[0] == run.frames["name"].iloc[1]
    assert len(found.worst) == 5  # as many as there are labels


def test_an_attribute_without_labels_is_not_known(run):
    part = Part(
        run.frames.head(2), np.zeros((2, 32, 32, 3), np.uint8), np.array([[1, 0, -1]] * 2, np.float32)
    )
    found = validation.validate(run, part, lambda pictures: LOGITS, losses.loss_for(run.attributes))
    assert np.isnan(found.accuracies[2]) and np.isnan(found.losses[2])
    assert np.isfinite(found.loss)

import numpy as np
import pytest

from core.inputs.batches import Part
from core.training import losses
from core.training.create_run import create_run
from core.training.model_state import logits_of
from tests.helpers import tiny_class

TARGETS = np.array([[1, 0, -1], [1, 1, 0]], np.float32)
LOGITS = np.array([[0, 0, 9], [0, np.log(3), 9]], np.float32)
LN2 = np.log(2)


@pytest.fixture
def run(workspace):
    return create_run(workspace, tiny_class.quick())


def counted(run, targets):
    return losses.means(losses.loss_counts(np.float32(targets), LOGITS, False).numpy(), run.attributes)


def part(run, targets):
    return Part(run.frames.head(2), np.zeros((2, 32, 32, 3), np.uint8), np.float32(targets))


def test_every_frame_is_answered_once(run):
    many = Part(run.frames, np.zeros((60, 2, 2, 3), np.uint8), np.zeros((60, 3), np.float32))
    sizes = []
    logits = logits_of(many, lambda pictures: sizes.append(len(pictures)) or np.ones((len(pictures), 3)))
    assert logits.shape == (60, 3) and sum(sizes) == 60


def test_a_validation_per_attribute(run):
    found = counted(run, TARGETS)
    losses = [LN2, (LN2 + np.log(4 / 3)) / 2, 9]
    for name, loss, accuracy in zip(run.attributes.names, losses, (1, 0.5, 0), strict=True):
        assert found[f"{name}_loss"] == pytest.approx(loss, rel=1e-4)
        assert found[f"{name}_accuracy"] == accuracy


def test_the_worst_answers_come_first(run):
    worst = losses.worst(part(run, TARGETS), LOGITS, run.attributes)
    assert worst["attribute"].tolist()[0] == "narrow"
    assert worst["name"].iloc[0] == run.frames["name"].iloc[1]
    assert len(worst) == 5  # as many as there are labels


def test_an_attribute_without_labels_is_not_known(run):
    found = counted(run, [[1, 0, -1]] * 2)
    assert np.isnan(found["narrow_accuracy"]) and np.isnan(found["narrow_loss"])
    assert np.isfinite(found["spot_loss"])

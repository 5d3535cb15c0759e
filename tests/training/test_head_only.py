"""A run of which only the head is learned: an ordinary run, and the twin of the instant network."""

import numpy as np
import pytest

from core.errors import RunError
from core.evaluation import evaluate
from core.jobs import worker
from core.networks.pretrained.trunk import read_weights
from core.runs.settings import TrainSettings
from core.training.create_run import create_run
from tests.helpers import tiny_class


def test_only_the_head_of_a_pretrained_network_is_learned_alone(workspace):
    with pytest.raises(RunError, match="no pretrained layers"):
        create_run(workspace, TrainSettings(network="seam_lite", head_only=True))


@pytest.mark.long
def test_it_is_an_ordinary_run_of_one_epoch(tmp_path):
    workspace = tiny_class.make(tmp_path / "class")
    run = create_run(workspace, TrainSettings(network="seam_pretrained", head_only=True, size=(64, 64)))
    worker.train(run)
    assert (run.state, len(run.history), run.recipe.epochs) == ("done", 1, 1)
    assert "Only the head was learned; all other layers are the pretrained ones." in run.config.notes
    kernel, _ = run.load_model().get_layer("block3_expand").get_weights()
    np.testing.assert_array_equal(kernel, read_weights()["block3_expand/kernel"].astype(np.float32))
    assert evaluate.test(run).attributes["spot"].accuracy == 1

import errno
import json
from dataclasses import asdict

import numpy as np
import pytest

from core.attributes import named
from core.errors import RunError
from core.networks.backend import keras
from core.networks.recipe import Recipe
from core.runs.records import Best
from core.runs.run import Run
from core.training import checkpoint
from core.training.checkpoint import START, Position
from core.training.model_state import ModelState

POSITION = Position(3, 12.5, 1.5, 0.5, Best(2, 0.25), "epoch,loss\n1,0.5\n2,0.25\n3,0.3\n")
RECIPE = Recipe("adamw", 1e-2, "constant", batch=4, epochs=1)
TARGETS = np.ones((4, 2), np.float32)


@pytest.fixture
def run(workspace):
    """A run of which there is nothing but its folder."""
    (workspace.runs / "r").mkdir()
    return Run(workspace, "r")


def learner(seed, outputs=2):
    """A network with dropout, and its optimiser."""
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    numbers = keras.Input((4,))
    logits = layers.Dense(outputs, name="logits")(layers.Dropout(0.5)(layers.Dense(3)(numbers)))
    network = keras.Model(numbers, layers.Activation("sigmoid")(logits))
    return ModelState(network, RECIPE, named([f"a{n}" for n in range(outputs)]), TARGETS)


def step(model):
    model.learn(np.linspace(-1, 1, 16, dtype=np.float32).reshape(4, 4), TARGETS, 1e-2)
    return [np.array(weight) for weight in model.network.trainable_variables]


def test_after_restoring_the_next_steps_are_the_same(run):
    model, other = learner(1), learner(2)
    step(model)
    checkpoint.write(run, POSITION, model.arrays())
    expected = [step(model) for _ in range(2)][-1]
    other.restore(checkpoint.read(run)[1])
    got = [step(other) for _ in range(2)][-1]
    assert all(np.array_equal(a, b) for a, b in zip(expected, got, strict=True))


def test_the_position_reads_back(run):
    checkpoint.write(run, POSITION, {})
    assert checkpoint.read(run) == (POSITION, {})


def test_none_yet(run):
    assert checkpoint.read(run) == (START, {})


def written_in_the_middle_of_an_epoch(run, epoch):
    """What an earlier version wrote where it was stopped 7 steps after the end of ``epoch``."""
    about = asdict(POSITION) | {
        "epoch": epoch,
        "leg_seconds": 9.0,
        "step": 7,
        "epoch_seconds": 3.0,
        "after": 0,
    }
    arrays = {"model/0000": np.ones(2), "optimizer/0000": np.ones(1), "counter/0000": np.ones(1)}
    with run.checkpoint_file.open("wb") as file:
        np.savez(file, about=np.array(json.dumps(about)), **arrays)


def test_of_a_checkpoint_in_the_middle_of_an_epoch_that_epoch_begins_anew(run):
    written_in_the_middle_of_an_epoch(run, 3)
    position, arrays = checkpoint.read(run)
    assert position == POSITION
    assert sorted(arrays) == ["model/0000", "optimizer/0000"]


def test_of_one_in_the_first_epoch_all_begins_anew(run):
    written_in_the_middle_of_an_epoch(run, 0)
    assert checkpoint.read(run) == (START, {})


@pytest.mark.parametrize("share", [0, 0.5, 0.99])
def test_a_cut_file_is_refused(run, share):
    checkpoint.write(run, POSITION, {"model/a": np.zeros(1000)})
    content = run.checkpoint_file.read_bytes()
    run.checkpoint_file.write_bytes(content[: int(share * len(content))])
    with pytest.raises(RunError, match="cannot be read"):
        checkpoint.read(run)


def test_a_checkpoint_of_another_network_does_not_fit():
    arrays = learner(1).arrays()
    assert learner(2).fits(arrays) and not learner(1, outputs=5).fits(arrays)


def test_where_the_disk_is_full_the_one_before_stays(run, monkeypatch):
    checkpoint.write(run, POSITION, {})

    def full(file, **arrays):
        file.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space"):
        checkpoint.write(run, POSITION, {"model/a": np.zeros(1000)})
    assert checkpoint.read(run) == (POSITION, {})
    assert [p.name for p in run.path.iterdir()] == ["checkpoint.npz"]


def test_a_history_keeps_its_columns():
    """A run of an earlier version is continued by one that counts more."""
    history = checkpoint.with_row("epoch,loss\n1,0.5\n", {"epoch": 2, "loss": 0.25, "accuracy": 0.75})
    assert history == "epoch,loss\n1,0.5\n2,0.25\n"


def test_a_history_begins_with_its_columns():
    history = checkpoint.with_row("", {"epoch": 1, "loss": float("nan")})
    assert history == "epoch,loss\n1,nan\n"

import errno

import numpy as np
import pytest

from core.errors import RunError
from core.networks.backend import keras
from core.networks.recipe import Recipe
from core.training import checkpoint, model_state
from core.training.checkpoint import Standing

STANDING = Standing(
    3, 12.5, 6.25, 1.5, 0.5, {"epoch": 2, "val_loss": 0.25}, "epoch,loss\n1,0.5\n2,0.25\n3,0.3\n"
)


def learner(seed, outputs=2):
    """A network with dropout, and the optimiser with averages."""
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dropout(0.5), layers.Dense(outputs)])
    optimizer = model_state.optimizer(Recipe("adamw", 1e-2, "constant", batch=4, epochs=1, average=0.9))
    model.compile(optimizer, "mse")
    optimizer.build(model.trainable_variables)
    return model, checkpoint.variables(model=model.variables, optimizer=optimizer.variables)


def step(model):
    pictures = np.linspace(-1, 1, 16, dtype=np.float32).reshape(4, 4)
    model.train_on_batch(pictures, np.ones((4, 2), np.float32))
    return [np.array(weight) for weight in model.trainable_variables]


def test_after_restoring_the_next_steps_are_the_same(tmp_path):
    model, found = learner(1)
    step(model)
    checkpoint.write(tmp_path / "c.npz", STANDING, {name: np.array(v) for name, v in found.items()})
    expected = [step(model) for _ in range(2)][-1]
    other, others = learner(2)
    checkpoint.restore(others, checkpoint.read(tmp_path / "c.npz")[1], tmp_path / "c.npz")
    got = [step(other) for _ in range(2)][-1]
    assert all(np.array_equal(a, b) for a, b in zip(expected, got, strict=True))


def test_the_standing_reads_back(tmp_path):
    checkpoint.write(tmp_path / "c.npz", STANDING, {})
    assert checkpoint.read(tmp_path / "c.npz") == (STANDING, {})


def test_none_yet(tmp_path):
    assert checkpoint.read(tmp_path / "c.npz") is None


@pytest.mark.parametrize("share", [0, 0.5, 0.99])
def test_a_cut_file_is_refused(tmp_path, share):
    path = tmp_path / "c.npz"
    checkpoint.write(path, STANDING, {"model/a": np.zeros(1000)})
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(RunError, match="a checkpoint that can be read"):
        checkpoint.read(path)


def test_a_checkpoint_of_another_network_is_refused(tmp_path):
    _, found = learner(1)
    _, others = learner(1, outputs=5)
    arrays = {name: np.array(v) for name, v in found.items()}
    with pytest.raises(RunError, match="another"):
        checkpoint.restore(others, arrays, tmp_path / "c.npz")


def test_where_the_disk_is_full_the_one_before_stays(tmp_path, monkeypatch):
    path = tmp_path / "c.npz"
    checkpoint.write(path, STANDING, {})

    def full(file, **arrays):
        file.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space"):
        checkpoint.write(path, STANDING, {"model/a": np.zeros(1000)})
    assert checkpoint.read(path) == (STANDING, {})
    assert [p.name for p in tmp_path.iterdir()] == ["c.npz"]

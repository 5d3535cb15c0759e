"""A training that was interrupted twice, beside its twin that was not."""

import errno
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import RunError
from core.inputs import batches
from core.jobs import jobs, worker
from core.networks.backend import tf
from core.networks.recipe import LONGEST
from core.runs.records import Limits
from core.training import checkpoint, loop
from core.training.checkpoint import Position
from core.training.create_run import create_run
from core.training.model_state import ModelState
from core.training.schedule import learning_rate
from core.training.status_writer import StatusWriter
from tests.helpers import tiny_class

RECIPE = replace(tiny_class.QUICK, epochs=4, least_steps=5)


class Killed(BaseException):
    """Ends a training where a signal might."""


def interrupted(run, monkeypatch, where, name, epoch, error):
    """Train until ``where.name`` is called in ``epoch``, which raises ``error`` instead."""
    original = getattr(where, name)

    def once(*arguments):
        if run.status.epoch == epoch:
            raise error
        return original(*arguments)

    with monkeypatch.context() as patch, pytest.raises((Killed, RunError)) as caught:
        patch.setattr(where, name, once)
        worker.train(run)
    return caught.value


@pytest.fixture(scope="module")
def twins(tmp_path_factory, tiny_network):
    """An uninterrupted run; one that was killed before it kept the network of epoch 2, met a full disk in epoch 3,
    and was resumed each time; and the error of the full disk."""
    workspace = tiny_class.make(tmp_path_factory.mktemp("twins") / "class")
    whole, parts = (create_run(workspace, tiny_class.quick(recipe=RECIPE)) for _ in range(2))
    worker.train(whole)
    with pytest.MonkeyPatch.context() as patch:
        interrupted(parts, patch, checkpoint, "keep_network", 2, Killed())
        assert len(parts.history) == 1
        jobs.reopen(parts)
        full = interrupted(parts, patch, checkpoint, "write", 3, OSError(errno.ENOSPC, "No space left"))
    failed = parts.status
    jobs.reopen(parts)
    worker.train(parts)
    return whole, parts, full, failed


def test_each_epoch_is_there_once(twins):
    _, parts, *_ = twins
    assert parts.state == "done"
    assert parts.history["epoch"].tolist() == [1, 2, 3, 4]


def test_the_history_is_that_of_the_twin(twins):
    whole, parts, *_ = twins
    expected, got = (run.history.drop(columns="seconds") for run in (whole, parts))
    pd.testing.assert_frame_equal(expected, got, rtol=1e-4)


def test_the_variables_are_those_of_the_twin(twins):
    whole, parts, *_ = twins
    (_, expected), (_, got) = (checkpoint.read(run) for run in (whole, parts))
    assert set(expected) == set(got)
    assert all(np.allclose(expected[name], got[name], rtol=1e-3, atol=1e-5) for name in expected)


def test_the_kept_network_is_that_of_the_best_epoch(twins):
    _, parts, *_ = twins
    part = batches.load(parts, "valid")
    probabilities = parts.load_model()(tf.constant(part.pictures[np.arange(len(part))])).numpy()
    loss = -np.mean(np.log(np.where(part.targets == 1, probabilities, 1 - probabilities)))
    assert loss == pytest.approx(parts.history["val_loss"].min(), rel=1e-3)
    assert parts.status.best.epoch == parts.history["val_loss"].idxmin() + 1


def test_steps_and_time_go_on(twins):
    _, parts, *_ = twins
    status = parts.status
    assert status.step == status.steps == 4 * batches.steps_per_epoch(36, RECIPE)
    assert status.seconds > parts.history["seconds"].sum()


def test_a_full_disk_is_said_in_plain_words(twins):
    _, _, error, failed = twins
    assert failed.state == "failed" and failed.error == str(error)
    assert "The disk is full (" in failed.error and "resume the training" in failed.error


def test_the_worst_validation_frames_are_known(twins):
    whole, *_ = twins
    worst = whole.worst
    assert list(worst.columns) == ["name", "attribute", "label", "probability", "loss"]
    assert len(worst) == 24 and worst["loss"].is_monotonic_decreasing
    first = worst.iloc[0]
    assert first["loss"] == pytest.approx(
        -np.log(first["probability"] if first["label"] else 1 - first["probability"]), rel=1e-2
    )
    assert whole.frames.set_index("name").loc[first["name"], first["attribute"]] == first["label"]


def stopped(run, after):
    """Train until so many steps of the run were taken, then stop."""
    worker.train(run, lambda done, _: run.stop_file.touch() if done == after else None)
    assert run.state == "stopped"
    return run.history["epoch"].tolist()


def test_a_stopped_epoch_begins_anew(twins, workspace):
    """Epochs are five steps: it is stopped in the first, in the third, and at the end of the third."""
    whole, *_ = twins
    run = create_run(workspace, tiny_class.quick(recipe=RECIPE))
    finished = []
    for after in (2, 13, 15):
        finished.append(stopped(run, after))
        assert run.has_model
        jobs.reopen(run)
    assert finished == [[1], [1, 2], [1, 2, 3]]
    worker.train(run)
    assert run.state == "done"
    pd.testing.assert_frame_equal(
        run.history.drop(columns="seconds"), whole.history.drop(columns="seconds"), rtol=1e-4
    )


def test_a_done_run_is_continued_on_its_one_schedule(workspace):
    run = create_run(workspace, tiny_class.quick(recipe=RECIPE))
    worker.train(run)
    jobs.reopen(run, epochs=6)
    worker.train(run)
    history = run.history
    assert history["epoch"].tolist() == [1, 2, 3, 4, 5, 6]
    rates = history["learning_rate"]
    assert rates[4] == pytest.approx(learning_rate(RECIPE, 24 / 30)) and rates[5] < rates[4] / 5
    assert run.state == "done" and run.status.step == run.status.steps == 30


def test_a_run_that_patience_has_ended_can_be_continued(workspace):
    still = replace(RECIPE, learning_rate=0.0, epochs=50, patience=2)
    run = create_run(workspace, tiny_class.quick(recipe=still))
    worker.train(run)
    finished = len(run.history)
    jobs.reopen(run, epochs=50)
    worker.train(run)
    assert len(run.history) == finished + 2


def test_going_on_with_the_same_network_keeps_its_test(workspace):
    run = create_run(workspace, tiny_class.quick(recipe=RECIPE, epochs=1))
    worker.train(run)
    (run.path / "test.json").write_text("{}")
    network = run.model_file.read_bytes()
    jobs.reopen(run, epochs=2)
    run.stop_file.touch()
    worker.train(run)
    assert (run.path / "test.json").read_text() == "{}" and run.model_file.read_bytes() == network


def test_a_network_that_is_gone_is_kept_anew_from_the_checkpoint(workspace):
    run = create_run(workspace, tiny_class.quick(recipe=RECIPE, epochs=1))
    worker.train(run)
    run.model_file.unlink()
    jobs.reopen(run, epochs=2)
    run.stop_file.touch()
    worker.train(run)
    assert run.has_model


def test_patience_ends_a_training_that_gains_nothing(workspace):
    still = replace(RECIPE, learning_rate=0.0, epochs=50, patience=2)
    run = create_run(workspace, tiny_class.quick(recipe=still))
    worker.train(run)
    assert run.state == "done" and len(run.history) == run.status.best.epoch + 2


def test_minutes_that_were_used_count(workspace):
    run = create_run(workspace, tiny_class.quick(recipe=RECIPE, minutes=2))
    network = run.network.build(len(run.attributes), False, run.size)
    model = ModelState(network, run.recipe, run.attributes, batches.load(run, "train").targets)
    position = Position(2, 125.0, 3.0, 0.5, None, "epoch,loss,val_loss\n1,1,1\n2,1,1\n")
    checkpoint.write(run, position, model.arrays())
    worker.train(run)
    assert run.state == "done" and len(run.history) == 2


def test_minutes_that_are_used_already_are_refused(workspace):
    run = create_run(workspace, tiny_class.quick(recipe=RECIPE, minutes=9))
    checkpoint.write(run, Position(2, 125.0, 3.0, 0.5), {})
    run.write_status(state="stopped")
    with pytest.raises(RunError, match=r"2\.1 minutes already"):
        jobs.reopen(run, minutes=2)
    jobs.reopen(run, minutes=3)
    assert run.limits == Limits(tiny_class.TINY.recipe.epochs * LONGEST, 3)


def test_the_first_epoch_can_be_finished_after_a_stop_in_it(workspace):
    run = create_run(workspace, tiny_class.quick(recipe=RECIPE))
    stopped(run, 2)
    jobs.reopen(run, epochs=1)
    worker.train(run)
    assert run.state == "done" and run.history["epoch"].tolist() == [1]


@pytest.fixture
def disk(monkeypatch):
    """Lets the disk be full from the moment on in which an item is put into the list."""
    is_full = []
    opened = Path.open

    def unless_full(path, mode="r", *how, **more):
        if is_full and path.name.endswith(".partial"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(path, mode, *how, **more)

    monkeypatch.setattr(Path, "open", unless_full)
    return is_full


def test_a_full_disk_is_said_though_no_file_can_be_made(workspace, disk):
    run = create_run(workspace, tiny_class.quick(recipe=RECIPE))
    with pytest.raises(RunError, match="The disk is full"):
        worker.train(run, lambda done, _: disk.append(done) if done == 7 else None)
    assert run.state == "failed" and "The disk is full" in run.status.error
    disk.clear()
    jobs.reopen(run)
    worker.train(run)
    assert run.history["epoch"].tolist() == [1, 2, 3, 4]


def test_a_disk_that_is_full_within_an_epoch_does_no_harm(workspace, disk):
    run = create_run(workspace, tiny_class.quick(recipe=RECIPE))
    worker.train(run, lambda done, _: {6: lambda: disk.append(done), 9: disk.clear}.get(done, list)())
    assert run.state == "done"


@pytest.mark.parametrize("error", [MemoryError(), tf.errors.ResourceExhaustedError(None, None, "OOM")])
def test_too_little_memory_is_said_in_plain_words(workspace, monkeypatch, error):
    run = create_run(workspace, tiny_class.quick())

    def fail(*arguments):
        raise error

    monkeypatch.setattr(loop, "learn", fail)
    with pytest.raises(RunError, match="more memory"):
        worker.train(run)
    assert run.state == "failed" and "smaller input" in run.status.error


def test_a_frame_that_is_gone_is_named(workspace):
    run = create_run(workspace, tiny_class.quick())
    name = run.frames.set_index("part").loc["train", "name"].iloc[0]
    next(workspace.frames.rglob(f"{name}.jpg")).unlink()
    with pytest.raises(Exception, match=name):
        worker.train(run)
    assert run.state == "failed" and name in run.status.error


def test_the_heart_beats_through_a_long_step(workspace, monkeypatch):
    monkeypatch.setattr("core.training.status_writer.BEAT", 0.01)
    monkeypatch.setattr("core.training.status_writer.EVERY", 0.0)
    run = create_run(workspace, tiny_class.quick())
    writer = StatusWriter(run)
    writer.update(now=True, step=7)
    written = run.status.at
    with writer.beating():
        while run.status.at == written:
            pass
    assert run.status.step == 7

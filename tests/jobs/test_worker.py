import os
import signal
import threading

import numpy as np
import pytest

from core.errors import MediaError, RunError
from core.evaluation import compare_configs
from core.inputs import batches
from core.jobs import jobs, slots, worker
from core.labels import labels
from core.networks.recipe import Recipe
from core.training.create_run import create_run
from core.training.status_writer import StatusWriter
from tests.helpers import tiny_class


def test_it_learns(trained):
    last = trained.history.iloc[-1]
    assert trained.state == "done" and trained.has_model
    assert last["val_spot_accuracy"] >= 0.9 and last["val_narrow_accuracy"] >= 0.9


def test_history_has_a_row_per_epoch_and_a_column_per_attribute(trained):
    history = trained.history
    assert history["epoch"].tolist() == [1, 2, 3, 4]
    measures = ("loss", "accuracy")
    per_attribute = [
        c for n in ("clean", "spot", "narrow") for m in measures for c in (f"{n}_{m}", f"val_{n}_{m}")
    ]
    assert list(history.columns) == ["epoch", "seconds", "loss", "val_loss", *per_attribute, "learning_rate"]
    assert history["learning_rate"].iloc[-1] < 0.1 * history["learning_rate"].iloc[0]
    assert (history["seconds"] > 0).all()


def test_the_best_epoch_is_kept(trained):
    history = trained.history
    best = trained.status.best
    assert best.epoch == history.loc[history["val_loss"].idxmin(), "epoch"]
    assert best.val_loss == pytest.approx(history["val_loss"].min(), rel=1e-5)


def test_the_last_status_says_that_it_is_done(trained):
    status = trained.status
    assert (status.state, status.epoch, status.epochs, status.remaining) == ("done", 4, 4, 0)
    assert status.step == status.steps == 80 and status.done == 1
    assert trained.summary().startswith(f"{trained.id}: done; best epoch")
    assert trained.to_json()["state"] == "done"
    assert "validation loss" in (trained.path / "log.txt").read_text("utf-8")
    assert not [p.name for p in trained.path.iterdir() if p.name.endswith(".partial")]


def test_it_is_trained_once(trained):
    with pytest.raises(RunError, match="it is done"):
        worker.train(trained)


def test_progress_reaches_its_end_and_the_same_seed_gives_the_same_network(workspace):
    steps, losses = [], []
    for _ in range(2):
        run = create_run(workspace, tiny_class.quick(epochs=1))
        worker.train(run, lambda done, total: steps.append((done, total)))
        losses.append(run.history[["loss", "val_loss"]].iloc[0].tolist())
    assert steps[-1] == (20, 20)
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_what_a_killed_training_left_half_written_is_removed(workspace):
    run = create_run(workspace, tiny_class.quick(epochs=1))
    for name in (
        ".model.keras.0a1b.partial",
        ".model.keras.0a1b.partial.keras",
        ".checkpoint.npz.2c.partial",
    ):
        (run.path / name).touch()
    (run.path / ".notes.txt.3d.partial").touch()  # a page is writing it
    worker.train(run)
    assert [path.name for path in run.path.glob(".*.partial*")] == [".notes.txt.3d.partial"]


def test_unset_labels_are_masked(workspace):
    for video in range(5):
        labels.record(workspace, "teacher", f"video_{video}", 0, 8, {"narrow": None})
    run = create_run(workspace, tiny_class.quick(epochs=1, leaking=True))  # its test part is tiny
    worker.train(run)
    assert np.isfinite(run.history[["loss", "val_loss", "val_narrow_accuracy"]].to_numpy()).all()


def test_classes(tmp_path):
    run = create_run(tiny_class.make_classes(tmp_path / "classes"), tiny_class.quick())
    worker.train(run)
    assert run.history["val_accuracy"].max() >= 0.9 and "right class" in run.summary()
    best = run.history.set_index("epoch").loc[run.status.best.epoch]
    assert compare_configs.validation_accuracies(run) == {"right class": best["val_accuracy"]}


def train_until(run, step):
    """Train, and ask to stop when so many steps were taken."""
    worker.train(run, lambda done, _total: run.stop_file.touch() if done == step else None)
    assert run.state == "stopped"


def test_stop_keeps_the_best_so_far(workspace):
    run = create_run(workspace, tiny_class.quick(epochs=50))
    train_until(run, step=23)
    assert run.has_model and len(run.history) == 1
    assert run.status.step == 23 and run.status.epoch == 1


def test_it_is_stopped_while_it_reads_pictures(workspace, monkeypatch):
    run = create_run(workspace, tiny_class.quick(size=(21, 23)))  # a size that nothing was prepared in
    load = batches.load

    def stopped(*about):
        run.stop_file.touch()
        return load(*about)

    monkeypatch.setattr(batches, "load", stopped)
    worker.train(run)
    assert run.state == "stopped" and not run.has_model
    monkeypatch.undo()
    jobs.reopen(run)
    worker.train(run)
    assert run.state == "done"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to send")
def test_sigterm_stops_like_the_stop_file(workspace):
    run = create_run(workspace, tiny_class.quick(epochs=50))

    def progress(done, _total):
        if done == 3:
            signal.raise_signal(signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    worker.train(run, progress)
    assert run.state == "stopped" and run.has_model
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_training_ends_with_its_minutes_and_the_schedule_reaches_its_end(workspace):
    run = create_run(workspace, tiny_class.quick(epochs=100_000, minutes=0.15))
    worker.train(run)
    assert run.state == "done" and run.has_model
    assert run.status.step < run.status.steps
    assert run.history["learning_rate"].iloc[-1] < 0.1 * tiny_class.QUICK.learning_rate


def test_while_it_trains_it_is_alive_and_refuses_another(workspace):
    run = create_run(workspace, tiny_class.quick(epochs=1000))
    seen = []

    def progress(done, _total):
        if done == 5:
            seen.append(run.state)
            with pytest.raises(RunError, match=run.id):
                worker.train(create_run(workspace, tiny_class.quick()))
            run.stop_file.touch()

    thread = threading.Thread(target=worker.train, args=(run, progress))
    thread.start()
    thread.join()
    assert seen == ["running"]
    assert run.state == "stopped"


def test_a_broken_picture_fails_in_plain_words(workspace):
    run = create_run(workspace, tiny_class.quick())
    (workspace.frames / "video_0" / "video_0_0.jpg").write_bytes(b"no picture")
    (workspace.frames / "video_1" / "video_1_0.jpg").write_bytes(b"no picture")
    (workspace.frames / "video_2" / "video_2_0.jpg").write_bytes(b"no picture")
    with pytest.raises(MediaError):
        worker.train(run)
    assert run.state == "failed"
    assert "picture" in run.status.error
    assert not slots.all_active(workspace)


def test_a_loss_that_explodes_fails_in_plain_words(workspace):
    wild = Recipe("adam", 1e30, "constant", batch=8, epochs=3)
    run = create_run(workspace, tiny_class.quick(recipe=wild))
    with pytest.raises(RunError, match="another seed"):
        worker.train(run)
    assert run.state == "failed" and not run.has_model


def test_status_is_written_at_most_every_half_second(workspace):
    run = create_run(workspace, tiny_class.quick())
    writer = StatusWriter(run)
    writer.update(now=True, step=1)
    writer.update(step=2)
    assert run.status.step == 1
    writer.update(now=True)
    assert run.status.step == 2

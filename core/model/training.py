"""Training a run, in this process. Pages start it as a process of its own: see :mod:`core.model.jobs`."""

import math
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

from core.errors import RunError, SeamLensError
from core.files import Progress
from core.model import batches, locks
from core.model.architectures import logits_model
from core.model.backend import keras
from core.model.journal import Journal
from core.model.losses import loss_for, metrics_for, weights_of
from core.model.recipes import Recipe
from core.model.run import Run
from core.model.schedule import Budget, learning_rate

VALIDATION_BATCH = 64


def train(run: Run, progress: Progress | None = None) -> None:
    """Train ``run`` from its start to its end; the network of the epoch with the least validation loss is kept.

    It ends early, and well, on a stop file in its folder, on SIGTERM or Ctrl+C, or when its minutes are over.

    Args:
        run: made by ``create_run`` and not trained yet.
        progress: called as ``progress(steps done, steps in all)``.

    Raises:
        RunError: it was trained already, another training runs, or the loss is no number any more.
        MediaError: a picture cannot be read.
    """
    begun = time.monotonic()
    with (
        locks.held(locks.training_lock(run.workspace), locks.other_training("a run")),
        locks.held(run.lock, locks.other_training(run.id)),
    ):
        if (state := run.status["state"]) not in ("waiting", "starting"):
            raise RunError(
                "a run that has not been trained", f"{run.id}, which is {state}", "Start another run."
            )
        journal = Journal(run)
        try:
            with _signals_stop(run):
                _learn(run, journal, begun, progress)
        except BaseException as error:
            journal.log_error()
            stopped = isinstance(error, KeyboardInterrupt)
            plain = str(error) if isinstance(error, SeamLensError) else f"{type(error).__name__}: {error}"
            state = "stopped" if stopped else "failed"
            journal.status(now=True, state=state, error=None if stopped else plain, remaining=0)
            raise


def _learn(run: Run, journal: Journal, begun: float, progress: Progress | None) -> None:
    recipe, config = run.recipe, run.config
    journal.status(now=True, state="running", phase="reading pictures", epoch=0, epochs=recipe.epochs)
    journal.log(f"{run.id}: {config['network']}, seed {config['seed']}, split by {config['split']['by']}")
    for note in config["notes"]:
        journal.log(note)
    training, validation = (
        batches.load(run, part, lambda done, total: journal.status()) for part in ("train", "valid")
    )
    journal.log(f"{len(training)} training frames, {len(validation)} validation frames")

    keras.utils.set_random_seed(config["seed"])
    model = run.network.build(len(run.attributes), run.attributes.exclusive, run.size)
    logits = logits_model(model)
    logits.compile(
        optimizer(recipe),
        loss_for(run.attributes, weights_of(training.targets, recipe, run.attributes.exclusive)),
        metrics=metrics_for(run.attributes),
    )
    steps = batches.steps_per_epoch(len(training), recipe)
    budget = Budget(steps * recipe.epochs, config["minutes"], begun=begun)
    monitor = Monitor(run, journal, model, budget, len(validation), progress)
    logits.fit(
        batches.dataset(training, run),
        steps_per_epoch=steps,
        epochs=recipe.epochs,
        shuffle=False,  # the stream does it
        validation_data=(validation.pictures, validation.targets),
        validation_batch_size=VALIDATION_BATCH,
        callbacks=[monitor],
        verbose=0,
    )
    if journal.best is None:
        raise RunError(
            "a loss that is a number",
            "none in any epoch",
            "Train with a smaller learning rate or another seed.",
        )
    state = "stopped" if run.stop_file.exists() else "done"
    journal.log(f"{state}; best epoch {journal.best['epoch']}")
    journal.status(now=True, state=state, phase="", remaining=0)


def optimizer(recipe: Recipe) -> keras.optimizers.Optimizer:
    """Return the optimiser of a recipe; the monitor sets its learning rate."""
    if recipe.optimiser == "adamw":
        chosen = keras.optimizers.AdamW(recipe.learning_rate, weight_decay=recipe.weight_decay)
        chosen.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
        return chosen
    return keras.optimizers.Adam(recipe.learning_rate)


class Monitor(keras.callbacks.Callback):
    """Sets the learning rate, keeps the time, writes the journal, and ends the training when asked to."""

    def __init__(
        self,
        run: Run,
        journal: Journal,
        whole: keras.Model,
        budget: Budget,
        validation_frames: int,
        progress: Progress | None,
    ) -> None:
        super().__init__()
        self._run, self._journal, self._whole, self._budget = run, journal, whole, budget
        self._recipe, self._progress = run.recipe, progress
        self._validation_frames = validation_frames
        self._steps = budget.steps
        self._epoch, self._epoch_begun, self._step_begun = 0, 0.0, 0.0
        self._validation_begun = 0.0
        self._step_seconds: float | None = None
        self._tracing_seconds = 0.0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Note the time."""
        self._epoch, self._epoch_begun = epoch + 1, time.monotonic()
        self._journal.status(now=True, phase="learning", epoch=self._epoch)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Set the learning rate for this step."""
        self.model.optimizer.learning_rate.assign(learning_rate(self._recipe, self._budget.progress))
        self._step_begun = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Count the step, say how far it is, and stop where asked to or out of time."""
        self._budget.count()
        self._take_time(time.monotonic() - self._step_begun)
        self._say()
        if self._run.stop_file.exists() or self._budget.is_spent:
            self.model.stop_training = True

    def on_test_begin(self, logs: Any = None) -> None:
        """Note the time."""
        self._validation_begun = time.monotonic()
        self._journal.status(phase="validating")

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Show that the process is alive."""
        self._journal.status()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Write the epoch down and keep the network if it is the best so far."""
        now = time.monotonic()
        self._budget.validation = 1.2 * (now - self._validation_begun)
        row = self._row(logs or {}, now - self._epoch_begun)
        self._journal.epoch(row)
        is_best = self._journal.offer(self._whole, self._epoch, row["val_loss"])
        self._journal.log(
            f"epoch {self._epoch}: loss {row['loss']:.4f}, validation loss {row['val_loss']:.4f}"
            + (", the best so far" if is_best else "")
        )
        if not math.isfinite(row["loss"]):
            self.model.stop_training = True

    def _take_time(self, seconds: float) -> None:
        if self._budget.step == 1:
            return  # it includes the tracing
        before = self._step_seconds
        self._step_seconds = seconds if before is None else 0.9 * before + 0.1 * seconds
        if (
            self._epoch == 1
        ):  # a forward pass is a third of a step; nearly two thirds are allowed, and its tracing
            steps = self._validation_frames / self._recipe.batch
            self._budget.validation = 2.0 + 0.6 * steps * self._step_seconds

    def _say(self) -> None:
        budget, seconds = self._budget, self._step_seconds
        self._journal.status(
            step=budget.step,
            steps=self._steps,
            done=budget.progress,
            rate=self._recipe.batch / seconds if seconds else None,
            remaining=budget.remaining,
        )
        if self._progress:
            self._progress(budget.step, self._steps)

    def _row(self, logs: Mapping[str, float], seconds: float) -> dict[str, float]:
        row = {"epoch": self._epoch, "seconds": seconds, "loss": logs["loss"], "val_loss": logs["val_loss"]}
        for number, name in enumerate(self._run.attributes.names):
            row[f"{name}_accuracy"] = logs[f"accuracy_{number}"]
            row[f"val_{name}_accuracy"] = logs[f"val_accuracy_{number}"]
        return row | {"learning_rate": float(self.model.optimizer.learning_rate.numpy())}


@contextmanager
def _signals_stop(run: Run) -> Iterator[None]:
    """Let SIGTERM and the first Ctrl+C end the training like a stop file; the second Ctrl+C ends it at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stop(number: int, frame: FrameType | None) -> None:
        run.stop_file.touch()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

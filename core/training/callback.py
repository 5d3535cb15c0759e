"""What happens around the steps and epochs of a training: its learning rate, its time, its validation, what is written down."""

import math
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from core.files import Progress
from core.inputs.batches import Part
from core.networks.backend import keras
from core.runs.run import Run
from core.training import checkpoint
from core.training.checkpoint import COUNTER, Standing
from core.training.losses import ClassAccuracy
from core.training.model_state import Lesson
from core.training.schedule import Budget, learning_rate
from core.training.status_writer import Journal
from core.training.validation import Measured, predictor, validate


class Monitor(keras.callbacks.Callback):
    """Sets the learning rate, keeps the time, validates, writes the journal, and ends the training when asked to."""

    def __init__(
        self,
        run: Run,
        journal: Journal,
        lesson: Lesson,
        budget: Budget,
        validation: Part,
        steps: int,
        progress: Progress | None,
    ) -> None:
        super().__init__()
        self._steps, self._step = steps, 0
        self._goes_on: tuple[Standing, dict[str, np.ndarray]] | None = None
        self._run, self._journal, self._lesson, self._budget = run, journal, lesson, budget
        self._recipe, self._leg, self._progress = run.recipe, run.leg, progress
        self._validation, self._predict = validation, predictor(lesson.logits)
        self._epoch, self._epoch_begun, self._step_begun = 0, 0.0, 0.0
        self._steps_seen = 0
        self._step_seconds: float | None = None
        self.lost_at: int | None = None

    def goes_on(self, standing: Standing, arrays: Mapping[str, np.ndarray]) -> None:
        """Let the first epoch begin at the step of ``standing``, with what the metrics had counted by then."""
        counted = {name: array for name, array in arrays.items() if name.startswith(COUNTER)}
        self._goes_on = (standing, counted) if standing.step else None

    def is_over(self, epoch: int) -> bool:
        """Return whether there is nothing to train after ``epoch``, or it shall not be."""
        if self.lost_at or self._run.stop_file.exists():
            return True
        if epoch >= self._leg.epochs or (epoch > self._leg.after and self._budget.is_spent):
            return True
        best, patience = self._journal.best, self._recipe.patience
        return bool(patience and best and epoch - max(best["epoch"], self._leg.after) >= patience)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Note the time; of an epoch in which it was stopped, take up what was there."""
        self._epoch, self._step, self._epoch_begun = epoch + 1, 0, time.monotonic()
        if self._goes_on:
            standing, counted = self._goes_on
            self._step, self._goes_on = standing.step, None
            self._epoch_begun -= standing.epoch_seconds
            checkpoint.restore(self._lesson.counters, counted, self._run.checkpoint_file)
        self._journal.status(now=True, phase="learning", epoch=self._epoch)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Set the learning rate for this step."""
        self.model.optimizer.learning_rate.assign(learning_rate(self._recipe, self._budget.progress))
        self._step_begun = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Count the step, say how far it is, and stop where asked to or out of time."""
        self._budget.count()
        self._step += 1
        self._take_time(time.monotonic() - self._step_begun)
        self._say()
        if self._run.stop_file.exists() or self._budget.is_spent:
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Validate, write the epoch down, and keep the network if it is the best so far.

        An epoch in which the training was stopped does not count: a resume goes on within it. In the first one all the
        same a network is kept, for there is no other.
        """
        arrays, is_whole = self._lesson.arrays(), self._step == self._steps or self._budget.is_spent
        if not is_whole:
            counted = checkpoint.values_of(self._lesson.counters)
            checkpoint.write(self._run.checkpoint_file, self._standing(self._epoch - 1), arrays | counted)
            self._journal.log(f"stopped in epoch {self._epoch} after {self._step} of {self._steps} steps")
        if is_whole or not self._journal.best:
            begun = time.monotonic()
            self._journal.status(now=True, phase="validating")
            with self._lesson.averaged():
                measured = validate(self._run, self._validation, self._predict, self._lesson.loss)
                self._budget.validation = 1.2 * (time.monotonic() - begun)
                self._write(self._row(logs or {}, measured), measured, arrays if is_whole else None)
        else:
            self._journal.status(now=True, epoch=self._epoch - 1)
        if not is_whole or self.is_over(self._epoch):
            self.model.stop_training = True

    def _write(self, row: dict[str, float], measured: Measured, arrays: dict[str, np.ndarray] | None) -> None:
        """Write the epoch down: first the checkpoint of ``arrays``, from which the rest can be made again."""
        journal = self._journal
        journal.add(row)
        if math.isfinite(row["loss"]) and math.isfinite(row["val_loss"]):
            is_best = journal.offer(self._epoch, row["val_loss"])
            if arrays is not None:
                checkpoint.write(self._run.checkpoint_file, self._standing(self._epoch), arrays)
            if is_best:
                journal.keep(self._lesson.whole)
        else:
            is_best, self.lost_at = False, self._epoch
        journal.write_history()
        journal.write_worst(measured.worst)
        journal.log(
            f"epoch {self._epoch}: loss {row['loss']:.4f}, validation loss {row['val_loss']:.4f}"
            + (", the best so far" if is_best else "")
        )

    def _standing(self, epoch: int) -> Standing:
        """Return where the training stands: after ``epoch``, and perhaps some steps of the next."""
        budget, journal, is_within = self._budget, self._journal, epoch < self._epoch
        return Standing(
            epoch=epoch,
            seconds=journal.seconds,
            leg_seconds=time.monotonic() - budget.begun,
            first=(budget.first or budget.begun) - budget.begun,
            validation=budget.validation,
            best=journal.best,
            history=journal.history,
            step=self._step if is_within else 0,
            epoch_seconds=time.monotonic() - self._epoch_begun if is_within else 0.0,
            after=self._leg.after,
        )

    def _take_time(self, seconds: float) -> None:
        self._steps_seen += 1
        if self._steps_seen == 1:
            return  # it includes the tracing
        before = self._step_seconds
        self._step_seconds = seconds if before is None else 0.9 * before + 0.1 * seconds
        if self._epoch == 1:
            # A forward pass is a third of a step; nearly two thirds are allowed, and its tracing.
            steps = len(self._validation) / self._recipe.batch
            self._budget.validation = 2.0 + 0.6 * steps * self._step_seconds

    def _say(self) -> None:
        budget, seconds = self._budget, self._step_seconds
        self._journal.status(
            step=budget.step,
            steps=budget.steps,
            done=budget.progress,
            rate=self._recipe.batch / seconds if seconds else None,
            remaining=budget.remaining,
        )
        if self._progress:
            self._progress(budget.step, budget.steps)

    def _row(self, logs: Mapping[str, float], measured: Measured) -> dict[str, float]:
        seconds = time.monotonic() - self._epoch_begun
        row = {"epoch": self._epoch, "seconds": seconds, "loss": logs["loss"], "val_loss": measured.loss}
        for number, name in enumerate(self._run.attributes.names):
            row[f"{name}_loss"], row[f"val_{name}_loss"] = logs[f"loss_{number}"], measured.losses[number]
            row[f"{name}_accuracy"] = logs[f"accuracy_{number}"]
            row[f"val_{name}_accuracy"] = measured.accuracies[number]
        if measured.accuracy is not None:
            row |= {"accuracy": logs[ClassAccuracy.NAME], "val_accuracy": measured.accuracy}
        return row | {"learning_rate": float(self.model.optimizer.learning_rate.numpy())}

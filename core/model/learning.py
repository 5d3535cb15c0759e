"""Learning itself: a network, its optimiser, epoch after epoch, each ending in a checkpoint."""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from core.errors import RunError
from core.files import Progress
from core.model import batches, cache, checkpoint
from core.model.architectures import logits_model
from core.model.backend import keras, tf
from core.model.batches import Part
from core.model.journal import Journal
from core.model.losses import loss_for, metrics_for, weights_of
from core.model.measures import AttributeLoss, Measured, predictor, validate
from core.model.recipes import Recipe
from core.model.run import Run
from core.model.schedule import Budget, learning_rate


def learn(run: Run, journal: Journal, progress: Progress | None) -> None:
    """Train ``run`` from its last checkpoint, or its start, to its end; see `core.model.training.train`."""
    _share_accelerators()
    training, validation = _parts(run, journal)
    keras.utils.set_random_seed(run.config["seed"])
    lesson = Lesson(run, training)
    epoch, budget = _stand(run, journal, lesson, batches.steps_per_epoch(len(training), run.recipe))
    monitor = Monitor(run, journal, lesson, budget, validation, progress)
    if not monitor.is_over(epoch) and not run.stop_file.exists():
        lesson.logits.fit(
            batches.dataset(training, run, epoch + 1),
            steps_per_epoch=batches.steps_per_epoch(len(training), run.recipe),
            initial_epoch=epoch,
            epochs=run.leg.epochs,
            shuffle=False,  # the stream does it
            callbacks=[monitor],
            verbose=0,
        )
    _conclude(run, journal, monitor.lost_at)


def _share_accelerators() -> None:
    """Take memory of a GPU only as it is needed: pages test and watch with other networks meanwhile."""
    for device in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(device, True)


def _parts(run: Run, journal: Journal) -> tuple[Part, Part]:
    config, epochs = run.config, run.leg.epochs
    journal.status(now=True, state="running", phase="reading pictures", epochs=epochs)
    journal.log(f"{run.id}: {config['network']}, seed {config['seed']}, split by {config['split']['by']}")
    for note in config["notes"]:
        journal.log(note)
    cache.prune(run.workspace, run.size, run.region)
    training, validation = (batches.load(run, part) for part in ("train", "valid"))
    journal.log(f"{len(training)} training frames, {len(validation)} validation frames")
    return training, validation


def _stand(run: Run, journal: Journal, lesson: "Lesson", steps: int) -> tuple[int, Budget]:
    """Return the last finished epoch, with everything as it was at its end, and the budget from there on."""
    leg, now = run.leg, time.monotonic()
    begun = now - journal.seconds  # of this process; nothing is known of earlier ones yet
    kept = checkpoint.read(run.checkpoint_file)
    budget = Budget(steps * (leg.epochs - leg.after), leg.minutes, begun=begun)
    if kept is None:
        return 0, budget
    standing, arrays = kept
    checkpoint.restore(lesson.variables, arrays, run.checkpoint_file)
    journal.earlier, journal.best, journal.history = standing.seconds, standing.best, standing.history
    journal.write_history()
    if standing.best and standing.best["epoch"] == standing.epoch and not _is_kept(run, standing.best):
        with lesson.averaged():
            journal.keep(lesson.whole)
    journal.log(f"resumed after epoch {standing.epoch}")
    journal.status(now=True, epoch=standing.epoch, best=standing.best)
    if standing.epoch > leg.after:
        budget.step = steps * (standing.epoch - leg.after)
        budget.begun = begun - standing.leg_seconds
        budget.first = budget.begun + standing.first
        budget.validation = standing.validation
    return standing.epoch, budget


def _is_kept(run: Run, best: dict[str, Any]) -> bool:
    """Return whether the network of the ``best`` epoch was kept before its training was ended.

    The status names an epoch the best only after its network was kept. Keeping it again would drop its test and thresholds.
    """
    return run.has_model and run.status.get("best") == best


def _conclude(run: Run, journal: Journal, lost_at: int | None) -> None:
    """Write down how the training ended, or raise what went wrong."""
    if lost_at is not None:
        kept = f"; that of epoch {journal.best['epoch']} is kept" if journal.best else ""
        raise RunError(
            "a loss that is a number",
            f"none in epoch {lost_at}{kept}",
            "Train with a smaller learning rate or another seed.",
        )
    state = "stopped" if run.stop_file.exists() else "done"
    journal.log(f"{state}; best epoch {journal.best['epoch'] if journal.best else 'none'}")
    journal.status(now=True, state=state, phase="", remaining=0)


def optimizer(recipe: Recipe) -> keras.optimizers.Optimizer:
    """Return the optimiser of a recipe; the monitor sets its learning rate."""
    average = {"use_ema": True, "ema_momentum": recipe.average} if recipe.average else {}
    if recipe.optimiser == "adamw":
        chosen = keras.optimizers.AdamW(recipe.learning_rate, weight_decay=recipe.weight_decay, **average)
        chosen.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
        return chosen
    return keras.optimizers.Adam(recipe.learning_rate, **average)


class Lesson:
    """A network that learns, with its optimiser.

    Args:
        run: whose network it is.
        training: what it learns from; the weights of the loss follow from it.

    Attributes:
        whole: the network, ending in probabilities; this one is kept.
        logits: the same up to its logits, compiled.
        loss: what is minimised.
        variables: of the network and the optimiser, numbered.
    """

    def __init__(self, run: Run, training: Part) -> None:
        self._recipe, names = run.recipe, run.attributes
        self.whole = run.network.build(len(names), names.exclusive, run.size)
        self.logits = logits_model(self.whole)
        self.loss = loss_for(names, weights_of(training.targets, self._recipe, names.exclusive))
        self._optimizer = optimizer(self._recipe)
        self._optimizer.build(self.logits.trainable_variables)
        losses = [AttributeLoss(number, names.exclusive) for number in range(len(names))]
        self.logits.compile(self._optimizer, self.loss, metrics=[*metrics_for(names), *losses])
        self.variables = checkpoint.variables(self.whole, self._optimizer)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the variables as they are now."""
        return {name: np.array(variable) for name, variable in self.variables.items()}

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Put the running average of the weights into the network for the block, where the recipe wants it."""
        if not self._recipe.average:
            yield
            return
        # Read where keras.callbacks.SwapEMAWeights reads them; that one swaps by sums, which loses the last bits.
        averages = self._optimizer._model_variables_moving_average
        weights = self.logits.trainable_variables
        before = [np.array(weight) for weight in weights]
        for weight, average in zip(weights, averages, strict=True):
            weight.assign(average)
        try:
            yield
        finally:
            for weight, value in zip(weights, before, strict=True):
                weight.assign(value)


class Monitor(keras.callbacks.Callback):
    """Sets the learning rate, keeps the time, validates, writes the journal, and ends the training when asked to."""

    def __init__(
        self,
        run: Run,
        journal: Journal,
        lesson: Lesson,
        budget: Budget,
        validation: Part,
        progress: Progress | None,
    ) -> None:
        super().__init__()
        self._run, self._journal, self._lesson, self._budget = run, journal, lesson, budget
        self._recipe, self._leg, self._progress = run.recipe, run.leg, progress
        self._validation, self._predict = validation, predictor(lesson.logits)
        self._epoch, self._epoch_begun, self._step_begun = 0, 0.0, 0.0
        self._steps_seen = 0
        self._step_seconds: float | None = None
        self.lost_at: int | None = None

    def is_over(self, epoch: int) -> bool:
        """Return whether there is nothing to train after ``epoch``."""
        if epoch >= self._leg.epochs or (epoch > self._leg.after and self._budget.is_spent):
            return True
        best, patience = self._journal.best, self._recipe.patience
        return bool(patience and best and epoch - max(best["epoch"], self._leg.after) >= patience)

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

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Validate, write the epoch down, and keep the network if it is the best so far."""
        begun = time.monotonic()
        self._journal.status(now=True, phase="validating")
        arrays = self._lesson.arrays()
        with self._lesson.averaged():
            measured = validate(self._run, self._validation, self._predict, self._lesson.loss)
            self._budget.validation = 1.2 * (time.monotonic() - begun)
            self._write(self._row(logs or {}, measured), measured, arrays)
        if self.lost_at or self.is_over(self._epoch) or self._run.stop_file.exists():
            self.model.stop_training = True

    def _write(self, row: dict[str, float], measured: Measured, arrays: dict[str, np.ndarray]) -> None:
        """Write the epoch down: first the checkpoint, from which the rest can be made again."""
        journal = self._journal
        journal.add(row)
        if math.isfinite(row["loss"]) and math.isfinite(row["val_loss"]):
            is_best = journal.offer(self._epoch, row["val_loss"])
            checkpoint.write(self._run.checkpoint_file, self._standing(), arrays)
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

    def _standing(self) -> checkpoint.Standing:
        budget, journal = self._budget, self._journal
        return checkpoint.Standing(
            epoch=self._epoch,
            seconds=journal.seconds,
            leg_seconds=time.monotonic() - budget.begun,
            first=(budget.first or budget.begun) - budget.begun,
            validation=budget.validation,
            best=journal.best,
            history=journal.history,
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
        return row | {"learning_rate": float(self.model.optimizer.learning_rate.numpy())}

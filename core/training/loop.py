"""A training, from top to bottom: prepare, then learn, validate and write down epoch after epoch, and finish."""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import closing

import numpy as np

from core.errors import RunError
from core.files import Progress
from core.inputs import batches, picture_cache
from core.inputs.batches import Part
from core.inputs.prefetch import prefetched
from core.networks.backend import keras
from core.process_settings import leave_opencv_one_thread
from core.runs.records import Best
from core.runs.run import Run
from core.training import checkpoint, validation
from core.training.checkpoint import START, Position
from core.training.model_state import ModelState
from core.training.schedule import Budget, learning_rate
from core.training.status_writer import StatusWriter

PREFETCH = 4
"""Batches made ahead while the network works."""

Batches = Iterator[tuple[np.ndarray, np.ndarray]]


class _StoppedError(Exception):
    """It was stopped before it learned anything."""


def learn(run: Run, status: StatusWriter, progress: Progress | None) -> None:
    """Train ``run`` from its last checkpoint, or its start, to its end; see `core.jobs.worker.train`.

    Raises:
        RunError: the loss is no number any more.
    """
    # Prepare
    position, arrays = checkpoint.read(run)
    status.earlier = position.seconds
    try:
        training, valid = _read_pictures(run, status)
    except _StoppedError:
        return _finish(run, status, position)
    keras.utils.set_random_seed(run.config.seed)
    network = run.network.build(len(run.attributes), run.attributes.exclusive, run.size)
    model = ModelState(network, run.recipe, run.attributes, training.targets)
    if position.epoch:
        _restore(run, status, model, position, arrays)
    steps = batches.steps_per_epoch(len(training), run.recipe)
    budget = _budget(run, status, position, steps, len(valid))
    leave_opencv_one_thread()
    stream = batches.stream(training, run.recipe, run.config.seed, position.epoch + 1)
    with closing(prefetched(stream, PREFETCH)) as ready:
        while not _is_over(run, position, budget):
            # Learn
            epoch, begun = position.epoch + 1, time.monotonic()
            status.update(now=True, phase="learning", epoch=epoch)
            taken = _take_steps(run, status, model, ready, steps, budget, progress)
            is_whole = taken == steps or budget.is_spent
            if not is_whole:
                status.log(f"stopped in epoch {epoch} after {taken} of {steps} steps, which are lost")
                if position.best:
                    status.update(now=True, epoch=position.epoch)
                    break
            # Validate
            status.update(now=True, phase="validating")
            validating = time.monotonic()
            logits = validation.logits_of(valid, model.predict)
            reached = {"loss": model.loss(valid.targets, logits)}
            reached |= validation.means(valid, logits, run.attributes)
            budget.count_validation(time.monotonic() - validating)
            # Write down
            row = {"epoch": epoch, "seconds": time.monotonic() - begun}
            for name, value in model.epoch_means().items():
                row |= {name: value, f"val_{name}": reached[name]}
            row["learning_rate"] = model.learning_rate
            position = _next_position(position, row, status, budget)
            _write_down(run, status, model, position, row, is_whole)
            checkpoint.write_worst(run, validation.worst(valid, logits, run.attributes))
            if not is_whole:
                break
    return _finish(run, status, position)


def _read_pictures(run: Run, status: StatusWriter) -> tuple[Part, Part]:
    """Return the frames that train and those that validate, with their pictures ready for the network."""
    config = run.config
    status.update(now=True, state="running", phase="reading pictures", epochs=run.limits.epochs)
    status.log(f"{run.id}: {config.network}, seed {config.seed}, split by {config.split.by}")
    for note in config.notes:
        status.log(note)
    picture_cache.prune(run.workspace, run.size, run.region)

    def read(done: int, total: int | None) -> None:
        status.update(phase=f"reading pictures ({done:,} of {total:,})" if total else "reading pictures")
        if run.stop_file.exists():
            raise _StoppedError

    training, valid = (batches.load(run, part, read) for part in ("train", "valid"))
    status.log(f"{len(training)} training frames, {len(valid)} validation frames")
    return training, valid


def _restore(
    run: Run, status: StatusWriter, model: ModelState, position: Position, arrays: Mapping[str, np.ndarray]
) -> None:
    """Put everything as it was when the checkpoint was written."""
    if not model.fits(arrays):
        raise checkpoint.unusable(run, "is of another network")
    model.restore(arrays)
    checkpoint.write_history(run, position)
    best = position.best
    # The status names an epoch the best only after its network was kept. Keeping it again would drop its test and thresholds.
    if best and best.epoch == position.epoch and not (run.has_model and run.status.best == best):
        checkpoint.keep_network(run, model.network)
    status.log(f"resumed after epoch {position.epoch}")
    status.update(now=True, epoch=position.epoch, best=best)


def _budget(run: Run, status: StatusWriter, position: Position, steps: int, validation_frames: int) -> Budget:
    """Return the budget of the whole run, as far as it is used at ``position``."""
    limits, begun = run.limits, status.begun - position.seconds
    return Budget(
        steps * limits.epochs,
        limits.minutes,
        position.validation,
        begun=begun,
        step=steps * position.epoch,
        first=begun + position.first if position.epoch else None,
        validation_batches=0 if position.epoch else validation_frames / run.recipe.batch,
    )


def _is_over(run: Run, position: Position, budget: Budget) -> bool:
    """Return whether there is nothing to train after ``position``, or it shall not be."""
    limits, best, patience = run.limits, position.best, run.recipe.patience
    if run.stop_file.exists() or position.epoch >= limits.epochs:
        return True
    if position.epoch > limits.after and budget.is_spent:
        return True
    return bool(patience and best and position.epoch - max(best.epoch, limits.after) >= patience)


def _take_steps(
    run: Run,
    status: StatusWriter,
    model: ModelState,
    ready: Batches,
    steps: int,
    budget: Budget,
    progress: Progress | None,
) -> int:
    """Take the steps of an epoch, fewer where it is stopped or out of time; return how many were taken."""
    recipe = run.recipe
    model.begin_epoch()
    for taken in range(1, steps + 1):
        begun = time.monotonic()
        model.learn(*next(ready), learning_rate(recipe, budget.progress))
        budget.count(time.monotonic() - begun)
        seconds = budget.step_seconds
        status.update(
            step=budget.step,
            steps=budget.steps,
            done=budget.progress,
            rate=recipe.batch / seconds if seconds else None,
            remaining=budget.remaining,
        )
        if progress:
            progress(budget.step, budget.steps)
        if run.stop_file.exists() or budget.is_spent:
            return taken
    return steps


def _next_position(
    position: Position, row: Mapping[str, float], status: StatusWriter, budget: Budget
) -> Position:
    """Return the position after the epoch of ``row``, which is the best where its validation loss is the least."""
    epoch, val_loss = int(row["epoch"]), row["val_loss"]
    is_best = position.best is None or val_loss < position.best.val_loss
    return Position(
        epoch,
        status.seconds,
        (budget.first or budget.begun) - budget.begun,
        budget.validation,
        Best(epoch, val_loss) if is_best and _is_number(row) else position.best,
        checkpoint.with_row(position.history, row),
    )


def _is_number(row: Mapping[str, float]) -> bool:
    return math.isfinite(row["loss"]) and math.isfinite(row["val_loss"])


def _write_down(
    run: Run,
    status: StatusWriter,
    model: ModelState,
    position: Position,
    row: Mapping[str, float],
    is_whole: bool,
) -> None:
    """Write the epoch down: first the checkpoint, from which the rest can be made again.

    Of the first epoch, stopped in its middle, a network is kept, for there is no other; a resumed run begins anew.

    Raises:
        RunError: the loss is no number any more.
    """
    epoch, best = position.epoch, position.best
    is_best = best is not None and best.epoch == epoch
    if _is_number(row):
        checkpoint.write(run, *((position, model.arrays()) if is_whole else (START, {})))
    if is_best:
        checkpoint.keep_network(run, model.network)
        status.update(best=best)
    checkpoint.write_history(run, position)
    losses = f"loss {row['loss']:.4f}, validation loss {row['val_loss']:.4f}"
    status.log(f"epoch {epoch}: {losses}" + (", the best so far" if is_best else ""))
    if not _is_number(row):
        raise RunError(
            f"The loss was no number any more in epoch {epoch}."
            + (f" The network of epoch {best.epoch} is kept." if best else ""),
            "Train with another seed, or by the published recipe, which learns slowly.",
        )


def _finish(run: Run, status: StatusWriter, position: Position) -> None:
    """Write down how the training ended."""
    state = "stopped" if run.stop_file.exists() else "done"
    status.log(f"{state}; best epoch {position.best.epoch if position.best else 'none'}")
    status.update(now=True, state=state, phase="", remaining=0)

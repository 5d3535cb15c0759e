"""A training, from top to bottom: prepare, then learn, validate and write down epoch after epoch."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing

from core.errors import RunError
from core.files import Progress
from core.inputs import batches, picture_cache
from core.inputs.batches import Batch
from core.inputs.prefetch import prefetched
from core.networks.backend import keras
from core.networks.recipe import Recipe
from core.process_settings import leave_opencv_one_thread
from core.runs.records import Best
from core.runs.run import Run
from core.training import checkpoint
from core.training.head_first import begin
from core.training.model_state import ModelState
from core.training.schedule import Budget, is_over, learning_rate
from core.training.status_writer import StatusWriter, StoppedError

PREFETCH = 4
"""Batches made ahead while the network works."""

Load = Callable[[Run, str, Progress], batches.Part]
"""Reads one part of the frames of a run; see `core.inputs.batches.load`."""


def learn(run: Run, status: StatusWriter, load: Load | None = None) -> Best | None:
    """Train ``run`` from its last checkpoint, or its start, to its end; see `core.jobs.worker.train`. ``load`` reads its parts, if not `batches.load`.

    Returns:
        The epoch whose network is kept, if there is one.

    Raises:
        RunError: the loss is no number any more.
    """
    # Prepare
    recipe, limits = run.recipe, run.limits
    position, arrays = checkpoint.read(run)
    status.earlier = position.seconds
    status.begin()
    picture_cache.prune(run.workspace, run.size, run.region)
    try:
        read = load or batches.load
        training, valid = (read(run, part, status.read) for part in ("train", "valid"))
    except StoppedError:
        return position.best
    status.log(f"{len(training)} training frames, {len(valid)} validation frames")
    model = _model(run, training, is_new=not position.epoch)
    if position.epoch:
        checkpoint.restore(run, model, position, arrays)
        status.resume(position)
    steps = batches.steps_per_epoch(len(training), recipe)
    leave_opencv_one_thread()
    stream = batches.stream(training, recipe, run.config.seed, position.epoch + 1)
    ready = prefetched(stream, PREFETCH)
    budget = Budget.of_run(limits, position, steps, status.begun, len(valid) / recipe.batch)
    with closing(ready):
        while not (run.is_stopping or is_over(position, limits, recipe.patience, budget)):
            # Learn
            epoch, begun = position.epoch + 1, time.monotonic()
            status.update(now=True, phase="learning", epoch=epoch)
            taken = _take_steps(run, recipe, status, model, ready, steps, budget)
            is_whole = taken == steps or budget.is_spent
            if not is_whole:
                status.log(f"stopped in epoch {epoch} after {taken} of {steps} steps, which are lost")
                if position.best:
                    status.update(now=True, epoch=position.epoch)
                    break
            # Validate
            status.update(now=True, phase="validating")
            validating = time.monotonic()
            measures, worst = model.validate(valid)
            budget.count_validation(time.monotonic() - validating)
            # Write down
            seconds = time.monotonic() - begun
            row = {"epoch": epoch, "seconds": seconds, **measures}
            position = position.after(row, status.seconds, budget.before_first, budget.validation)
            checkpoint.save(run, model, position, row, worst, is_whole)
            status.end_epoch(position, row)
            if not checkpoint.is_number(row):
                raise _no_number(epoch, position.best)
            if not is_whole:
                break
    return position.best


def _model(run: Run, training: batches.Part, is_new: bool) -> ModelState:
    """Build the network of ``run``; a new one begins with pretrained weights, where it has some."""
    keras.utils.set_random_seed(run.config.seed)
    network = run.network.build(len(run.attributes), run.attributes.exclusive, run.size)
    if run.network.is_pretrained and is_new:
        begin(network, run.recipe, run.attributes, training, run.config.seed)
    return ModelState(network, run.recipe, run.attributes, training.targets)


def _take_steps(
    run: Run,
    recipe: Recipe,
    status: StatusWriter,
    model: ModelState,
    ready: Iterator[Batch],
    steps: int,
    budget: Budget,
) -> int:
    """Take the steps of an epoch, fewer where it is stopped or out of time; return how many were taken."""
    for taken in range(1, steps + 1):
        begun = time.monotonic()
        if recipe.head_only:
            model.measure(*next(ready))
        else:
            model.learn(*next(ready), learning_rate(recipe, budget.progress))
        budget.count(time.monotonic() - begun)
        status.step(budget, recipe.batch)
        if run.is_stopping or budget.is_spent:
            return taken
    return steps


def _no_number(epoch: int, best: Best | None) -> RunError:
    kept = f" The network of epoch {best.epoch} is kept." if best else ""
    return RunError(
        f"The loss was no number any more in epoch {epoch}.{kept}",
        "Train with another seed, or by the published recipe, which learns slowly.",
    )

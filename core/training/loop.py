"""Learning itself: epoch after epoch, each ending in a checkpoint."""

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from core.errors import RunError
from core.files import Progress
from core.inputs import batches, cache
from core.inputs.batches import Part
from core.networks.backend import keras
from core.runs.run import Run
from core.training import checkpoint
from core.training.callback import Monitor
from core.training.checkpoint import COUNTER, NOWHERE, Standing
from core.training.model_state import Lesson
from core.training.schedule import Budget
from core.training.status_writer import Journal


def learn(run: Run, journal: Journal, progress: Progress | None) -> None:
    """Train ``run`` from its last checkpoint, or its start, to its end; see `core.jobs.worker.train`."""
    standing, arrays = checkpoint.read(run.checkpoint_file) or (NOWHERE, {})
    journal.earlier, journal.best, journal.history = standing.seconds, standing.best, standing.history
    lost_at = None
    with suppress(_StoppedError):
        lost_at = _learn(run, journal, *_parts(run, journal), standing, arrays, progress)
    _conclude(run, journal, lost_at)


def _learn(
    run: Run,
    journal: Journal,
    training: Part,
    validation: Part,
    standing: Standing,
    arrays: Mapping[str, np.ndarray],
    progress: Progress | None,
) -> int | None:
    """Train from ``standing`` and the variables ``arrays`` on; return the epoch in which the loss was lost, if it was."""
    keras.utils.set_random_seed(run.config["seed"])
    lesson = Lesson(run, training)
    steps = batches.steps_per_epoch(len(training), run.recipe)
    if arrays:
        _restore(run, journal, lesson, standing, arrays)
    budget = _budget(run, journal, standing, steps)
    monitor = Monitor(run, journal, lesson, budget, validation, steps, progress)
    monitor.goes_on(standing, arrays)
    epoch = standing.epoch
    if standing.step and not monitor.is_over(epoch):  # the rest of the epoch in which it was stopped
        data = batches.dataset(training, run, epoch + 1, skipped=standing.step)
        _fit(lesson, data, steps - standing.step, monitor, epoch, epoch + 1)
        epoch += 1
        if not monitor.is_over(epoch) and (ended := checkpoint.read(run.checkpoint_file)):
            # At the end of fit() Keras puts the running averages in the place of the weights.
            checkpoint.restore(lesson.variables, ended[1], run.checkpoint_file)
    if not monitor.is_over(epoch):
        _fit(lesson, batches.dataset(training, run, epoch + 1), steps, monitor, epoch, run.leg.epochs)
    return monitor.lost_at


def _fit(lesson: Lesson, data: Any, steps: int, monitor: Monitor, after: int, until: int) -> None:
    """Learn from ``data`` from the epoch ``after`` on, of which none counts, to the epoch ``until``."""
    lesson.logits.fit(
        data,
        steps_per_epoch=steps,
        initial_epoch=after,
        epochs=until,
        shuffle=False,  # the stream does it
        callbacks=[monitor],
        verbose=0,
    )


class _StoppedError(Exception):
    """It was stopped before it learned anything."""


def _parts(run: Run, journal: Journal) -> tuple[Part, Part]:
    config, epochs = run.config, run.leg.epochs
    journal.status(now=True, state="running", phase="reading pictures", epochs=epochs)
    journal.log(f"{run.id}: {config['network']}, seed {config['seed']}, split by {config['split']['by']}")
    for note in config["notes"]:
        journal.log(note)
    cache.prune(run.workspace, run.size, run.region)

    def read(done: int, total: int | None) -> None:
        journal.status(phase=f"reading pictures ({done:,} of {total:,})" if total else "reading pictures")
        if run.stop_file.exists():
            raise _StoppedError

    training, validation = (batches.load(run, part, read) for part in ("train", "valid"))
    journal.log(f"{len(training)} training frames, {len(validation)} validation frames")
    return training, validation


def _restore(
    run: Run, journal: Journal, lesson: Lesson, standing: Standing, arrays: Mapping[str, np.ndarray]
) -> None:
    """Put everything as it was when the checkpoint was written; what the metrics had counted comes later."""
    found = {name: array for name, array in arrays.items() if not name.startswith(COUNTER)}
    checkpoint.restore(lesson.variables, found, run.checkpoint_file)
    if standing.epoch:  # else there is the row of the first epoch, which comes anew at its end
        journal.write_history()
    best = standing.best
    if best and best["epoch"] == standing.epoch and not standing.step and not _is_kept(run, best):
        with lesson.averaged():
            journal.keep(lesson.whole)
    where = f" and step {standing.step} of the next" if standing.step else ""
    journal.log(f"resumed after epoch {standing.epoch}{where}")
    if standing.epoch:
        journal.status(now=True, epoch=standing.epoch, best=best)


def _budget(run: Run, journal: Journal, standing: Standing, steps: int) -> Budget:
    """Return the budget of the present leg, from where the checkpoint stands."""
    leg, now = run.leg, time.monotonic()
    begun = now - (journal.seconds - standing.seconds)  # of this process
    budget = Budget(steps * (leg.epochs - leg.after), leg.minutes, begun=begun)
    if standing.is_of(leg):
        budget.step = steps * (standing.epoch - leg.after) + standing.step
        budget.begun = begun - standing.leg_seconds
        budget.first = budget.begun + standing.first
        budget.validation = standing.validation
    return budget


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
            "Train with another seed, or by the published recipe, which learns slowly.",
        )
    state = "stopped" if run.stop_file.exists() else "done"
    journal.log(f"{state}; best epoch {journal.best['epoch'] if journal.best else 'none'}")
    journal.status(now=True, state=state, phase="", remaining=0)

"""What people ask of trainings: start, stop, kill, resume. Each is a process of its own, which `core.jobs.slots` starts when a
slot is free.
"""

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

from core.access.rights import Right, check_own, needs
from core.cluster import address
from core.errors import RunError
from core.files import Progress, writable
from core.jobs import processes, slots
from core.networks import installed
from core.runs import locks
from core.runs.records import Limits, RunStatus
from core.runs.run import ACTIVE, Run
from core.runs.run_store import check_ended, discard
from core.runs.settings import TrainSettings
from core.training import checkpoint
from core.training.create_run import create_like, create_run
from core.workspace import Workspace

KILLING = 10.0
"""Seconds that a killed process may take to let go of its run."""


@needs(Right.TRAIN)
def start(
    workspace: Workspace,
    settings: TrainSettings,
    user: str = "",
    progress: Progress | None = None,
    on: str = "",
) -> Run:
    """Make a run, and train it in a process that outlives this one as soon as a slot is free.

    Its frames and labels are those of now, also where it has to queue. For the arguments see
    :func:`core.training.create_run.create_run`; for ``on`` see `enqueue`.

    Raises:
        RunError: there is nothing to learn from, or the disk is full.
        SplitError: no split by video is possible.
    """
    if on:
        address.check(on)
    run = create_run(workspace, settings, user=user, progress=progress)
    enqueue(run, on)
    return run


@needs(Right.TRAIN)
def start_like(run: Run, user: str = "") -> Run:
    """Repeat ``run`` in a process of its own, or queue that; see :func:`core.training.create_run.create_like`.

    Raises:
        RunError: frames of it are no longer in the workspace, or the disk is full.
    """
    made = create_like(run, user)
    enqueue(made)
    return made


@needs(Right.TRAIN)
def enqueue(run: Run, on: str = "") -> None:
    """Queue a run that waits, and start it at once where a slot is free.

    Args:
        run: which.
        on: address of the cluster where it is trained, that `core.cluster.address.check` has found; empty is where it was
            before, at first this computer.

    Raises:
        AccessError: somebody else wanted it, and who acts is no instructor.
        RunError: it trains or is queued already, or the disk is full.
    """
    check_own(run.config.user)
    with writable(run.path, RunError), locks.starting(run.workspace):
        check_ended(run)
        _queue(run, on)


@needs(Right.TRAIN)
def send(run: Run, on: str) -> None:
    """Let a run that was made be trained on the cluster at an address; see `enqueue`."""
    check_own(run.config.user)
    with writable(run.path, RunError), locks.starting(run.workspace):
        check_ended(run)
        run.write_status(on=on)


def made_together(runs: Iterable[Run]) -> list[Run]:
    """Return runs as they are made, all of them or none: what is wrong with the last shall not show after hours."""
    made: list[Run] = []
    try:
        for run in runs:
            made.append(run)
    except BaseException:
        for run in made:
            discard(run)
        raise
    return made


def stop(run: Run) -> None:
    """Ask the training of ``run`` to end after its current step, its best epoch kept; a queued one is withdrawn.

    Raises:
        AccessError: somebody else wanted it, and who acts is no instructor.
        RunError: it is neither training nor queued.
    """
    check_own(run.config.user)
    with writable(run.path, RunError), locks.starting(run.workspace):  # or it might start just now
        if run.state == "queued":
            run.write_status(state="stopped", error=None)
        elif run.state in ACTIVE:
            run.stop_file.touch()
        else:
            raise _nothing_to_stop(run)


def kill(run: Run) -> None:
    """End the training of ``run`` at once; the epoch that it is in is lost, a queued one is withdrawn.

    One that comes to its end by itself meanwhile stays as it ended.

    Raises:
        AccessError: see `stop`.
        RunError: it is neither training nor queued, or its process cannot be told for certain.
    """
    check_own(run.config.user)
    if run.state == "queued":
        return stop(run)
    with locks.starting(run.workspace):  # or its waiter might call it interrupted
        if run.state not in ACTIVE:
            raise _nothing_to_stop(run)
        pid = _sure_pid(run, run.status)
        with suppress(ProcessLookupError):  # it has just ended
            processes.kill(pid)
        end = time.monotonic() + KILLING
        while run.is_alive and time.monotonic() < end:
            time.sleep(0.05)
        status = run.status
        if status.state in ACTIVE and status.pid == pid:
            why = "It was ended at once; the epoch that it was in is lost."
            with suppress(OSError):  # of a full disk: then it is found interrupted
                run.write_status(state="stopped", phase="", remaining=0, error=why, epoch=len(run.history))
        slots.fill_slots(run.workspace)
    return None


def _sure_pid(run: Run, status: RunStatus) -> int:
    """Return the number of the process that trains ``run``; refuse where it cannot be told for certain."""
    if status.pid and run.is_alive and locks.is_same(status) and status.pid != os.getpid():
        return status.pid
    why = (
        "has no process yet"
        if status.state == "starting"
        else f"cannot be told from another process of number {status.pid}"
    )
    raise RunError(f"The training of {run.id} {why}.", "Try again in a few seconds.")


def resume(run: Run, epochs: int | None = None, minutes: float | None = None, on: str | None = None) -> None:
    """Queue ``run`` to continue after its last finished epoch; see :func:`reopen`."""
    reopen(run, epochs, minutes, on, queue=True)


def reopen(
    run: Run,
    epochs: int | None = None,
    minutes: float | None = None,
    on: str | None = None,
    *,
    queue: bool = False,
) -> None:
    """Make a run that ended ready to be trained on, after its last finished epoch.

    It keeps its one schedule, which ends where the run now ends. One that is done needs to be told where that is.

    Args:
        run: which.
        epochs: number of the last epoch, counted from the start of the run. Where it is given alone, a run that is not
            done keeps its budget of time.
        minutes: budget of time. Of a run that is not done it counts from the start; one that is done gets so many more.
            Where it is given alone, it decides.
        on: address of the cluster where it goes on; empty is this computer, none where it was.
        queue: it under the same hold, so that of two who resume it at once the second is refused.

    Raises:
        AccessError: somebody else wanted it, and who acts is no instructor.
        RunError: it trains or is queued, it has no checkpoint, it is done and nothing says how far to go on, or the
            disk is full.
        ModelError: TensorFlow is not installed.
    """
    check_own(run.config.user)
    installed.require()
    with writable(run.path, RunError), locks.starting(run.workspace):
        check_ended(run)
        if len(run.history) and not run.checkpoint_file.exists():
            raise RunError(
                f"{run.id} has no checkpoint to continue from: an early version trained it.",
                "Repeat it instead, which trains it from the start.",
            )
        is_done = run.state == "done"
        if epochs or minutes:
            _set_limits(run, is_done, epochs, minutes)
        elif is_done:
            raise RunError(f"{run.id} has finished.", "Say how far to continue with --epochs or --minutes.")
        run.stop_file.unlink(missing_ok=True)
        where = run.status.on if on is None else on
        run.write_status(state="waiting", phase="", error=None, epochs=run.limits.epochs, on=where)
        if queue:
            _queue(run)


# What follows is called by who holds the lock of those who start, which cannot be taken twice.


def _set_limits(run: Run, is_done: bool, epochs: int | None, minutes: float | None) -> None:
    """Let the run end elsewhere than before."""
    position, _ = checkpoint.read(run)
    finished, used, limits = position.epoch, position.seconds / 60, run.limits
    # Where a time alone is given, it decides: as many epochs as a new run would be given for it.
    more = replace(run.recipe, epochs=run.network.recipe.epochs).epochs_within(minutes)
    end = epochs or (finished + more if is_done else max(limits.epochs, more, finished + 1))
    if end <= finished:
        raise RunError(
            f"{run.id} has had {finished} epochs already.", f"Choose an end after epoch {finished}."
        )
    if is_done:
        run.set_limits(Limits(end, minutes and used + minutes, finished))
        return
    if minutes and minutes <= used:
        raise RunError(
            f"{run.id} has been trained for {used:.1f} minutes already.",
            "Choose more minutes: those that it has used count.",
        )
    run.set_limits(Limits(end, minutes or limits.minutes, limits.after))


def _queue(run: Run, on: str = "") -> None:
    where = {"on": on} if on else {}
    run.write_status(state="queued", queued=slots.next_time(run, "queued"), error=None, **where)
    slots.fill_slots(run.workspace)


def _nothing_to_stop(run: Run) -> RunError:
    return RunError(f"{run.id} is not training: it is {run.state}.", "There is nothing to stop.")

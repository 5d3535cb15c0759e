"""Trainings as processes of their own: queued, started, stopped, killed, resumed.

A run is known by its folder. Whoever looks (a page, the command line, a training that ends) may call
:func:`advance`: it starts what is queued while slots are free, so that nothing waits for a process that was killed.
"""

import os
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import Literal

from core.access.person import OWNER, acting_as
from core.access.rights import Right, check_own, needs
from core.cluster import address
from core.cluster.address import AUTO
from core.errors import RunError, SeamLensError
from core.files import Progress, is_read_only, remove_partials, writable
from core.jobs import processes
from core.jobs.queue import queued
from core.networks import installed
from core.runs import failures, locks
from core.runs.records import Limits, RunStatus
from core.runs.run import ACTIVE, Run
from core.runs.run_store import check_ended, discard, list_runs
from core.runs.settings import TrainSettings
from core.training import checkpoint
from core.training.create_run import create_like, create_run
from core.workspace import Workspace, open_workspace

KILLING = 10.0
"""Seconds that a killed process may take to let go of its run."""

WRITTEN = ("model.keras", "checkpoint.npz", "history.csv", "worst.csv", "status.json")
"""What nobody but the training, or who holds the lock of those who start, writes into the folder of a run."""


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


def advance(workspace: Workspace) -> list[Run]:
    """Start queued runs while slots are free, and write down which trainings have died; return what was started.

    It may be called at any time and by several at once. In a workspace that may only be read nothing is started.
    """
    if is_read_only(workspace.runs) or not any(
        run.state == "queued" or has_died(run) for run in list_runs(workspace)
    ):
        return []
    with locks.starting(workspace):
        return _fill_slots(workspace)


def note_deaths(workspace: Workspace) -> None:
    """Write down which trainings have died, and start nothing.

    Raises:
        RunError: others have been starting trainings for long.
    """
    with locks.starting(workspace):
        _note_deaths(list_runs(workspace))


def has_died(run: Run) -> bool:
    """Return whether the process of ``run`` has died and nobody has written it down yet."""
    return run.state == "interrupted" and run.status.state in ACTIVE


def check_slot(workspace: Workspace, on: str = "") -> None:
    """Refuse to train where no slot is free, of this computer or of a cluster; what is queued comes first.

    Raises:
        RunError: it names who trains.
    """
    advance(workspace)
    busy = active_on(workspace, on)
    if len(busy) >= slots_on(workspace, on):
        raise locks.other_training(busy[0].id)


@contextmanager
def slot(run: Run) -> Iterator[None]:
    """Hold the lock of ``run`` for the block, and with it a slot of the workspace; then the next queued run gets it.

    Raises:
        RunError: it was trained already, no slot is free, or the disk is full.
    """
    try:
        with ExitStack() as stack:
            with writable(run.path, RunError), locks.starting(run.workspace):
                if (state := run.state) not in ("waiting", "starting"):
                    raise RunError(
                        f"{run.id} was trained already: it is {state}.", "Resume it, or start another run."
                    )
                on = run.status.on
                busy = [other.id for other in active_on(run.workspace, on) if other.id != run.id]
                if state == "waiting" and len(busy) >= slots_on(run.workspace, on):
                    raise locks.other_training(busy[0])
                stack.enter_context(locks.held(run.lock, locks.other_training(run.id)))
                for name in WRITTEN:
                    remove_partials(run.path / name)
                about = {
                    "memory_kills": failures.memory_kills(),
                    "started": _next(run, "started"),
                    "error": None,
                }
                run.write_status(state="running", phase="starting", **about, **locks.own_identity())
            yield
    finally:
        with suppress(SeamLensError, OSError):
            advance(open_workspace(run.workspace.path))  # anew: its slots may have changed


def waiting(workspace: Workspace) -> list[Run]:
    """Return the queued runs in the order in which they will start."""
    return queued(list_runs(workspace))


def place(run: Run) -> int | None:
    """Return the place of ``run`` in the queue, from 1; none where it is not queued."""
    ids = [other.id for other in waiting(run.workspace)]
    return ids.index(run.id) + 1 if run.id in ids else None


def all_active(workspace: Workspace) -> list[Run]:
    """Return the runs that are starting or training."""
    return [run for run in list_runs(workspace) if run.state in ACTIVE]


def active_on(workspace: Workspace, on: str) -> list[Run]:
    """Return the runs that are starting or training on this computer, or, with an address, on clusters."""
    return [run for run in all_active(workspace) if bool(run.status.on) == bool(on)]


def slots_on(workspace: Workspace, on: str) -> int:
    """Return how many runs may train at once on this computer, or, with an address, on clusters."""
    return workspace.cluster.slots if on else workspace.slots


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
        _fill_slots(run.workspace)
    return None


def trainings(workspace: Workspace) -> set[int]:
    """Return the processes (PIDs) of the trainings of a workspace, whoever started them."""
    of_runs = [run.status for run in all_active(workspace)]
    return {status.pid for status in of_runs if status.pid and locks.is_same(status)} - {os.getpid()}


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


def _next(run: Run, name: Literal["queued", "started"]) -> float:
    """Return the time, for ``queued`` or ``started``, but later than that of all runs: the order holds where the clock is set back."""
    times = [getattr(other.status, name) or 0.0 for other in list_runs(run.workspace)]
    return max([time.time(), *(at + 0.001 for at in times)])


def _queue(run: Run, on: str = "") -> None:
    where = {"on": on} if on else {}
    run.write_status(state="queued", queued=_next(run, "queued"), error=None, **where)
    _fill_slots(run.workspace)


def _fill_slots(workspace: Workspace) -> list[Run]:
    """Start queued runs while slots are free; return those that were started. Without TensorFlow they stay queued."""
    found = list_runs(workspace)
    _note_deaths(found)
    if not installed.is_installed():
        return []
    chosen, free = (
        [],
        {bool(on): slots_on(workspace, on) - len(active_on(workspace, on)) for on in ("", AUTO)},
    )
    for run in queued(found):
        if free[is_away := bool(run.status.on)] > 0:
            free[is_away] -= 1
            chosen.append(run)
    return [run for run in chosen if _launch(run)]


def _launch(run: Run) -> bool:
    """Start the process of ``run``, which waits for the lock of those who start; return whether its turn is over.

    Where the disk is full, it stays queued.
    """
    run.stop_file.unlink(missing_ok=True)
    with suppress(OSError):
        # Before there is a process, which nobody could say anything about.
        run.write_status(state="starting", started=_next(run, "started"), phase="", pid=None, remaining=None)
    if run.status.state != "starting":
        return False
    try:
        process = processes.spawn(run)
    except OSError as error:
        with suppress(OSError):
            run.write_status(state="failed", error=f"No process could be started: {error}")
        return True
    with suppress(OSError):  # it says its number itself as soon as it trains
        run.write_status(**locks.identity(process.pid))
    # Someone must wait for the process, or it stays behind as a zombie when it ends.
    threading.Thread(target=_wait, args=(process, run), name=f"wait-{run.id}", daemon=True).start()
    return True


def _wait(process: "subprocess.Popen[bytes]", run: Run) -> None:
    """Write down how ``process`` died, where it did not tell its end itself, and start the next."""
    code = process.wait()
    with (
        acting_as(OWNER),
        suppress(RunError, OSError),
        locks.starting(run.workspace),
    ):  # or whoever looks next finds it dead
        status = run.status
        if status.state not in ACTIVE or status.pid != process.pid:
            return  # it told its end itself, or the run was resumed and another process goes on with it
        if status.state == "starting":
            lines = run.last_words.splitlines()
            error = lines[-1] if lines else f"The process ended with code {code}."
            run.write_status(state="failed", error=error)
        else:
            _note_death(run, code)
        _fill_slots(run.workspace)


def _note_deaths(runs: list[Run]) -> None:
    for run in runs:
        if has_died(run):
            with suppress(OSError):  # of a full disk: whoever looks next finds it dead again
                _note_death(run, None)


def _note_death(run: Run, code: int | None) -> None:
    lines = run.last_words.splitlines()
    # With a code of its own it ended by itself, and could not write why into its status.
    error = lines[-1] if code and code > 0 and lines else failures.of_death(code, run.status.memory_kills)
    run.write_status(state="interrupted", phase="", remaining=None, error=error, epoch=len(run.history))


def _nothing_to_stop(run: Run) -> RunError:
    return RunError(f"{run.id} is not training: it is {run.state}.", "There is nothing to stop.")

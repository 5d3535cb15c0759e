"""Slots: which trainings hold one, and how the next queued one gets it.

A run is known by its folder. Whoever looks (a page, the command line, a training that ends) may call :func:`advance`: it starts
what is queued while slots are free, so that nothing waits for a process that was killed.
"""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Literal

from core.access.person import OWNER, acting_as
from core.cluster.address import AUTO
from core.errors import RunError, SeamLensError
from core.files import is_read_only, remove_partials, writable
from core.jobs import processes
from core.jobs.queue import queued
from core.networks import installed
from core.runs import failures, locks
from core.runs.run import ACTIVE, Run
from core.runs.run_store import list_runs
from core.workspace import Workspace, open_workspace

WRITTEN = ("model.keras", "checkpoint.npz", "history.csv", "worst.csv", "status.json")
"""What nobody but the training, or who holds the lock of those who start, writes into the folder of a run."""


def advance(workspace: Workspace) -> list[Run]:
    """Start queued runs while slots are free, and write down which trainings have died; return what was started.

    It may be called at any time and by several at once. In a workspace that may only be read nothing is started.
    """
    if is_read_only(workspace.runs) or not any(
        run.state == "queued" or has_died(run) for run in list_runs(workspace)
    ):
        return []
    with locks.starting(workspace):
        return fill_slots(workspace)


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
                    "started": next_time(run, "started"),
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


def trainings(workspace: Workspace) -> set[int]:
    """Return the processes (PIDs) of the trainings of a workspace, whoever started them."""
    of_runs = [run.status for run in all_active(workspace)]
    return {status.pid for status in of_runs if status.pid and locks.is_same(status)} - {os.getpid()}


# What follows is called by who holds the lock of those who start, which cannot be taken twice.


def next_time(run: Run, name: Literal["queued", "started"]) -> float:
    """Return the time, for ``queued`` or ``started``, but later than that of all runs: the order holds where the clock is set back."""
    times = [getattr(other.status, name) or 0.0 for other in list_runs(run.workspace)]
    return max([time.time(), *(at + 0.001 for at in times)])


def fill_slots(workspace: Workspace) -> list[Run]:
    """Start queued runs while slots are free; return those that were started. Without TensorFlow they stay queued."""
    found = list_runs(workspace)
    _note_deaths(found)
    if not installed.is_installed():
        return []
    free = {bool(on): slots_on(workspace, on) - len(active_on(workspace, on)) for on in ("", AUTO)}
    chosen = []
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
        run.write_status(
            state="starting", started=next_time(run, "started"), phase="", pid=None, remaining=None
        )
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
    # Where that cannot be written, whoever looks next finds it dead.
    with acting_as(OWNER), suppress(RunError, OSError), locks.starting(run.workspace):
        status = run.status
        if status.state not in ACTIVE or status.pid != process.pid:
            return  # it told its end itself, or the run was resumed and another process goes on with it
        if status.state == "starting":
            lines = run.last_words.splitlines()
            error = lines[-1] if lines else f"The process ended with code {code}."
            run.write_status(state="failed", error=error)
        else:
            _note_death(run, code)
        fill_slots(run.workspace)


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

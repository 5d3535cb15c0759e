"""The runs of a workspace: listed, found, given a note, deleted."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import Any

from core.access.rights import Right, check_own, needs
from core.clock import moment
from core.errors import RunError
from core.files import files_version, natural, replacing, sync_folder, writable
from core.names import quoted
from core.runs import decision_settings, locks
from core.runs.run import ACTIVE, Run
from core.runs.run_files import damaged
from core.workspace import Workspace

STATES = {"queued": "in the queue", "starting": "starting", "running": "training"}
"""In words, what a run is that has not ended."""


FILES: dict[str, Callable[[Run], Any]] = {
    "config.json": lambda run: run.config,
    "status.json": lambda run: run.status,
    "frames.csv": lambda run: run.frames,
    "history.csv": lambda run: run.history,
    "limits.json": lambda run: run.limits,
    "legs.json": lambda run: run.limits,
    decision_settings.FILE: lambda run: run.tuning,
    "test.json": lambda run: run.test,
    "notes.txt": lambda run: run.note,
    "name.txt": lambda run: run.name,
}
"""What every list of runs reads of a run, and how."""


@dataclass(frozen=True)
class DamagedRun:
    """A run of which a file cannot be read.

    Args:
        id: name of its folder.
        error: which file, why, and what to do.
    """

    id: str
    error: RunError


@needs(Right.LOOK)
def list_runs(workspace: Workspace) -> list[Run]:
    """Return the runs of ``workspace``, newest first; folders that are none are passed over, and so are damaged runs."""
    whole = [run for run in _folders(workspace) if damage(run) is None]
    return sorted(whole, key=lambda run: (moment(run.config.created), natural(run.id)), reverse=True)


def damaged_runs(workspace: Workspace) -> list[DamagedRun]:
    """Return the runs that are damaged, newest first."""
    found = [DamagedRun(run.id, error) for run in _folders(workspace) if (error := damage(run)) is not None]
    return sorted(found, key=lambda run: run.id, reverse=True)


def damage(run: Run) -> RunError | None:
    """Return what is damaged of a run, of what every list reads; none where it is whole."""
    for name in FILES:
        if error := _damage(run.workspace, run.id, name, files_version(run.path / name)):
            return error
    return None


def _folders(workspace: Workspace) -> list[Run]:
    """Return a run for each folder that has a file of one."""
    if not workspace.runs.is_dir():
        return []
    folders = (path for path in workspace.runs.iterdir() if path.is_dir() and not path.name.startswith("."))
    return [Run(workspace, path.name) for path in folders if any((path / name).exists() for name in FILES)]


@lru_cache(2**16)  # of 6,500 runs with ten files each
def _damage(workspace: Workspace, id: str, name: str, version: Any) -> RunError | None:
    """Return what is damaged of a file as it is now: a file that stays as it is is read once."""
    run = Run(workspace, id)
    try:
        FILES[name](run)
    except RunError as error:
        return error
    except OSError as error:
        return damaged(run.path, name, error)
    return None


def get_run(workspace: Workspace, run_id: str) -> Run:
    """Return the run called ``run_id``, or the newest for ``latest``, runs of a series left out.

    Raises:
        RunError: there is none, or it is damaged.
    """
    runs = list_runs(workspace)
    for run in runs:
        if run_id == run.id or (run_id == "latest" and not run.series):
            return run
    for hurt in damaged_runs(workspace):
        if run_id in (hurt.id, "latest"):
            raise hurt.error
    if not runs:
        raise RunError("There is no run in this workspace yet.", "Train a network first.")
    raise RunError(f"There is no run {quoted(run_id)}.", f"Name one such as {runs[0].id}, or latest.")


def best_tested(runs: Sequence[Run]) -> Run | None:
    """Return the run whose test lies most above guessing, of equal ones the first; none where none was tested."""
    gains = [(run, test.gain) for run in runs if (test := run.test)]
    return max(gains, key=lambda pair: -inf if pair[1] is None else pair[1])[0] if gains else None


def set_note(run: Run, text: str) -> None:
    """Store what the users want to remember of ``run``; an empty text removes it.

    Raises:
        AccessError: somebody else wanted the run, and who acts is no instructor.
        RunError: it cannot be written.
    """
    check_own(run.config.user)
    with writable(run.path, RunError):
        if not (note := text.strip()):
            run.note_file.unlink(missing_ok=True)
            sync_folder(run.path)
            return
        with replacing(run.note_file) as partial:
            partial.write_text(note + "\n", encoding="utf-8")


@needs(Right.DELETE)
def delete(run: Run) -> None:
    """Remove ``run`` with everything that came of it.

    Raises:
        RunError: it trains or is queued, another run was made like it, or it cannot be removed.
    """
    discard(run)


def discard(run: Run) -> None:
    """Do what `delete` does with a run that never came to its end; whoever wanted it may, too."""
    check_own(run.config.user, Right.DELETE)
    gone = run.path.with_name(f".{run.id}.deleted")  # first out of sight in one step, then piece by piece
    with writable(run.path, RunError), locks.starting(run.workspace):  # or it might be resumed just now
        check_ended(run)
        if made := [other.id for other in list_runs(run.workspace) if other.config.like == run.id]:
            raise RunError(f"{made[0]} repeats {run.id}.", f"Delete {made[0]} first.")
        run.path.replace(gone)
        sync_folder(gone.parent)
    shutil.rmtree(gone, ignore_errors=True)


def check_ended(run: Run) -> None:
    """Refuse a run that trains, or waits for its turn.

    Raises:
        RunError: it says which it is.
    """
    if (state := run.state) in ("queued", *ACTIVE):
        raise RunError(f"{run.id} is {STATES[state]}.", "Wait until it has ended, or stop it first.")

"""The runs of a workspace: listed, found, given a note, deleted."""

import shutil
from contextlib import suppress

from core.errors import RunError
from core.files import replacing, sync_folder, writable
from core.runs import locks
from core.runs.run import ACTIVE, Run
from core.workspace import Workspace

STATES = {"queued": "in the queue", "starting": "starting", "running": "training"}
"""In words, what a run is that has not ended."""


def list_runs(workspace: Workspace) -> list[Run]:
    """Return the runs of ``workspace``, newest first; folders that are none are passed over."""
    runs = []
    for path in workspace.runs.glob("[!.]*/config.json"):
        run = Run(workspace, path.parent.name)
        with suppress(RunError):
            runs.append((run.config.created, run.id, run))
    return [run for *_, run in sorted(runs, key=lambda entry: entry[:2], reverse=True)]


def get_run(workspace: Workspace, run_id: str) -> Run:
    """Return the run called ``run_id``, or the newest for ``latest``, runs of a series left out.

    Raises:
        RunError: there is none.
    """
    runs = list_runs(workspace)
    for run in runs:
        if run_id == run.id or (run_id == "latest" and not run.series):
            return run
    if not runs:
        raise RunError("There is no run in this workspace yet.", "Train a network first.")
    raise RunError(f"There is no run {run_id}.", f"Name one such as {runs[0].id}, or latest.")


def set_note(run: Run, text: str) -> None:
    """Store what the users want to remember of ``run``; an empty text removes it.

    Raises:
        RunError: it cannot be written.
    """
    if not (note := text.strip()):
        run.note_file.unlink(missing_ok=True)
        sync_folder(run.path)
        return
    with writable(run.path, RunError), replacing(run.note_file) as partial:
        partial.write_text(note + "\n", encoding="utf-8")


def delete(run: Run) -> None:
    """Remove ``run`` with everything that came of it.

    Raises:
        RunError: it trains or is queued, or another run was made like it.
    """
    gone = run.path.with_name(f".{run.id}.deleted")  # first out of sight in one step, then piece by piece
    with locks.starting(run.workspace):  # or it might be resumed just now
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

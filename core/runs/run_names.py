"""What people call a run: "Run 3 · today 16:43 · by Ada", or the name that somebody gave it. Its folder keeps its own name."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from core import names
from core.access.rights import check_own, shown_name
from core.clock import day_and_time, moment
from core.errors import RunError
from core.files import natural, replacing, sync_folder, writable
from core.runs.run import Run
from core.runs.run_store import list_runs
from core.workspace import Workspace

SERIES = {"folds": "Label issues", "gap": "Split gap"}
"""What a series of runs was trained for."""


def title(run: Run, now: datetime | None = None) -> str:
    """Return what a run is called in lists: its name or number, when it was made, and who wanted it.

    Args:
        run: the run.
        now: what counts as today; by default it is.
    """
    user = owner(run)
    parts = (short(run), day_and_time(run.config.created, now), f"by {user}" if user else "")
    return " · ".join(filter(None, parts))


def owner(run: Run) -> str:
    """Return who wanted a run, as who acts may read it: students see no name but their own."""
    return shown_name(run.config.user)


def short(run: Run) -> str:
    """Return its name, else its number as in ``Run 3``; of a series its place there."""
    if name := run.name:
        return name
    if series := run.series:
        return f"{SERIES.get(series.kind, series.kind)}, {series.number} of {series.of}"
    return f"Run {number(run)}"


def number(run: Run) -> int:
    """Return the number of a run that is in no series: as it was stored, else its place among those of earlier versions."""
    if run.config.number:
        return run.config.number
    folders = run.workspace.runs.iterdir() if run.workspace.runs.is_dir() else ()
    return _of_earlier_versions(run.workspace, frozenset(path.name for path in folders)).get(run.id, 1)


def next_number(runs: Iterable[Run]) -> int:
    """Return the number of the next run beside these; that of a deleted one comes again only if it was the last."""
    return max((number(run) for run in runs if not run.series), default=0) + 1


@lru_cache(16)
def _of_earlier_versions(workspace: Workspace, folders: frozenset[str]) -> dict[str, int]:
    runs = [run for run in list_runs(workspace) if not run.series and not run.config.number]
    oldest_first = sorted(runs, key=lambda run: (moment(run.config.created), natural(run.id)))
    return {run.id: place for place, run in enumerate(oldest_first, 1)}


def rename(run: Run, text: str) -> None:
    """Store the name of a run; an empty one gives it back its number.

    Raises:
        AccessError: somebody else wanted it, and who acts is no instructor.
        RunError: it cannot be a name, another run has it, or it cannot be written.
    """
    check_own(run.config.user)
    name = names.run_title(text) if text.strip() else ""
    others = {other.name.casefold() for other in list_runs(run.workspace) if other.id != run.id}
    if name and name.casefold() in others:
        raise RunError(f"Another run is called {names.quoted(name)}.", "Choose another name.")
    with writable(run.path, RunError):
        if not name:
            run.name_file.unlink(missing_ok=True)
            sync_folder(run.path)
            return
        with replacing(run.name_file) as partial:
            partial.write_text(name + "\n", encoding="utf-8")

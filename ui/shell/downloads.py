"""Files that a job prepares for a download. Each is an argument of its job, the second."""

import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from core.files import is_read_only
from core.jobs.background import BACKGROUND
from core.scratch import make_temporary_folder
from core.workspace import Workspace
from ui.elements import uploads


def new_file(workspace: Workspace, key: str, name: str) -> Path:
    """Return where the job with that key prepares a file, in a temporary folder; the one that it prepared before is removed."""
    before = BACKGROUND.latest(workspace, key)
    if before and not before.is_running:
        uploads.removal(before.task.args[1])(True)
    place = Path(tempfile.gettempdir()) if is_read_only(workspace.path) else workspace.path
    return make_temporary_folder(place, "export") / name


def removal_unless_done(file: Path) -> Callable[[bool], str]:
    """Return what removes the folder of a file at the end of a job that has not prepared it."""
    remove = uploads.removal(file)
    return lambda is_done: "" if is_done else remove(is_done)


def prepared(workspace: Workspace, key: str) -> tuple[Path, datetime, str] | None:
    """Return the file that the job with that key has prepared, when, and of what (the ``version`` of its task), if there is one."""
    job = BACKGROUND.latest(workspace, key)
    if job is None or job.state != "done" or not job.task.args[1].exists():
        return None
    return job.task.args[1], datetime.fromtimestamp(job.ended_at or 0.0), job.task.version

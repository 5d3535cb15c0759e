"""Copies of what is made once, for tests that change it."""

import shutil
import zipfile
from pathlib import Path

from core import database_urls
from core.maintenance.move_labels import move_labels
from core.runs.run import Run
from core.workspace import Workspace, open_workspace

OLD = Path(__file__).parents[1] / "fixtures" / "workspace_0_6" / "workspace.zip"


def copy_run(run: Run, folder: Path) -> Run:
    """Return the run in a copy of its workspace, ``folder``/class."""
    shutil.copytree(run.workspace.path, folder / "class")
    return Run(open_workspace(folder / "class"), run.id)


def copy_old(folder: Path) -> Workspace:
    """Return the workspace of an earlier version in ``folder``/workspace: with a run, its test and a session.

    Its labels are a SQLite file; with ``--labels-on postgresql`` they are moved to the server, as people move theirs.
    """
    with zipfile.ZipFile(OLD) as archive:
        archive.extractall(folder)
    if server := database_urls.from_environment():
        move_labels(folder / "workspace", database_urls.without_password(server))
    return open_workspace(folder / "workspace")

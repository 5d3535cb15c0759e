"""Copies of what a fixture made once, for tests that change it."""

import shutil
from pathlib import Path

from core.runs.run import Run
from core.workspace import open_workspace


def copy_run(run: Run, folder: Path) -> Run:
    """Return the run in a copy of its workspace, ``folder``/class."""
    shutil.copytree(run.workspace.path, folder / "class")
    return Run(open_workspace(folder / "class"), run.id)

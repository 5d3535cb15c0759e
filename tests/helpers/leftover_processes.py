"""Processes of a workspace that are still there."""

from pathlib import Path

from core.workspace import Workspace


def trainings(workspace: Workspace) -> list[int]:
    """Return the numbers of the processes that train in ``workspace``, as Linux lists them; none on other systems."""
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if _trains(folder, workspace)]


def _trains(folder: Path, workspace: Workspace) -> bool:
    try:
        words = (folder / "cmdline").read_bytes().split(b"\0")
    except OSError:  # it has just ended
        return False
    return b"train-run" in words and str(workspace.path.resolve()).encode() in words

"""What a check found, and the folder for what belongs nowhere."""

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from core.errors import SeamLensError
from core.files import sync_folder, writable
from core.scratch import ASIDE
from core.storage import database as db
from core.text import listed
from core.workspace import Workspace

NAMED = 3  # files that a sentence names


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Args:
        kind: of which check, such as ``missing picture``.
        where: file or folder, relative to the workspace; of labels `labels_name`.
        problem: what is wrong, a sentence.
        repair: what a repair does, a sentence; empty where it can do nothing.
        advice: what to do by hand where it cannot be repaired, a sentence.
        mend: repairs it.
    """

    kind: str
    where: str
    problem: str
    repair: str = ""
    advice: str = ""
    mend: Callable[[], None] | None = field(default=None, compare=False, repr=False)

    def to_json(self) -> dict[str, str]:
        """Return it as plain values."""
        return {key: getattr(self, key) for key in ("kind", "where", "problem", "repair", "advice")}


def labels_name(workspace: Workspace) -> str:
    """Return how the labels of a workspace are called where a finding is in them: by their file, or as the database of a server."""
    source = db.sqlite_file(workspace)
    return source.name if source else "database"


def of_error(kind: str, where: str, error: SeamLensError) -> Finding:
    """Return the finding that ``error`` is."""
    return Finding(kind, where, error.problem, advice=error.advice)


def few(names: Sequence[object]) -> str:
    """Return names in a sentence, of many only the first.

    >>> few(["a.jpg", "b.jpg", "c.jpg", "d.jpg"])
    'a.jpg, b.jpg, c.jpg and 1 more'
    """
    return listed(names, most=NAMED)


def set_aside(workspace: Workspace, paths: Iterable[Path]) -> Path:
    """Move files or folders of the workspace to ``set-aside/<date>/``, below the folders they were in; return that folder.

    Raises:
        WorkspaceError: the disk is read-only.
    """
    target = workspace.path / ASIDE / f"{datetime.now():%Y-%m-%d}"
    for path in paths:
        place = target / path.relative_to(workspace.path)
        number = 1
        while place.exists():
            number += 1
            place = place.with_name(f"{path.name}.{number}")
        with writable(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, place)
            sync_folder(place.parent)
            sync_folder(path.parent)
    return target

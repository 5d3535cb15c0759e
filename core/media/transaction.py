"""Adding to a workspace: everything appears, or nothing."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from core.files import remove, writable
from core.workspace import Workspace

_PREFIX = ".adding-"


class Stage:
    """A folder laid out like the workspace, whose files move into it when everything is ready.

    Args:
        workspace: the folder of the workspace.
    """

    def __init__(self, workspace: Path) -> None:
        name = uuid.uuid4().hex[:8]
        self._workspace = workspace
        self._new = workspace / f"{_PREFIX}{name}"
        self._old = workspace / f"{_PREFIX}{name}-replaced"
        self._landed: list[Path] = []
        self._put_aside: list[tuple[Path, Path]] = []

    def folder(self, path: Path) -> Path:
        """Return the folder that will become ``path``, which lies in the workspace."""
        folder = self._new / path.relative_to(self._workspace)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def put_aside(self, path: Path) -> None:
        """Take a file or folder of the workspace away: something of its name is about to land."""
        if path.exists():
            self._old.mkdir(parents=True, exist_ok=True)
            aside = self._old / str(len(self._put_aside))
            shutil.move(path, aside)
            self._put_aside.append((path, aside))

    def land(self) -> None:
        """Move everything to its place: folders that are new in one step, files into folders that are there."""
        self._move(self._new, self._workspace)

    def undo(self) -> None:
        """Bring the workspace back to what it was."""
        for path in self._landed:
            remove(path)
        for path, aside in reversed(self._put_aside):
            shutil.move(aside, path)

    def clear(self) -> None:
        """Remove what did not land and what was replaced."""
        for folder in (self._new, self._old):
            shutil.rmtree(folder, ignore_errors=True)

    def _move(self, source: Path, target: Path) -> None:
        if not source.exists():
            return
        if source.is_dir() and target.is_dir():
            for child in source.iterdir():
                self._move(child, target / child.name)
        elif target.exists():
            raise FileExistsError(17, "there already", str(target))
        else:
            self._landed.append(target)
            shutil.move(source, target)


@contextmanager
def adding(workspace: Workspace) -> Iterator[Stage]:
    """Let one process or thread at a time add to a workspace; an error in the block leaves it as it was.

    Raises:
        WorkspaceError: the disk is full or not to be written.
    """
    with writable(workspace.path), FileLock(workspace.path / ".adding.lock"):
        # Whoever left these was killed while adding: the lock is ours.
        for leftover in workspace.path.glob(f"{_PREFIX}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        stage = Stage(workspace.path)
        try:
            yield stage
        except BaseException:
            stage.undo()
            raise
        finally:
            stage.clear()


@contextmanager
def paused(workspace: Workspace, patience: float = 5.0) -> Iterator[bool]:
    """Let nobody add to a workspace for the block; give False where an addition is still running after ``patience`` seconds.

    Nothing can be added to a folder that is read-only.
    """
    lock = FileLock(workspace.path / ".adding.lock")
    try:
        lock.acquire(timeout=patience)
        is_paused = True
    except Timeout:
        is_paused = False
    except OSError:  # read-only
        is_paused = True
    try:
        yield is_paused
    finally:
        lock.release()

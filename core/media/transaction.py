"""The door into a workspace: every addition comes whole, files and rows together, or not at all.

The files of an addition lie on a stage until all of them are there. They land within the transaction of their rows, which also
stores the token of the addition: by it, whoever comes after a process that was killed knows whether to finish its
addition or to take it back.
"""

import json
import logging
import os
import shutil
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, delete, insert
from sqlalchemy.exc import IntegrityError

from core import scratch
from core.errors import SeamLensError, WorkspaceError
from core.files import writable
from core.json_files import readable
from core.media.journal import Journal
from core.storage import database as db
from core.workspace import Workspace

PATIENCE = 1.0
"""Seconds to wait for another addition before it is mentioned."""

LONGEST_WAIT = 600.0
"""Seconds to wait for another addition before giving up."""

_PREFIX = ".adding-"
_swept: set[Path] = set()
_log = logging.getLogger(__name__)


class Stage:
    """What is about to be added to a workspace. Nothing in the workspace changes before `landing`.

    Args:
        workspace: where to.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._path = workspace.path / f"{_PREFIX}{uuid.uuid4().hex[:12]}"
        self._put_aside: list[Path] = []

    def folder(self, path: Path) -> Path:
        """Return the folder whose files will be in ``path``, which lies in the workspace, and replace those of their names."""
        folder = self._path / "new" / path.relative_to(self._workspace.path)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def put_aside(self, path: Path) -> None:
        """Let a file, or the files in a folder, of the workspace go when the addition is certain."""
        self._put_aside.append(path)

    @contextmanager
    def landing(self) -> Iterator[Connection]:
        """Open the one transaction of the addition: its rows are written in the block, its files land after it.

        An error, in the block or later, leaves the workspace as it was.
        """
        journal = Journal.plan(self._path, self._put_aside)
        if journal.is_empty:
            with db.writing(self._workspace) as connection:
                yield connection
            return
        committing = False
        try:
            journal.write()
            with db.writing(self._workspace) as connection:
                yield connection
                connection.execute(delete(db.additions))
                connection.execute(insert(db.additions).values(token=journal.token))
                journal.land()
                committing = True
        except BaseException:
            if committing:
                with suppress(SeamLensError):  # else the next addition will know
                    _settle(self._workspace, journal)
            else:
                journal.undo()
                journal.clear()
            raise
        with suppress(OSError):  # it is certain; what is left to be done the next addition does
            journal.finish()
            journal.clear()

    def clear(self) -> None:
        """Remove what did not land, unless it is to be decided yet."""
        if Journal.read(self._path) is None:
            shutil.rmtree(self._path, ignore_errors=True)


@contextmanager
def adding(workspace: Workspace, name: str = "Something") -> Iterator[Stage]:
    """Let one process or thread at a time add to a workspace; an error in the block leaves it as it was.

    Args:
        workspace: where to.
        name: of what is added, for those who wait.

    Raises:
        WorkspaceError: the disk is full or not to be written, or another addition does not end.
    """
    with writable(workspace.path), _locked(workspace, name):
        _recover(workspace)
        _sweep_once(workspace)
        stage = Stage(workspace)
        try:
            yield stage
        finally:
            stage.clear()


@contextmanager
def paused(workspace: Workspace, patience: float = 5.0) -> Iterator[bool]:
    """Let nobody add to a workspace for the block; give False where an addition is still running after ``patience`` seconds.

    Nothing can be added to a folder that is read-only.
    """
    lock = FileLock(_lock_file(workspace))
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


def adding_now(workspace: Workspace) -> str:
    """Return who is adding what to the workspace, in words; empty where nobody is."""
    if not _lock_file(workspace).exists():
        return ""
    with suppress(OSError):
        try:
            with FileLock(_lock_file(workspace), timeout=0):
                return ""
        except Timeout:
            return _holder(workspace)
    return ""


def recover(workspace: Workspace) -> None:
    """Finish, or take back, what a process was adding when it was killed. Does nothing while somebody adds.

    Raises:
        WorkspaceError: the workspace cannot be written.
    """
    if next(_stages(workspace), None) is not None:
        with writable(workspace.path), suppress(Timeout), FileLock(_lock_file(workspace), timeout=0):
            _recover(workspace)


def put_in_order(workspace: Workspace) -> None:
    """Finish, or take back, additions that were cut off, and remove what else killed processes have left.

    The first is done whenever something is to be looked at, which costs a look into the folder; the second once per
    process. What cannot be written stays as it is.
    """
    with suppress(SeamLensError):
        recover(workspace)
    _sweep_once(workspace)


def _sweep_once(workspace: Workspace) -> None:
    if workspace.path not in _swept:
        _swept.add(workspace.path)
        scratch.sweep(workspace.path)


def _recover(workspace: Workspace) -> None:
    for stage in _stages(workspace):
        if journal := Journal.read(stage):
            _settle(workspace, journal)
        shutil.rmtree(stage, ignore_errors=True)


def _stages(workspace: Workspace) -> Iterator[Path]:
    """Yield stage folders; not those in which earlier versions have left the only copy of something."""
    for path in workspace.path.glob(f"{_PREFIX}*"):
        if path.is_dir() and not path.name.endswith("-replaced"):
            yield path


def _settle(workspace: Workspace, journal: Journal) -> None:
    """Finish an addition whose rows are stored, take any other back, and forget it."""
    if _is_stored(workspace, journal.token):
        journal.finish()
    else:
        journal.undo()
    journal.clear()


def _is_stored(workspace: Workspace, token: str) -> bool:
    """Return whether the transaction with that token is stored. A server may still be storing it: then this waits."""
    try:
        with db.writing(workspace) as connection:
            connection.execute(insert(db.additions).values(token=token))
            connection.execute(delete(db.additions).where(db.additions.c.token == token))
    except IntegrityError:
        return True
    return False


def _lock_file(workspace: Workspace) -> Path:
    return workspace.path / ".adding.lock"


def _holder_file(workspace: Workspace) -> Path:
    """Return the file that says who holds the lock."""
    return workspace.path / ".adding.lock.json"


@contextmanager
def _locked(workspace: Workspace, name: str) -> Iterator[None]:
    lock, note = _acquired(workspace), _holder_file(workspace)
    try:
        holder = {"name": name, "pid": os.getpid(), "host": socket.gethostname()}
        note.write_text(json.dumps(holder | {"since": f"{datetime.now():%H:%M}"}), encoding="utf-8")
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def _acquired(workspace: Workspace) -> FileLock:
    """Return the lock of the workspace, held. Who has to wait is told for whom."""
    lock = FileLock(_lock_file(workspace))
    with suppress(Timeout):
        lock.acquire(timeout=PATIENCE)
        return lock
    _log.warning("Waiting: %s", _holder(workspace))
    try:
        lock.acquire(timeout=LONGEST_WAIT)
    except Timeout:
        raise WorkspaceError(
            f"Nothing can be added for now: {_holder(workspace)}", "Try again when that is done."
        ) from None
    return lock


def _holder(workspace: Workspace) -> str:
    try:
        holder = json.loads(readable(_holder_file(workspace)).read_text(encoding="utf-8"))
        who = f"process {holder['pid']} on {holder['host']}"
        return f"{holder['name']} is being added since {holder['since']} by {who}."
    except (OSError, ValueError, KeyError, TypeError):
        return "something else is being added."

"""Who trains. The operating system frees a lock when its process ends, however it ends: locked means alive.

No clock decides that: clocks are set, and a laptop that sleeps stops every process for hours.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock, Timeout

from core.errors import RunError
from core.files import make_folder
from core.runs.records import RunStatus
from core.workspace import Workspace

if sys.platform != "win32":
    import fcntl

PATIENCE = 2.0
"""Seconds to wait for a lock: someone may only be looking whether it is free."""

SHIFT = 3.0
"""Seconds by which the beginning of a process may seem to differ: the system counts in whole ones."""

START_PATIENCE = 10.0
"""Seconds to wait for those who start trainings at the same moment."""


@contextmanager
def held(path: Path, error: RunError, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock file ``path`` for the block, or raise ``error`` where another holds it for ``patience`` seconds."""
    lock = FileLock(path)
    try:
        lock.acquire(timeout=patience)
    except Timeout:
        raise error from None
    try:
        yield
    finally:
        lock.release()


def is_held(path: Path) -> bool:
    """Return whether some process, or another part of this one, holds the lock file ``path``."""
    if not path.exists():
        return False
    try:
        with FileLock(path, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # it may only be read
        return _is_held_elsewhere(path)


def _is_held_elsewhere(path: Path) -> bool:
    """Return whether a lock file is held that this user may only read; Windows cannot tell."""
    if sys.platform == "win32":
        return False
    with suppress(OSError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def starting(workspace: Workspace) -> Iterator[None]:
    """Be the only one who gives out slots in ``workspace`` for the block: two tabs must not start two trainings.

    Raises:
        RunError: another holds it for long.
    """
    make_folder(workspace.runs)
    error = RunError("Other trainings have been starting for ten seconds.", "Try again.")
    with held(workspace.runs / ".start.lock", error, START_PATIENCE):
        yield


def other_training(name: str) -> RunError:
    """Return the refusal of another training while ``name`` is training."""
    return RunError(
        f"{name} is training, and no slot is free.",
        "Wait for it, stop it, or queue this training with --detach.",
    )


def identity(pid: int) -> dict[str, Any]:
    """Return what :func:`is_same` knows a process by: the fields of `RunStatus` that tell it from others."""
    return {"pid": pid, **dict(zip(("born", "after_boot"), _beginnings(pid), strict=True))}


def own_identity() -> dict[str, Any]:
    """Return the `identity` of this process."""
    return identity(os.getpid())


def is_same(status: RunStatus) -> bool:
    """Return whether the process that ``status`` names is still there, and not another with its number."""
    if status.pid is None:
        return False
    # Where the clock is set, one of the two stays; which, that depends on the system.
    pairs = zip((status.born, status.after_boot), _beginnings(status.pid), strict=True)
    return any(then is not None and now is not None and abs(now - then) < SHIFT for then, now in pairs)


def _beginnings(pid: int) -> tuple[float | None, float | None]:
    """Return when a process began, as Unix time and in seconds after the system did; none of one that is gone."""
    try:
        born = psutil.Process(pid).create_time()
        return born, born - psutil.boot_time()
    except psutil.Error:
        return None, None

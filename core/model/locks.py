"""Who trains. The operating system frees a lock when its process ends, however it ends: locked means alive."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import RunError
from core.workspace import Workspace

PATIENCE = 2.0
"""Seconds to wait for a lock: someone may only be looking whether it is free."""


@contextmanager
def held(path: Path, error: RunError) -> Iterator[None]:
    """Hold the lock file ``path`` for the block, or raise ``error`` where another holds it."""
    lock = FileLock(path)
    try:
        lock.acquire(timeout=PATIENCE)
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
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def training_lock(workspace: Workspace) -> Path:
    """Return the lock file that whoever trains in ``workspace`` holds: one trains at a time."""
    return workspace.runs / ".training.lock"


def start_lock(workspace: Workspace) -> Path:
    """Return the lock file that whoever starts a training holds for a moment: two tabs must not start two."""
    return workspace.runs / ".start.lock"


def other_training(name: str) -> RunError:
    """Return the refusal of a second training while ``name`` is training."""
    return RunError(
        "no other training in this workspace", f"{name}, which has not ended", "Wait for it, or stop it."
    )

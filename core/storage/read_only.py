"""A SQLite database that can only be read: SQLite itself needs to write beside it, so a copy of it is read."""

import shutil
import tempfile
from pathlib import Path

from core import files
from core.errors import WorkspaceError

TRIES = 5
"""How often a database is copied until nobody has written into it meanwhile."""

INDEX = 32 * 1024
"""Bytes of the index that SQLite makes beside a database when it is opened, which takes room on the disk."""


class ReadOnlyCopy:
    """The copy of a database that can only be read, in a temporary folder that is gone with this object.

    Args:
        source: the SQLite file; where it is not there, the copy is empty.
    """

    def __init__(self, source: Path) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="seamlens-")
        self.file = Path(self._folder.name) / source.name
        for _ in range(TRIES):  # on a network drive another computer may write
            self._version = version(source)
            for file in (source, _log(source)):
                target = self.file.with_name(file.name)
                target.unlink(missing_ok=True)
                if file.is_file():
                    shutil.copyfile(file, target)
            if self.is_current(source):
                break

    def is_current(self, source: Path) -> bool:
        """Return whether the database is as it was when it was copied, and still can only be read."""
        return applies(source) and version(source) == self._version


def applies(source: Path) -> bool:
    """Return whether a SQLite file can only be read: it or its folder is read-only, or there is no room to open it."""
    return files.is_read_only(source) or files.is_read_only(source.parent) or _has_no_room(source)


def refusal(source: Path, folder: Path) -> WorkspaceError:
    """Return why nothing can be saved in the workspace ``folder``."""
    if _has_no_room(source):
        return WorkspaceError(
            f"The disk is full: {source} cannot be written.", "Free some space, then try again."
        )
    return WorkspaceError(
        f"{folder} is read-only.", "You can look at everything in it; nothing can be saved."
    )


def _has_no_room(source: Path) -> bool:
    index = source.with_name(f"{source.name}-shm")
    if index.is_file() and index.stat().st_size >= INDEX:
        return False
    return source.is_file() and shutil.disk_usage(source.parent).free < INDEX


def version(source: Path) -> tuple[tuple[int, int], ...]:
    """Return time (ns) and size (bytes) of a SQLite file and of the log beside it."""
    return files.files_version(source, _log(source))


def _log(source: Path) -> Path:
    return source.with_name(f"{source.name}-wal")

"""A SQLite database that may only be read: SQLite itself needs to write beside it, so a copy of it is read."""

import shutil
import tempfile
from pathlib import Path

from core import files

TRIES = 5
"""How often a database is copied until nobody has written into it meanwhile."""


class ReadOnlyCopy:
    """The copy of a database that may only be read, in a temporary folder that is gone with this object.

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
        """Return whether the database is as it was when it was copied, and still may only be read."""
        return applies(source) and version(source) == self._version


def applies(source: Path) -> bool:
    """Return whether a SQLite file, or its folder, may only be read."""
    return files.is_read_only(source) or files.is_read_only(source.parent)


def version(source: Path) -> tuple[tuple[int, int], ...]:
    """Return time (ns) and size (bytes) of a SQLite file and of the log beside it."""
    return files.files_version(source, _log(source))


def _log(source: Path) -> Path:
    return source.with_name(f"{source.name}-wal")

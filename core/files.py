"""Files that appear whole or not at all, an error where they cannot be written, the order of their names, and progress."""

import errno
import glob
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path

from core.errors import SeamLensError, WorkspaceError

Progress = Callable[[int, int | None], None]
"""Called as ``progress(done, total)``; the total may be unknown."""


@contextmanager
def replacing(path: Path, *, lasting: bool = False) -> Iterator[Path]:
    """Give a temporary name beside ``path``; what was written there takes its place when the block ends well.

    An error inside the block leaves ``path`` as it was and the temporary file or folder removed.

    Args:
        path: a file or folder.
        lasting: a file is on the disk before it takes the place, so that also a power failure leaves one of the two whole.
    """
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        yield partial
        if lasting:
            with partial.open("rb+") as file:
                os.fsync(file.fileno())
        partial.replace(path)
    finally:
        remove(partial)


FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""What the system calls a full disk, and a used-up share of one."""


def unwritable(path: Path, error: OSError, kind: type[SeamLensError] = SeamLensError) -> SeamLensError:
    """Return ``error``, met while something was written to the file or folder ``path``, in plain words."""
    if error.errno in FULL:
        place = next((each for each in (path, *path.parents) if each.exists()), Path())
        free = shutil.disk_usage(place).free / 1e6
        return kind(
            f"The disk is full ({free:.0f} MB free): {path} cannot be written.",
            "Free some space, then try again.",
        )
    why = str(error.strerror or error) + (f" ({error.filename})" if error.filename else "")
    return kind(
        f"{path} cannot be written: {why}.", "Check that its folder is there and that you may write to it."
    )


@contextmanager
def writable(path: Path, kind: type[SeamLensError] = WorkspaceError) -> Iterator[None]:
    """Raise in plain words, as an error of that ``kind``, that the block cannot write to the file or folder ``path``."""
    try:
        yield
    except OSError as error:
        raise unwritable(path, error, kind) from error


def remove_partials(path: Path) -> None:
    """Remove what :func:`replacing` left beside ``path`` where its process was killed; nobody may be writing it now."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.partial*"):
        remove(left)


def remove(path: Path) -> None:
    """Remove a file or folder, where it is there."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sorting key that puts ``seam_2`` before ``seam_10`` and does not mind capitals."""
    parts = re.split(r"([0-9]+)", name)
    # Digits by their length, then as text: however many there are, and whatever Python takes for a number.
    texts, numbers = parts[::2], [digits.lstrip("0") for digits in parts[1::2]]
    key = zip_longest(((1, 0, text.casefold()) for text in texts), ((0, len(n), n) for n in numbers))
    ordered = [part for pair in key for part in pair if part]
    return (*ordered, (1, 0, name))  # names that differ in capitals only keep one order

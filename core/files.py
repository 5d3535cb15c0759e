"""Files that appear whole or not at all, an error where they cannot be written, the order of their names, and progress."""

import errno
import glob
import os
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from itertools import zip_longest
from pathlib import Path, PurePath
from typing import TypeVar

from core.errors import SeamLensError, WorkspaceError
from core.scratch import TEMPORARY_UPLOAD, unique

Item = TypeVar("Item")

Progress = Callable[[int, int | None], None]
"""Called as ``progress(done, total)``; the total may be unknown."""


def part_of(progress: Progress | None, number: int, of: int) -> Progress | None:
    """Return the progress of one part, numbered from 0, as one of the whole: all ``of`` parts count as long as this one."""
    if progress is None:
        return None
    return lambda done, total: progress(number * (total or 0) + done, of * total if total else None)


def counted(items: Collection[Item], progress: Progress | None) -> Iterator[Item]:
    """Yield the items, and before each tell how many are done."""
    for done, item in enumerate(items):
        if progress:
            progress(done, len(items))
        yield item


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name beside ``path``; what was written there takes its place when the block ends well.

    It takes the place only when all of it is on the disk, and then the new name is flushed, too: a power failure leaves
    the old or the new, whole, and after the block the new. An error inside the block leaves ``path`` as it was and the
    temporary file or folder removed.

    Args:
        path: a file or folder.
    """
    with replacing_briefly(path) as partial:
        yield partial
    sync_folder(path.parent)


@contextmanager
def replacing_briefly(path: Path) -> Iterator[Path]:
    """Do as `replacing`, but for what is replaced again within seconds: a power failure may bring the old back, whole."""
    partial = path.with_name(f".{path.name}.{unique()}.partial")
    try:
        yield partial
        sync_tree(partial)
        partial.replace(path)
    finally:
        with suppress(OSError):  # of a read-only disk, which has said so already
            remove(partial)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, where they are not there; their names are on the disk then."""
    missing = [each for each in (path, *path.parents) if not each.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for each in missing:
        sync_folder(each.parent)


def sync_file(path: Path) -> None:
    """Return when the content of a file is on the disk, so that a power failure cannot take it."""
    flags = os.O_RDWR if os.name == "nt" else os.O_RDONLY  # Windows flushes only what may be written
    # Without the time of the last change, which would make it wait for what others write.
    _sync(path, flags, getattr(os, "fdatasync", os.fsync))


def sync_folder(path: Path) -> None:
    """Return when the names in a folder are on the disk: what was made, renamed or removed in it stays so."""
    if os.name == "nt":  # folders cannot be opened there; NTFS keeps names in its own journal
        return
    try:
        _sync(path, os.O_RDONLY, os.fsync)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # some network drives flush no folders
            raise


def sync_tree(path: Path) -> None:
    """Return when a file, or a folder with everything in it, is on the disk; not its own name in its parent."""
    if not path.is_dir():
        sync_file(path)
        return
    for folder, _, names in os.walk(path, topdown=False):
        for name in names:
            sync_file(Path(folder, name))
        sync_folder(Path(folder))


def _sync(path: Path, flags: int, flush: Callable[[int], None]) -> None:
    descriptor = os.open(path, flags)
    try:
        flush(descriptor)
    finally:
        os.close(descriptor)


FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""What the system calls a full disk, and a used-up share of one."""

REFUSED = {errno.EROFS, errno.EACCES, errno.EPERM}
"""What the system calls a disk, folder or file that may only be read."""

_PARTIAL = re.compile(r"\.(.+)\.[0-9a-f]{8}-\d+-[0-9a-f]{6}-\d+\.partial")


def is_read_only(path: Path) -> bool:
    """Return whether a file or folder that is there may be read and not written."""
    return path.exists() and not os.access(path, os.W_OK)


def unwritable(path: Path, error: OSError, kind: type[SeamLensError] = SeamLensError) -> SeamLensError:
    """Return ``error``, met while something was written to the file or folder ``path``, in plain words."""
    if error.errno in FULL:
        place = next((each for each in (path, *path.parents) if each.exists()), Path())
        free = shutil.disk_usage(place).free / 1e6
        return kind(
            f"The disk is full ({free:.0f} MB free): {path} cannot be written.",
            "Free some space, then try again.",
        )
    file = error.filename and Path(os.fsdecode(error.filename))
    if file and (name := _PARTIAL.fullmatch(file.name)):
        file = file.with_name(name[1])
    where = f" ({file})" if file and file != path else ""
    return kind(
        f"{path} cannot be written: {error.strerror or error}{where}.",
        "Check that its folder is there and that you may write to it.",
    )


def plain(error: Exception, folder: Path) -> SeamLensError | None:
    """Return in plain words that a disk is full or may only be read, or that a name is too long; none of another error.

    Args:
        error: met while somebody worked in the workspace ``folder``.
        folder: named where the error names no file.
    """
    if isinstance(error, sqlite3.OperationalError) and "disk is full" in str(error):
        error = OSError(errno.ENOSPC, str(error))
    if isinstance(error, OSError) and error.errno in FULL:
        return unwritable(folder, error, WorkspaceError)
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        name = str(error.filename or "")
        return WorkspaceError(
            f"A name of {len(name)} characters is too long for a file: {name[:40]}….", "Choose a shorter one."
        )
    if isinstance(error, OSError) and error.errno in REFUSED and error.filename is not None:
        return unwritable(folder, error, WorkspaceError)
    return None


@contextmanager
def writable(path: Path, kind: type[SeamLensError] = WorkspaceError) -> Iterator[None]:
    """Raise in plain words, as an error of that ``kind``, that the block cannot write to the file or folder ``path``."""
    try:
        yield
    except OSError as error:
        raise unwritable(path, error, kind) from error


def files_version(*paths: Path) -> tuple[tuple[int, int], ...]:
    """Return time (ns) and size (bytes) of each file; 0 where there is none, or none that can be looked at."""
    versions = []
    for path in paths:
        try:
            status = path.stat()
            versions.append((status.st_mtime_ns, status.st_size))
        except OSError:
            versions.append((0, 0))
    return tuple(versions)


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


def copy_or_link(source: Path, target: Path) -> None:
    """Put what a file holds at ``target``: as a second name for it where it is a temporary one, which is gone soon, and lies on the
    same disk; else as a copy.
    """
    if any(parent.name.startswith(TEMPORARY_UPLOAD) for parent in source.parents):
        with suppress(OSError):  # another disk, or one without such names
            os.link(source, target)
            return
    shutil.copyfile(source, target)


def told_apart(files: Collection[Path]) -> dict[Path, str]:
    """Return the name by which each file is shown: with its folder where another has the same name."""
    names = Counter(file.name for file in files)
    return {file: file.name if names[file.name] == 1 else f"{file.parent.name}/{file.name}" for file in files}


_SYSTEM_FILES = {
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "__macosx",
    "@eadir",
    "$recycle.bin",
    "system volume information",
}


def is_system_file(path: PurePath) -> bool:
    """Return whether a file is hidden or of the operating system, by its name or that of a folder it lies in.

    >>> is_system_file(PurePath("__MACOSX/Videos/._clip.mp4")), is_system_file(PurePath("a/~$labels.xlsx"))
    (True, True)
    """
    names = [name for name in path.parts if name != ".."]
    return any(name.startswith((".", "~$")) or name.lower() in _SYSTEM_FILES for name in names)


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sorting key that puts ``seam_2`` before ``seam_10`` and does not mind capitals."""
    parts = re.split(r"([0-9]+)", name)
    # Digits by their length, then as text: however many there are, and whatever Python takes for a number.
    texts, numbers = parts[::2], [digits.lstrip("0") for digits in parts[1::2]]
    key = zip_longest(((1, 0, text.casefold()) for text in texts), ((0, len(n), n) for n in numbers))
    ordered = [part for pair in key for part in pair if part]
    return (*ordered, (1, 0, name))  # names that differ in capitals only keep one order

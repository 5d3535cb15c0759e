"""Temporary folders and partial files: their names say whose they are, so that those of processes that ended can go."""

import itertools
import os
import re
import shutil
import socket
import time
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

DAY = 24 * 60 * 60
"""Seconds. What belongs to another machine, or to nobody, goes after so long without a change."""

ASIDE = "set-aside"
"""Folder of a workspace for what a repair takes away; nothing in it is ever deleted."""

NOT_SWEPT = ("frames", "videos", "inbox", ASIDE)
"""Folders of a workspace that hold many files, and nothing temporary, and the one where nothing is deleted."""

TEMPORARY_UPLOAD = ".upload-"
"""How the names of temporary folders of uploads begin."""

_MACHINE = f"{zlib.crc32(socket.gethostname().encode()):08x}"
_PROCESS = os.urandom(3).hex()
_numbers = itertools.count()

_OWNER = re.compile(r"([0-9a-f]{8})-(\d+)-([0-9a-f]{6})-\d+")
_TEMPORARY = re.compile(
    rf"\.(?:demo|upload|record|backup|export|cluster)-(?P<folder>{_OWNER.pattern}|\w{{8}})"
    rf"|\..+\.(?P<file>{_OWNER.pattern}|[0-9a-f]{{8}})\.partial.*"
    rf"|\..+\.deleted"
)
"""Eight characters alone stand for the owner in names of earlier versions; what was to be deleted is nobody's."""


def unique() -> str:
    """Return a part of a name that no other call returns and that says which process of which machine made it."""
    return f"{_MACHINE}-{os.getpid()}-{_PROCESS}-{next(_numbers)}"


def make_temporary_folder(parent: Path, kind: str) -> Path:
    """Make a temporary folder in ``parent``; ``kind`` is ``demo``, ``upload``, ``record``, ``backup``, ``export`` or
    ``cluster``. Whoever made it removes it.
    """
    folder = parent / f".{kind}-{unique()}"
    folder.mkdir(mode=0o700)
    return folder


@contextmanager
def temporary_folder(parent: Path, kind: str) -> Iterator[Path]:
    """Make a temporary folder in ``parent`` that is gone after the block; see `make_temporary_folder`."""
    folder = make_temporary_folder(parent, kind)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def leftovers(folder: Path, without: Collection[str] = NOT_SWEPT) -> list[Path]:
    """Return temporary folders and partial files below ``folder`` whose process has ended.

    Args:
        folder: a workspace, or another folder.
        without: names of its folders that are not looked into.
    """
    left = []
    for place, folders, files in os.walk(folder):
        names = [name for name in [*folders, *files] if name.startswith(".") and _TEMPORARY.fullmatch(name)]
        left += [path for name in names if is_left(path := Path(place, name))]
        folders[:] = [n for n in folders if n not in names and not (place == str(folder) and n in without)]
    return left


def sweep(folder: Path, without: Collection[str] = NOT_SWEPT) -> None:
    """Remove the `leftovers`; what cannot be removed stays."""
    for path in leftovers(folder, without):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()


def is_left(path: Path) -> bool:
    """Return whether a file or folder is a temporary one whose process has ended, as far as this machine can tell."""
    name = _TEMPORARY.fullmatch(path.name)
    if name is None:
        return False
    owner = _OWNER.fullmatch(name["folder"] or name["file"] or "")
    try:
        changed = path.stat().st_mtime
    except FileNotFoundError:
        return False
    if owner is None or owner[1] != _MACHINE:
        return time.time() - changed > DAY
    pid = int(owner[2])
    if pid == os.getpid():
        return (
            owner[3] != _PROCESS
        )  # of an earlier process with this number: in a container it is always the same
    try:  # a number may have been given anew; a day, for clocks are set
        return psutil.Process(pid).create_time() > changed + DAY
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False

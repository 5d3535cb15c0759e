"""Folders on disks where nothing can be written: read-only ones, and full ones."""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """Give a folder with what is in ``folder``, read-only; skip the test where that cannot be made.

    Root may write everywhere but on a disk that is mounted read-only; for others the files lose their bits.
    """
    with _mounted(folder) if os.geteuid() == 0 else _without_bits(folder) as place:
        yield place


@contextmanager
def full(folder: Path, megabytes: int = 8) -> Iterator[Path]:
    """Give a copy of ``folder`` on a disk of its own without a byte left; skip the test where none can be mounted."""
    disk = folder.with_name(f"{folder.name} full")
    disk.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", disk)
    try:
        place = Path(shutil.copytree(folder, disk / folder.name))
        fill(place)
        yield place
    finally:
        # Lazily: this process may still have a database open on it.
        subprocess.run(["umount", "--lazy", disk], check=True, capture_output=True)


def fill(place: Path) -> None:
    """Leave not a byte on a disk that `full` gave; a repair of the workspace may have made room."""
    with (place.parent / "filling").open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def _mount(*arguments: str | Path) -> None:
    try:
        subprocess.run(["mount", *arguments], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this needs a disk of its own, and nothing can be mounted here")


@contextmanager
def _mounted(folder: Path) -> Iterator[Path]:
    place = folder.with_name(f"{folder.name} read-only")
    place.mkdir()
    _mount("--bind", folder, place)
    try:
        _mount("-o", "remount,ro,bind", place)
        yield place
    finally:
        subprocess.run(["umount", place], check=True, capture_output=True)


@contextmanager
def _without_bits(folder: Path) -> Iterator[Path]:
    paths = [folder, *folder.rglob("*")]
    before = {path: path.stat().st_mode for path in paths}
    for path in paths:
        path.chmod(before[path] & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    try:
        yield folder
    finally:
        for path in paths:
            path.chmod(before[path])

"""A folder that may only be read, as on a disk that is mounted read-only."""

import os
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
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
def _mounted(folder: Path) -> Iterator[Path]:
    place = folder.with_name(f"{folder.name} read-only")
    place.mkdir()
    try:
        for options in (["--bind", folder, place], ["-o", "remount,ro,bind", place]):
            subprocess.run(["mount", *options], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a folder that root cannot write needs a mount, which is not allowed here")
    try:
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

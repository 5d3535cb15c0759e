"""A disk whose power can be cut: an ext4 file system in a file.

What a program writes lies in the memory of the system until it is flushed, or until the system finds time. The blocks of
the image are therefore what a disk holds at that moment: a copy of them, mounted, is the computer after a power failure.
"""

import filecmp
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

MEGABYTES = 64
"""Of the disk: enough for a small class, and copied in a moment."""

PATIENCE = 180
"""Seconds to wait for an acknowledgement."""


def mountable(folder: Path) -> bool:
    """Return whether file systems can be mounted here, which takes root and a loop device."""
    try:
        with mounted(_formatted(folder / "trial.img", megabytes=8), folder / "trial"):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


@contextmanager
def mounted(image: Path, place: Path) -> Iterator[Path]:
    """Mount an image for the block; the journal of its file system is replayed first."""
    place.mkdir()
    _run("mount", "-o", "loop", image, place)
    try:
        yield place
    finally:
        _run("umount", place)
        place.rmdir()


@contextmanager
def disk(folder: Path) -> Iterator["Disk"]:
    """Make an empty disk in ``folder`` and mount it for the block."""
    image = _formatted(folder / "disk.img", MEGABYTES)
    with mounted(image, folder / "disk") as place:
        yield Disk(image, place)


class Disk:
    """A mounted disk.

    Args:
        image: the file that holds its blocks.
        path: where it is mounted.
    """

    def __init__(self, image: Path, path: Path) -> None:
        self._image, self.path = image, path

    def flush(self) -> None:
        """Let everything be on the disk that was written so far."""
        _run("sync", "-f", self.path)

    def after_power_cut(self, target: Path) -> None:
        """Copy what would be on the disk after a power cut at this moment to the folder ``target``."""
        copy = target.with_suffix(".img")
        # The system goes on writing: two readings that agree are one moment.
        while not (shutil.copyfile(self._image, copy) and filecmp.cmp(self._image, copy, shallow=False)):
            filecmp.clear_cache()
        filecmp.clear_cache()
        with mounted(copy, target.with_suffix(".mounted")) as place:
            shutil.copytree(place, target, ignore=shutil.ignore_patterns("lost+found"))
        copy.unlink()


class Worker:
    """A process that works on a disk, and prints a line of JSON for everything that it has acknowledged.

    Args:
        job: one of `tests.reliability.jobs.JOBS`.
        workspace: on the disk.
        sources: a folder elsewhere, with what is to be added.
    """

    def __init__(self, job: str, workspace: Path, sources: Path) -> None:
        command = [sys.executable, "-m", "tests.reliability.jobs", job, str(workspace), str(sources)]
        self._log = sources.parent / "worker.txt"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, start_new_session=True
            )
        assert self._process.stdout
        self._pipe = self._process.stdout.fileno()
        self._text = b""
        self.acknowledged: list[dict[str, Any]] = []
        os.set_blocking(self._pipe, False)

    def wait_for_more(self) -> None:
        """Wait until something is acknowledged that was not before."""
        before = len(self.acknowledged)
        while len(self.acknowledged) == before:
            ready, _, _ = select.select([self._pipe], [], [], PATIENCE)
            assert ready and self._read(), (
                f"after {before} the worker {'has ended' if ready else 'is silent'}: {self._log.read_text()}"
            )

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Let the process stand still for the block; all that it acknowledged before has arrived."""
        os.killpg(self._process.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        while self._read():
            pass
        try:
            yield
        finally:
            os.killpg(self._process.pid, signal.SIGCONT)

    def end(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()

    def _read(self) -> bool:
        """Take what is in the pipe; return whether there was something."""
        try:
            text = os.read(self._pipe, 1 << 20)
        except BlockingIOError:
            return False
        *lines, self._text = (self._text + text).split(b"\n")
        self.acknowledged += [json.loads(line) for line in lines]
        return bool(text)


@pytest.fixture(scope="session")
def can_mount(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip where no file system can be mounted: nothing else shows honestly what a power cut leaves."""
    if not mountable(tmp_path_factory.mktemp("mount")):
        pytest.skip(
            "a power cut needs a file system of its own: run as root, where loop devices may be mounted"
        )


def _formatted(image: Path, megabytes: int) -> Path:
    with image.open("wb") as file:
        file.truncate(megabytes * 2**20)
    _run("mkfs.ext4", "-q", "-F", image)
    return image


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True)

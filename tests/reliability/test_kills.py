"""`kill -9` while something is added: afterwards it is whole or as before, the same command works, and nothing is left.

Every point at which files move or rows are written is tried, then random moments.
"""

import multiprocessing
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from core.media.transaction import recover
from core.scratch import leftovers
from core.workspace import open_workspace
from tests.reliability.additions import (
    ADDITIONS,
    WORKSPACE,
    add_until,
    add_when_told,
    contents,
)

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.reliability.warm"])


class Trial:
    """One addition, tried again and again from the same start in the same folder."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.start, self.folder = name, folder / "start", folder / "trial"
        self.start.mkdir()
        ADDITIONS[name].prepare(self.start)
        self.reset()
        self.before = contents(self.folder)
        self.run(add_until, None)
        self.points = int((self.folder / "points").read_text())
        self.after = contents(self.folder)

    def reset(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.start, self.folder)

    def process(self, target: Callable[..., None], *arguments: Any) -> BaseProcess:
        process = PROCESSES.Process(target=target, args=(self.name, self.folder, *arguments))
        process.start()
        return process

    def run(self, target: Callable[..., None], *arguments: Any) -> int | None:
        process = self.process(target, *arguments)
        process.join()
        return process.exitcode

    def seconds(self) -> float:
        """How long the addition takes where nobody kills it."""
        self.reset()
        ready, sender = PROCESSES.Pipe(duplex=False)
        process = self.process(add_when_told, sender)
        ready.recv()
        began = time.monotonic()
        ready.recv()
        taken = time.monotonic() - began
        process.join()
        return taken

    def kill_after(self, seconds: float) -> None:
        self.reset()
        ready, sender = PROCESSES.Pipe(duplex=False)
        process = self.process(add_when_told, sender)
        ready.recv()
        time.sleep(seconds)  # a random moment is what is wanted
        process.kill()
        process.join()

    def faults(self, when: str) -> Iterator[str]:
        """Yield what is wrong after a kill, and after the same command was given again."""
        workspace = open_workspace(self.folder / WORKSPACE)
        recover(workspace)
        if (held := contents(self.folder)) not in (self.before, self.after):
            yield f"{when}: neither as before nor whole: {self.difference(held)}"
        try:
            ADDITIONS[self.name].add(self.folder)
        except Exception as error:
            yield f"{when}: the same command fails: {error}"
        if (held := contents(self.folder)) != self.after:
            yield f"{when}: lost or left over: {self.difference(held)}"
        if left := leftovers(workspace.path):
            yield f"{when}: leftovers {left}"

    def difference(self, held: dict[str, Any]) -> str:
        missing, more = self.after.items() - held.items(), held.items() - self.after.items()
        return f"{len(missing)} missing, such as {sorted(missing)[:3]}; {len(more)} more, such as {sorted(more)[:3]}"


@pytest.fixture(params=ADDITIONS)
def trial(request: pytest.FixtureRequest, tmp_path: Path) -> Trial:
    return Trial(request.param, tmp_path)


def test_additions_do_replace_something(trial: Trial) -> None:
    """Otherwise the rest would show nothing."""
    assert trial.before.items() - trial.after.items() or trial.name == "class folders again"
    assert trial.after.keys() - trial.before.keys()


@pytest.mark.long
def test_killed_at_every_point(trial: Trial) -> None:
    faults = []
    for point in range(trial.points):
        trial.reset()
        assert trial.run(add_until, point) == -signal.SIGKILL
        faults += trial.faults(f"point {point} of {trial.points}")
    print(f"{trial.name}: killed at {trial.points} points, {len(faults)} faults")
    assert faults == []


def killed_at_random(trial: Trial, times: int) -> list[str]:
    draw, seconds = random.Random(15), trial.seconds()
    faults = []
    for number in range(times):
        moment = draw.uniform(0, seconds)
        trial.kill_after(moment)
        faults += trial.faults(f"kill {number} after {moment:.4f} of {seconds:.4f} s")
    print(f"{trial.name}: killed at {times} random moments, {len(faults)} faults")
    return faults


@pytest.mark.long
def test_killed_at_random_moments(trial: Trial) -> None:
    assert killed_at_random(trial, 6) == []


@pytest.mark.nightly
def test_killed_at_two_hundred_random_moments(trial: Trial) -> None:
    assert killed_at_random(trial, 200 // len(ADDITIONS)) == []

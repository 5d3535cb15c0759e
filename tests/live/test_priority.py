"""Trainings and jobs step back while something is live."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.jobs import processes
from core.live.priority import LivePriority
from tests.helpers.waiting import until


@pytest.fixture
def job() -> Iterator[int]:
    """A process with a session of its own, as jobs have."""
    words = [sys.executable, "-c", "input()"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, start_new_session=True) as process:
        yield process.pid
        process.communicate(b"\n")


@pytest.mark.skipif(sys.platform == "win32", reason="niceness is of POSIX")
def test_a_job_steps_back_while_pictures_come(job: int) -> None:
    priority = LivePriority(lambda: [job], over=0.2, every=0.02)
    priority.tell()
    until(lambda: os.getpriority(os.PRIO_PROCESS, job) == processes.LOWEST)
    assert priority.wait(10)


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="the system shares among processes")
def test_the_session_of_a_job_comes_forward_again(job: int) -> None:
    group = Path(f"/proc/{job}/autogroup")
    priority = LivePriority(lambda: [job], over=0.2, every=0.02)
    priority.tell()
    until(lambda: group.read_text().rstrip().endswith(f"nice {processes.LOWEST}"))
    until(lambda: group.read_text().rstrip().endswith(f"nice {processes.NICENESS}"))


def test_what_cannot_be_asked_now_is_asked_at_the_next_look() -> None:
    asked: list[int] = []

    def working() -> list[int]:
        asked.append(1)
        raise OSError("the workspace is being moved")

    priority = LivePriority(working, over=0.2, every=0.02)
    priority.tell()
    until(lambda: len(asked) > 1)
    assert priority.wait(10)

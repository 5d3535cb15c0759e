"""Jobs of pages: each in a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from core import workspace as workspaces
from core.access.person import NOBODY, acting_as
from core.errors import AccessError, MediaError, SeamLensError
from core.jobs.background import BackgroundJobs, Job, Task
from core.workspace import Workspace
from tests.helpers import child_work, jobs_here
from tests.helpers.jobs_here import Held
from tests.helpers.signed_in import ANNA, BEN, TEACHER, signing_in
from tests.helpers.waiting import until


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspaces.create(tmp_path / "class")


def task(function: Callable[..., Any], *args: Any, key: str = "key", **more: Any) -> Task:
    return Task(key, "Adding it up", ("Videos",), function, args, lambda result: [f"It is {result}."], **more)


def ended(workspace: Workspace, wanted: Task) -> Job:
    job, _ = BackgroundJobs().start(workspace, wanted)
    assert job.wait(120)
    return job


def test_a_job_tells_what_came_of_it(workspace: Workspace) -> None:
    job = ended(workspace, task(child_work.add_up, 2, 3))
    assert (job.state, job.result, job.lines, job.share) == ("done", 5, ("It is 5.",), 0.5)


def test_an_error_tells_what_is_wrong_and_what_to_do(workspace: Workspace) -> None:
    wanted = task(child_work.refuse, "It is no video.", at_end=lambda is_done: "It is in the inbox.")
    job = ended(workspace, wanted)
    [error] = job.lines
    assert job.state == "failed" and isinstance(error, MediaError)
    assert str(error) == "It is no video. Take another one. It is in the inbox."


@pytest.mark.parametrize(
    ("work", "words"), [(child_work.break_down, "log number: "), (child_work.die, "ended by SIGKILL")]
)
def test_what_nobody_expected_is_told_too(
    workspace: Workspace, work: Callable[..., None], words: str
) -> None:
    [error] = ended(workspace, task(work)).lines
    assert isinstance(error, SeamLensError) and words in str(error)


def test_a_cancelled_job_leaves_nothing_half_made(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    workspace = workspaces.open_workspace(Path("class"))  # relative to the folder of the server
    before = {path.name for path in workspace.path.iterdir()}
    given = workspace, tmp_path / "started"
    so_far = "{0[0]} of 2 was added.".format
    job, _ = BackgroundJobs().start(workspace, task(child_work.add_for_ever, *given, so_far=so_far))
    until(lambda: (tmp_path / "started").exists() and job.share, "the middle of an addition")
    assert (
        job.share == 0.25 and len(list(workspace.path.glob(".*-*"))) == 2
    )  # the stage, and the folder of the demo
    job.cancel()
    assert job.wait(60) and job.state == "cancelled"
    assert job.parts == ["the first"]
    assert job.lines == ("Adding it up was cancelled. the first of 2 was added. Nothing half-made is left.",)
    assert {path.name for path in workspace.path.iterdir()} - before <= {
        ".adding.lock",
        ".adding.lock.json",
        "labels.db",
    }
    assert not any(workspace.frames.iterdir())


def test_no_process_goes_on_when_the_server_was_killed(workspace: Workspace, tmp_path: Path) -> None:
    server = (
        "import sys; from pathlib import Path; from core.jobs.child import Child; from core.workspace import open_workspace;"
        "from tests.helpers import child_work; path = Path(sys.argv[1]);"
        "child = Child(child_work.add_for_ever, (open_workspace(path), Path(sys.argv[2])), path); list(child.messages())"
    )
    file = tmp_path / "started"
    process = subprocess.Popen(
        [sys.executable, "-c", server, str(workspace.path), str(file)], cwd=Path(__file__).parents[2]
    )
    until(lambda: file.exists() and file.read_text(), "the start of the job")
    child = psutil.Process(int(file.read_text()))
    os.kill(process.pid, signal.SIGKILL)
    process.wait(60)
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, "the end of the job")


def test_what_takes_but_a_moment_is_done_here(workspace: Workspace) -> None:
    jobs = BackgroundJobs()
    job = jobs.do_quickly(workspace, task(child_work.add_up, 2, 3))
    assert job and (job.state, job.result, job.lines) == ("done", 5, ())
    assert jobs.latest(workspace, "key") is job and not jobs.ended(workspace, "")


def test_what_takes_longer_is_left_in_the_middle(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs_here.take_long(monkeypatch)
    jobs = BackgroundJobs()
    assert jobs.do_quickly(workspace, task(child_work.add_up, 2, 3)) is None
    assert jobs.latest(workspace, "key") is None


class TestOrder:
    """Which jobs begin; their processes are held here."""

    @pytest.fixture(autouse=True)
    def held(self, monkeypatch: pytest.MonkeyPatch) -> None:
        jobs_here.go_on(monkeypatch)

    def test_of_two_who_start_the_same_the_second_gets_the_job_of_the_first(
        self, workspace: Workspace
    ) -> None:
        jobs = BackgroundJobs()
        first, _ = jobs.start(workspace, task(print, user="Ada"))
        assert jobs.start(workspace, task(print, user="Eva")) == (first, False)
        other, is_new = jobs.start(workspace, task(print, key="another", user="Eva"))
        assert is_new and jobs.running(workspace) == [first, other]
        jobs.end()
        assert first.state == other.state == "cancelled" and not jobs.running(workspace)
        assert jobs.ended(workspace, "Ada") == [first] and jobs.ended(workspace, "Eva") == [other]

    def test_one_that_has_ended_can_be_started_again(self, workspace: Workspace) -> None:
        jobs = BackgroundJobs()
        first, _ = jobs.start(workspace, task(print))
        first.cancel()
        assert first.wait(60)
        again, is_new = jobs.start(workspace, task(print))
        assert is_new and jobs.latest(workspace, "key") is again
        Held.may_end.set()
        assert again.wait(60)
        jobs.start(workspace, task(print))
        assert jobs.latest(workspace, "key").earlier == "what it was asked for"  # type: ignore[union-attr]
        jobs.end()

    def test_a_job_waits_for_its_turn_and_can_be_cancelled_meanwhile(self, workspace: Workspace) -> None:
        jobs = BackgroundJobs(at_once=1)
        first, _ = jobs.start(workspace, task(print))
        until(lambda: first.share, "the first job")
        second, _ = jobs.start(workspace, task(print, key="second"))
        third, _ = jobs.start(workspace, task(print, key="third"))
        second.cancel()
        assert second.wait(60) and second.state == "cancelled"
        assert (first.state, third.state) == ("running", "waiting")
        Held.may_end.set()
        assert first.wait(60) and third.wait(60) and third.state == "done"


def test_a_job_acts_as_whoever_began_it_whatever_thread_does_it(workspace: Workspace) -> None:
    with signing_in() as sign_in, acting_as(ANNA):
        sign_in(NOBODY)  # as the server knows its own threads
        assert ended(workspace, task(child_work.say_who)).result == [ANNA, ANNA]


def test_a_job_is_cancelled_by_whoever_began_it_or_an_instructor(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs_here.go_on(monkeypatch)
    with acting_as(ANNA):
        job, _ = BackgroundJobs().start(workspace, task(child_work.add_up, 2, 3))
    with acting_as(BEN), pytest.raises(AccessError, match="what somebody else has begun"):
        job.cancel()
    assert not job.is_cancelled
    with acting_as(TEACHER):
        job.cancel()
    assert job.wait(20) and job.state == "cancelled"


def test_the_end_of_the_server_cancels_everybodys_jobs(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs_here.go_on(monkeypatch)
    jobs = BackgroundJobs()
    with acting_as(ANNA):
        job, _ = jobs.start(workspace, task(child_work.add_up, 2, 3))
    with acting_as(NOBODY):
        jobs.end()
    assert job.is_cancelled

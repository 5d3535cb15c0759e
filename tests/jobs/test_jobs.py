import signal
import subprocess
import sys

import pytest

from core.errors import RunError
from core.jobs import jobs, processes
from tests.helpers import tiny_class
from tests.helpers.waiting import until


def test_started_watched_stopped(workspace):
    run = jobs.start(workspace, tiny_class.quick(network="seam_lite", epochs=100_000))
    assert run.state in ("starting", "running")
    second = jobs.start(workspace, tiny_class.quick())
    assert (second.state, jobs.place(second)) == ("queued", 1)
    jobs.stop(second)
    assert second.state == "stopped"
    until(lambda: run.status.step > 3)
    assert run.state == "running"
    jobs.stop(run)
    until(lambda: not run.is_alive)
    assert run.state == "stopped" and run.has_model
    with pytest.raises(RunError, match="nothing to stop"):
        jobs.stop(run)


def test_a_process_that_cannot_start_is_a_failed_run(workspace, monkeypatch):
    monkeypatch.setattr(
        processes, "_environment", lambda root: {"PATH": "", "PYTHONPATH": "/nowhere", "PYTHONHOME": "/no"}
    )
    run = jobs.start(workspace, tiny_class.quick())
    until(lambda: run.state == "failed")
    assert run.status.error


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a POSIX signal")
def test_killed_is_interrupted(workspace, monkeypatch):
    started = []
    popen = subprocess.Popen
    monkeypatch.setattr(
        subprocess, "Popen", lambda *args, **kwargs: started.append(popen(*args, **kwargs)) or started[-1]
    )
    run = jobs.start(workspace, tiny_class.quick(network="seam_lite", epochs=100_000))
    until(lambda: run.state == "running")
    started[0].send_signal(signal.SIGKILL)
    until(lambda: run.state == "interrupted")
    assert not jobs.all_active(workspace)

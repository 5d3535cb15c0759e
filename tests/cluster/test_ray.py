"""Trainings on a real Ray cluster of this computer with two workers."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.jobs import jobs
from core.training.create_run import create_run
from tests.helpers import tiny_class

pytest.importorskip("ray", reason="Ray is not installed: pip install -r requirements-cluster.txt")

PATIENCE = 270
"""Seconds that everything may take."""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@pytest.fixture
def address(tmp_path_factory, monkeypatch):
    """A head node in the foreground, whose processes end with it, and its address."""
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    folder, port = Path(f"/tmp/r{os.getpid()}"), free_port()  # sockets of Ray must have short names
    command = [
        sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", f"--port={port}", "--num-cpus=2",
        "--include-dashboard=false", "--disable-usage-stats", f"--temp-dir={folder}",
        "--object-store-memory=200000000", f"--ray-client-server-port={free_port()}",
    ]  # fmt: skip
    monkeypatch.setenv("RAY_raylet_start_wait_time_s", "120")  # on a machine that is busy
    written = tmp_path_factory.mktemp("ray") / "log"
    log = written.open("wb")
    process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        until(
            lambda: b"Ray runtime started" in written.read_bytes() or process.poll() is not None,
            "Ray has started",
        )
        assert process.poll() is None, "Ray has ended at once"
        yield f"127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)  # it ends what it has started
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def until(is_so, what: str):
    end = time.monotonic() + PATIENCE
    while not (value := is_so()):
        assert time.monotonic() < end, f"not in time: {what}"
        time.sleep(0.2)
    return value


def worker_process(run) -> int | None:
    log = run.path / "log.txt"
    found = re.findall(r"on the cluster: .*, process (\d+)", log.read_text("utf-8") if log.exists() else "")
    return int(found[-1]) if found else None


def train_here(run) -> None:
    """Train with as many threads as a worker of one processor has: sums in another order differ by more than 1e-4 after an epoch."""
    threads = {"TF_NUM_INTRAOP_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "core", "--workspace", str(run.workspace.path), "train-run", run.id]
    subprocess.run(command, env=os.environ | threads, check=True, timeout=PATIENCE)


@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_four_runs_end_well_where_a_worker_is_killed_and_learn_as_they_do_here(tmp_path, address):
    workspace = tiny_class.make(tmp_path / "class")
    settings = [tiny_class.quick(network="seam_lite", seed=seed, epochs=6) for seed in range(4)]
    here = [create_run(workspace, each) for each in settings]
    away = [create_run(workspace, each) for each in settings]
    for run in away:
        jobs.enqueue(run, address)
    victim = until(lambda: next((run for run in away if 1 <= len(run.history) < 4), None), "an epoch")
    os.kill(worker_process(victim), signal.SIGKILL)
    until(lambda: all(run.state not in ("queued", "starting", "running") for run in away), "all have ended")
    assert [run.state for run in away] == ["done"] * 4, [run.last_words for run in away]
    assert [run.history["epoch"].tolist() for run in away] == [[1, 2, 3, 4, 5, 6]] * 4
    assert "it continues after epoch" in (victim.path / "log.txt").read_text("utf-8")
    for there, run in zip(away, here, strict=True):
        train_here(run)
        losses = run.history[["loss", "val_loss"]].iloc[0].tolist()
        assert there.history[["loss", "val_loss"]].iloc[0].tolist() == pytest.approx(losses, rel=1e-4)

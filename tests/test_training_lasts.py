"""The promise that a training cannot be lost: killed again and again, it ends as if nothing had happened."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from core.inputs import batches
from core.jobs import jobs, slots
from core.networks.registry import NETWORKS
from core.runs import run_store as runs
from core.runs.settings import TrainSettings
from core.training import checkpoint
from core.training.model_state import logits_of
from tests.helpers import tiny_class
from tests.helpers.leftover_processes import trainings
from tests.helpers.waiting import until

pytestmark = [
    pytest.mark.long,  # four minutes on two cores
    pytest.mark.timeout(1200),
    pytest.mark.skipif(sys.platform == "win32", reason="kills with POSIX signals"),
]

KILLS, EPOCHS = 10, 24
SETTINGS = TrainSettings(
    "seam_lite",
    size=(tiny_class.SIDE, tiny_class.SIDE),
    recipe=replace(NETWORKS["seam_lite"].recipe, epochs=EPOCHS, least_steps=12, batch=16),
)


@pytest.fixture
def workspace(tmp_path):
    return tiny_class.make(tmp_path / "class")


def is_there(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def kill(run, chance):
    """Kill the process group of ``run`` at a random moment after it begins to learn; return its number."""
    until(lambda: run.status.phase in ("learning", "validating") and run.is_alive, "it learns")
    time.sleep(chance.uniform(0, 1.5))  # the moment is what is tested
    if run.state != "running":
        return None
    pid = run.status.pid
    os.killpg(pid, signal.SIGKILL)
    until(lambda: not is_there(pid) and run.state == "interrupted", "the death is known")
    return pid


def test_killed_ten_times_it_ends_as_if_nothing_had_happened(workspace):
    seed = random.randrange(10**6)
    print(f"seed of the moments: {seed}")  # pytest shows it on failure
    chance, killed = random.Random(seed), []
    run = jobs.start(workspace, SETTINGS)
    for _ in range(KILLS):
        if (pid := kill(run, chance)) is None:
            break
        killed.append(pid)
        before = run.history
        assert len(before) <= checkpoint.read(run)[0].epoch  # the checkpoint is written first
        jobs.resume(run)
    until(lambda: run.state not in ("queued", "starting", "running"), "it ends", 600)
    print(f"killed {len(killed)} times")
    assert run.state == "done", run.last_words
    assert len(killed) >= KILLS - 2  # a quick machine may be done earlier
    _is_whole(run)
    assert not any(is_there(pid) for pid in killed) and not run.is_alive
    until(lambda: not trainings(workspace), "the last process has gone")


def _is_whole(run):
    """Assert that each epoch is there once, that it learned on and on, and that the best network is the kept one."""
    history = run.history
    assert history["epoch"].tolist() == list(range(1, EPOCHS + 1))
    assert history["loss"].iloc[1:].max() < 1.1 * history["loss"].iloc[0]  # it never began anew
    assert history["loss"].iloc[-5:].mean() < 0.7 * history["loss"].iloc[:3].mean()
    best = run.status.best
    assert best.epoch == history.loc[history["val_loss"].idxmin(), "epoch"]
    assert best.val_loss == pytest.approx(history["val_loss"].min(), rel=1e-5)
    assert _validation_loss(run) == pytest.approx(best.val_loss, rel=1e-3)


def _validation_loss(run):
    from core.networks.architectures import logits_model
    from core.training.losses import mean_loss

    logits, part = logits_model(run.load_model()), batches.load(run, "valid")
    return float(mean_loss(part.targets, logits_of(part, logits), run.attributes.exclusive))


PARENT = """
import sys
from pathlib import Path
from core.jobs import jobs
from core.workspace import open_workspace
from tests.test_training_lasts import SETTINGS
workspace = open_workspace(Path(sys.argv[1]))
print(jobs.start(workspace, SETTINGS).id, jobs.start(workspace, SETTINGS).id, flush=True)
sys.stdin.read()
"""


def test_the_page_is_killed_and_the_training_goes_on_and_is_found(workspace):
    """A stand-in for Streamlit starts one run and queues another, and is killed."""
    command = [sys.executable, "-c", PARENT, str(workspace.path)]
    parent = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    run, queued = (runs.get_run(workspace, id) for id in parent.stdout.readline().split())
    until(lambda: run.state == "running", "it trains")
    parent.kill()
    parent.wait()
    seen = run.status.step if run.status.step else 0
    until(lambda: run.status.step > seen + 5, "it goes on")
    assert slots.all_active(workspace)[0].id == run.id
    jobs.stop(run)
    until(lambda: run.state == "stopped", "it stops")
    assert run.has_model
    until(lambda: queued.state == "running", "the ending process has started the next")
    until(lambda: queued.status.step > 0, "that learns")
    jobs.kill(queued)
    assert queued.state == "stopped" and not slots.all_active(workspace)
    until(lambda: not trainings(workspace), "no process is left behind")

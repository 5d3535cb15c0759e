"""Trainings as processes of their own, known by the folder of their run. Nothing here imports TensorFlow."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import core
from core.errors import RunError
from core.model import locks
from core.model.runs import Run, TrainSettings, create_run, list_runs
from core.workspace import Workspace

NICENESS = 5
"""How far a training steps back behind the user interface."""


def start(workspace: Workspace, settings: TrainSettings) -> Run:
    """Make a run and train it in a process that outlives this one.

    Raises:
        RunError: another training has not ended, or there is nothing to learn from.
    """
    workspace.runs.mkdir(exist_ok=True)
    with locks.held(locks.start_lock(workspace), locks.other_training("a run that is just starting")):
        if busy := active(workspace):
            raise locks.other_training(busy.id)
        run = create_run(workspace, settings)
        run.write_status(state="starting")
        process = _spawn(run)
    # Someone must wait for the process, or it stays behind as a zombie when it ends.
    threading.Thread(target=_wait, args=(process, run), name=f"wait-{run.id}", daemon=True).start()
    return run


def stop(run: Run) -> None:
    """Ask the training of ``run`` to end after its current step; its best epoch is kept.

    Raises:
        RunError: it is not training.
    """
    if (state := run.state) not in ("starting", "running"):
        raise RunError("a run that is training", f"{run.id}, which is {state}", "There is nothing to stop.")
    run.stop_file.touch()


def state(run: Run) -> str:
    """Return the state of ``run``; see :attr:`core.model.run.Run.state`."""
    return run.state


def active(workspace: Workspace) -> Run | None:
    """Return the run that is starting or training, if one is."""
    return next((run for run in list_runs(workspace) if run.state in ("starting", "running")), None)


def _spawn(run: Run) -> "subprocess.Popen[bytes]":
    root = Path(core.__file__).resolve().parents[1]
    command = [
        sys.executable,
        "-m",
        "core",
        "--workspace",
        str(run.workspace.path.resolve()),
        "train-run",
        run.id,
    ]
    with (run.path / "log.txt").open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=root,
            env=_environment(root),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            **_detached(),
        )
    if sys.platform != "win32":
        os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
    return process


def _environment(root: Path) -> dict[str, str]:
    """Return the environment of a training: it finds ``core``, and leaves a core to the user interface.

    With two cores it keeps both, at a lower priority: with one it would take nearly twice as long.
    """
    path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    environment = os.environ | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}
    cores = os.cpu_count() or 1
    if cores > 2:
        environment = {
            "TF_NUM_INTRAOP_THREADS": str(cores - 1),
            "OMP_NUM_THREADS": str(cores - 1),
        } | environment
    return environment


def _detached() -> dict[str, Any]:
    if sys.platform != "win32":
        return {"start_new_session": True}
    return {
        "creationflags": subprocess.DETACHED_PROCESS
        | subprocess.CREATE_NEW_PROCESS_GROUP
        | subprocess.BELOW_NORMAL_PRIORITY_CLASS
    }


def _wait(process: "subprocess.Popen[bytes]", run: Run) -> None:
    code = process.wait()
    if code != 0 and run.path.is_dir() and run.status["state"] == "starting":
        lines = (run.path / "log.txt").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        run.write_status(state="failed", error=lines[-1] if lines else f"The process ended with code {code}.")

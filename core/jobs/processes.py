"""The processes of trainings and of other jobs: started and ended."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import core
from core.runs.run import Run
from core.workspace import Workspace

NICENESS = 5
"""How far a training steps back behind the user interface."""


def spawn(run: Run) -> "subprocess.Popen[bytes]":
    """Start a process that trains ``run`` and outlives this one; what it prints goes to the log of the run."""
    with (run.path / "log.txt").open("ab") as log:
        return spawn_command(run.workspace, "train-run", run.id, log=log)


def spawn_command(
    workspace: Workspace, *words: str, log: IO[bytes] | int = subprocess.DEVNULL
) -> "subprocess.Popen[bytes]":
    """Start a process that runs a command on ``workspace``, a little behind the user interface, and outlives this one."""
    path = str(workspace.path.resolve())
    nothing, same = subprocess.DEVNULL, subprocess.STDOUT
    return _spawned("core", "--workspace", path, *words, stdin=nothing, stdout=log, stderr=same)


def spawn_child() -> "subprocess.Popen[bytes]":
    """Start the process of `core.jobs.child`, with pipes to and from it; it ends with this one."""
    return _spawned("core.jobs.child", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None)


def _spawned(module: str, *words: str, **streams: Any) -> "subprocess.Popen[bytes]":
    root = Path(core.__file__).resolve().parents[1]
    process = subprocess.Popen(
        [sys.executable, "-m", module, *words], cwd=root, env=_environment(root), **streams, **_detached()
    )
    if sys.platform != "win32":
        # It may have ended already, or this process is further back and may not bring it forward.
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
    return process


def _environment(root: Path) -> dict[str, str]:
    """Return the environment of a training: it finds ``core``, and leaves a core to the user interface.

    With two cores it keeps both, at a lower priority: with one it would take nearly twice as long.
    """
    path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    fewer = str((os.cpu_count() or 1) - 1)
    threads = dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS"), fewer) if int(fewer) > 1 else {}
    return {**threads, **os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}


def _detached() -> dict[str, Any]:
    if sys.platform != "win32":
        return {"start_new_session": True}
    flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    return {"creationflags": flags | subprocess.BELOW_NORMAL_PRIORITY_CLASS}


def kill(pid: int) -> None:
    """End a process at once, with those that it started if it leads a group of its own."""
    if sys.platform == "win32":
        os.kill(pid, signal.SIGTERM)  # there it ends a process at once
    elif os.getpgid(pid) == pid:
        os.killpg(pid, signal.SIGKILL)
    else:  # a training in a terminal: its group may be the script that called it
        os.kill(pid, signal.SIGKILL)

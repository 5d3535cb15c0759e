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
"""How far trainings and other jobs step back behind the user interface."""
LOWEST = 19
"""The lowest priority: only what nobody else wants of the processor."""


_started: list["subprocess.Popen[bytes]"] = []
"""Trainings and other jobs of this process that may still work."""


def started() -> set[int]:
    """Return the processes (PIDs) of the trainings and jobs that were started here and still work."""
    _started[:] = [process for process in list(_started) if process.poll() is None]
    return {process.pid for process in _started}


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


def spawn_child(module: str, niceness: int = NICENESS) -> "subprocess.Popen[bytes]":
    """Start a process that runs ``module`` with pipes to and from it; the module ends when its standard input does."""
    pipe = subprocess.PIPE
    return _spawned(module, niceness=niceness, stdin=pipe, stdout=pipe, stderr=None)


def _spawned(module: str, *words: str, niceness: int = NICENESS, **streams: Any) -> "subprocess.Popen[bytes]":
    # It works in the same folder, for paths may be relative to that; -P: a file of that folder is no module.
    command = [sys.executable, "-P", "-m", module, *words]
    process = subprocess.Popen(command, env=_environment(), **streams, **_detached())
    set_back(process.pid, niceness)
    if niceness == NICENESS:  # others are further back already
        _started.append(process)
    return process


def set_back(pid: int, niceness: int) -> None:
    """Let a process that was started here step back behind others, as far as the system allows; it may come forward again only
    where Linux shares the processor among sessions.

    Where Linux does so (autogroup, see sched(7)), niceness counts within a session alone, and what is started here has a
    session of its own, so the whole session is set back as well.
    """
    if sys.platform == "win32":
        return
    with suppress(OSError):  # it has ended, or this process is further back and may not bring it forward
        os.setpriority(os.PRIO_PROCESS, pid, niceness)
    if sys.platform == "linux":
        with suppress(OSError):
            Path(f"/proc/{pid}/autogroup").write_text(str(niceness), encoding="ascii")


def _environment() -> dict[str, str]:
    """Return the environment of a process: it finds ``core``, and leaves a core to the user interface.

    With two cores it keeps both, at a lower priority: with one it would take nearly twice as long.
    """
    root = str(Path(core.__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
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

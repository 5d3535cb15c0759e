"""Why a training ended, in plain words."""

import signal
import sys
from pathlib import Path

from core.errors import RunError, SeamLensError
from core.files import FULL, unwritable
from core.runs.run import Run

RESUME = "resume the training: it continues after its last finished epoch."


def plain(error: BaseException, run: Run) -> SeamLensError | None:
    """Return ``error``, which ended the training of ``run``, as one that a user can act on; none where it is a bug."""
    if isinstance(error, SeamLensError):
        return error
    if isinstance(error, OSError) and error.errno in FULL:
        return RunError(unwritable(run.path, error).problem, f"Free some space, then {RESUME}")
    if isinstance(error, PermissionError):
        return unwritable(run.path, error, RunError)
    # TensorFlow's own error is known by its name: importing it here would take seconds.
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return RunError(
            "A step of the training needs more memory than is free.",
            f"Close other programs, then {RESUME} Or train again with a smaller input.",
        )
    return None


def of_death(code: int | None, kills_before: int | None) -> str:
    """Return in a line how a training process died without a word of its own.

    Args:
        code: its exit code, negative for a signal; none where nobody waited for it.
        kills_before: what :func:`memory_kills` said when it began.
    """
    kills = memory_kills()
    if kills is not None and kills_before is not None and kills > kills_before and code in (None, -9):
        return f"The system ended a process for lack of memory, most likely this one. Close other programs, then {RESUME}"
    if code == -9:
        return f"It was killed (signal 9), perhaps for lack of memory. If so, close other programs, then {RESUME}"
    if code is not None and code < 0:
        return f"Its process died of {_name(-code)}. You can {RESUME}"
    return f"Its process was ended from outside. You can {RESUME}"


def memory_kills() -> int | None:
    """Return how many processes Linux has killed for lack of memory since it began; none where it does not say.

    psutil does not know that number.
    """
    if sys.platform != "linux":
        return None
    try:
        lines = Path("/proc/vmstat").read_text("ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), None)


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"

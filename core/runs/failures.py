"""Why a training ended, in plain words. Nothing here imports TensorFlow."""

import errno
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import RunError, SeamLensError
from core.runs.run import Run

FULL = (errno.ENOSPC, errno.EDQUOT) if hasattr(errno, "EDQUOT") else (errno.ENOSPC,)
GOES_ON = "then resume it: “resume” goes on from the last finished epoch."


def plain(error: BaseException, run: Run) -> SeamLensError | None:
    """Return ``error``, which ended the training of ``run``, as one that a user can act on; none where it is a bug."""
    if isinstance(error, SeamLensError):
        return error
    if isinstance(error, OSError) and error.errno in FULL:
        return _full(run.path, f"Free some, {GOES_ON}")
    if isinstance(error, PermissionError):
        return _not_writable(run.path, error)
    # TensorFlow's own error is known by its name: importing it here would take seconds.
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return RunError(
            "enough memory for a step of the training",
            "too little",
            f"Close other programs, {GOES_ON} Or train anew with a smaller input.",
        )
    return None


@contextmanager
def room(folder: Path) -> Iterator[None]:
    """Say it in plain words where the block, which writes into ``folder``, cannot.

    Raises:
        RunError: the disk is full, or what it writes to is gone or not to be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise _full(folder, "Free some, then try again.") from error
        raise _not_writable(folder, error) from error


def _not_writable(folder: Path, error: OSError) -> RunError:
    received = str(error.strerror or error) + (f" ({error.filename})" if error.filename else "")
    advice = "Look whether they are still there, and who may write them."
    return RunError(f"files in {folder} that can be written", received, advice)


def _full(folder: Path, advice: str) -> RunError:
    free = shutil.disk_usage(folder).free / 1e6
    return RunError("room on the disk for the run", f"a full disk ({free:.0f} MB free)", advice)


def words(error: BaseException, run: Run) -> str:
    """Return in a line why the training of ``run`` failed."""
    return str(plain(error, run) or f"{type(error).__name__}: {error}")


def of_death(code: int | None, kills_before: int | None) -> str:
    """Return in a line how a training process died without a word of its own.

    Args:
        code: its exit code, negative for a signal; none where nobody waited for it.
        kills_before: what :func:`memory_kills` said when it began.
    """
    kills = memory_kills()
    if kills is not None and kills_before is not None and kills > kills_before and code in (None, -9):
        return f"The system ended a process for lack of memory, most likely this one. Close other programs, {GOES_ON}"
    if code == -9:
        return f"It was killed (signal 9), perhaps for lack of memory. If so, close other programs, {GOES_ON}"
    if code is not None and code < 0:
        return (
            f"Its process died of {_name(-code)}. Resume it: “resume” goes on from the last finished epoch."
        )
    return "Its process was ended from outside. Resume it: “resume” goes on from the last finished epoch."


def memory_kills() -> int | None:
    """Return how many processes Linux has killed for lack of memory since it began; none where it does not say."""
    try:
        lines = Path("/proc/vmstat").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), None)


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"

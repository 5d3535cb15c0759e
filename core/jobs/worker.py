"""Training a run, in this process. Pages start it as a process of its own: see :mod:`core.jobs.jobs`.

Importing this does not import TensorFlow, so that a run is locked, and shows that it is alive, within a second.
"""

import signal
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from core.errors import SeamLensError
from core.files import Progress
from core.jobs import jobs, pace
from core.runs import failures
from core.runs.run import Run
from core.training.status_writer import StatusWriter


def train(run: Run, progress: Progress | None = None) -> None:
    """Train ``run`` to its end, from where its checkpoint stands; the network of the least validation loss is kept.

    It ends early, and well, on a stop file in its folder, on SIGTERM or Ctrl+C, or when its minutes are over. The
    slot that it leaves goes to the next queued run.

    Args:
        run: made by ``create_run`` and not trained yet, or reopened by ``jobs.reopen``.
        progress: called as ``progress(steps done, steps in all)``.

    Raises:
        RunError: it was trained already, no slot is free, the disk or the memory is full, or the loss is no number
            any more.
        MediaError: a picture cannot be read.
    """
    status = StatusWriter(run, time.monotonic(), progress)
    with jobs.slot(run), _failures_told(run, status), status.beating(), _signals_stop(run):
        from core.training.loop import learn

        status.finish(learn(run, status))
        with suppress(SeamLensError, OSError):
            pace.note(run)


@contextmanager
def _failures_told(run: Run, status: StatusWriter) -> Iterator[None]:
    """Write down how the block failed, and raise the error in words where it has some."""
    try:
        yield
    except BaseException as error:
        stopped = isinstance(error, KeyboardInterrupt)
        plain = failures.plain(error, run)
        why = None if stopped else str(plain or f"{type(error).__name__}: {error}")
        with suppress(OSError):  # of a full disk: then the run is found interrupted
            status.log(traceback.format_exc())
        with suppress(OSError):
            status.end(state="stopped" if stopped else "failed", error=why, remaining=0)
        if plain and plain is not error:
            raise plain from error
        raise


@contextmanager
def _signals_stop(run: Run) -> Iterator[None]:
    """Let SIGTERM and the first Ctrl+C end the training like a stop file; the second Ctrl+C ends it at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stop(number: int, frame: FrameType | None) -> None:
        run.stop_file.touch()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""Training a run, in this process. Pages start it as a process of its own: see :mod:`core.jobs.jobs`.

Importing this does not import TensorFlow, so that a run is locked, and shows that it is alive, within a second.
"""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from core.errors import SeamLensError
from core.files import Progress
from core.jobs import pace, slots
from core.runs.run import Run
from core.training.status_writer import StatusWriter, failures_told


def train(run: Run, progress: Progress | None = None) -> None:
    """Train ``run`` to its end, from where its checkpoint stands; the network of the least validation loss is kept. Where its
    status names a cluster, this process only attends to it.

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
    with slots.slot(run), failures_told(run, status), _signals_stop(run):
        if run.status.on:
            from core.cluster import attend

            attend.train(run, status, progress)
        else:
            _train_here(run, status)


def _train_here(run: Run, status: StatusWriter) -> None:
    with status.beating():
        from core.training.loop import learn

        status.finish(learn(run, status))
        with suppress(SeamLensError, OSError):
            pace.note(run)


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

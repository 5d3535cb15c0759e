"""Training a run, in this process. Pages start it as a process of its own: see :mod:`core.jobs.jobs`.

Importing this does not import TensorFlow, so that a run is locked, and shows that it is alive, within a second.
"""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType

from core.errors import RunError, SeamLensError
from core.files import Progress, remove_partials, writable
from core.jobs import jobs, processes
from core.runs import failures, locks
from core.runs.run import Run
from core.training.status_writer import StatusWriter
from core.workspace import Workspace, open_workspace

WRITTEN = ("model.keras", "checkpoint.npz", "history.csv", "worst.csv", "status.json")
"""What nobody but the training, or who holds the lock of those who start, writes into the folder of a run."""


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
    begun = time.monotonic()
    try:
        with _slot(run):
            _train(run, StatusWriter(run, begun, progress))
    finally:
        with suppress(SeamLensError, OSError):
            jobs.advance(open_workspace(run.workspace.path))  # anew: its slots may have changed


def check_slot(workspace: Workspace) -> None:
    """Refuse to train where no slot is free; what is queued comes first.

    Raises:
        RunError: it names who trains.
    """
    jobs.advance(workspace)
    busy = jobs.all_active(workspace)
    if len(busy) >= workspace.slots:
        raise locks.other_training(busy[0].id)


@contextmanager
def _slot(run: Run) -> Iterator[None]:
    """Hold the lock of ``run`` for the block, and with it a slot of the workspace."""
    with ExitStack() as stack:
        with writable(run.path, RunError), locks.starting(run.workspace):
            if (state := run.state) not in ("waiting", "starting"):
                raise RunError(
                    f"{run.id} was trained already: it is {state}.", "Resume it, or start another run."
                )
            busy = [other.id for other in jobs.all_active(run.workspace) if other.id != run.id]
            if state == "waiting" and len(busy) >= run.workspace.slots:
                raise locks.other_training(busy[0])
            stack.enter_context(locks.held(run.lock, locks.other_training(run.id)))
            for name in WRITTEN:
                remove_partials(run.path / name)
            about = {"memory_kills": failures.memory_kills(), "started": time.time(), "error": None}
            run.write_status(state="running", phase="starting", **about, **processes.me())
        yield


def _train(run: Run, status: StatusWriter) -> None:
    try:
        with status.beating(), _signals_stop(run):
            from core.training.loop import learn

            status.finish(learn(run, status))
    except BaseException as error:
        stopped = isinstance(error, KeyboardInterrupt)
        words = None if stopped else failures.words(error, run)
        with suppress(OSError):  # of a full disk: then the run is found interrupted
            status.log_error()
        with suppress(OSError):
            status.end(state="stopped" if stopped else "failed", error=words, remaining=0)
        if (plain := failures.plain(error, run)) is not None and plain is not error:
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

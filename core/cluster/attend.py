"""A training on the cluster, seen from here: it is sent, followed, stopped, and begun anew where its computer dies.

The process that attends holds the lock of the run, as one that trains here does: while it is held the run is alive, and when it ends
so does the training on the cluster. The run then is interrupted, and can be resumed after the last epoch that came back.
"""

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import numpy as np

from core.cluster.ray_engine import Start, Worker, WorkerDiedError, connected
from core.cluster.remote import LOG, SENT, News
from core.errors import RunError
from core.files import Progress, replacing
from core.inputs import batches
from core.runs.records import RunStatus
from core.runs.run import Run
from core.training import checkpoint
from core.training.status_writer import StatusWriter, StoppedError
from core.workspace import Cluster, open_workspace

POLL = 0.5
"""Seconds between two questions what is new."""

TOGETHER = 256
"""Pictures that are sent at once."""

MOST_DEATHS = 3
"""Processes that may die one after the other without a finished epoch."""

MIRRORED = ("epoch", "epochs", "step", "steps", "done", "phase", "rate", "remaining", "seconds", "best")
"""What is taken of the status there; all else is about the process here."""

Connect = Callable[[str, Cluster], AbstractContextManager[Start]]


def train(
    run: Run, status: StatusWriter, progress: Progress | None = None, connect: Connect = connected
) -> None:
    """Train ``run``, whose lock is held, on the cluster that its status names.

    Args:
        run: which.
        status: its writer.
        progress: called as ``progress(steps done, steps in all)``.
        connect: connects to the cluster.

    Raises:
        RunError: the cluster does not answer, the training failed there, or its processes die again and again.
    """
    status.earlier = checkpoint.read(run)[0].seconds
    status.update(now=True, phase="connecting to the cluster")
    with connect(run.status.on, open_workspace(run.workspace.path).cluster) as start:
        deaths, epochs = 0, len(run.history)
        while True:
            worker = start(run.id, _files(run))
            try:
                return _follow(run, worker, status, progress)
            except StoppedError:
                status.log("stopped before it began on the cluster")
                return status.finish(run.status.best)
            except WorkerDiedError:
                deaths = 1 if len(run.history) > epochs else deaths + 1
                epochs = len(run.history)
                status.log(f"its process on the cluster died; it continues after epoch {epochs}")
                if deaths >= MOST_DEATHS:
                    raise RunError(
                        f"{deaths} processes of the cluster died in the same epoch, perhaps for lack of memory.",
                        "Give a training more of the cluster (cpus in workspace.toml), or make the input smaller; then resume it.",
                    ) from None
            finally:
                worker.end()


def _files(run: Run) -> dict[str, bytes]:
    return {name: (run.path / name).read_bytes() for name in SENT if (run.path / name).exists()}


def _follow(run: Run, worker: Worker, status: StatusWriter, progress: Progress | None) -> None:
    """Send what a training needs, begin it, and write here what it writes there until it ends."""

    def waiting() -> None:
        status.update(phase="waiting for the cluster")
        if run.is_stopping:
            raise StoppedError

    status.log(f"on the cluster: {worker.ask('where', waiting=waiting)}")
    for part in ("train", "valid"):
        pictures = batches.load(run, part, status.read).pictures
        for first in range(0, len(pictures), TOGETHER):
            chosen = np.arange(first, min(first + TOGETHER, len(pictures)))
            worker.ask("add_pictures", part, pictures[chosen], waiting=waiting)
            status.update(phase=f"sending pictures ({chosen[-1] + 1:,} of {len(pictures):,})")
    worker.ask("begin")
    while True:
        news: News = worker.ask("news", run.is_stopping)
        told = RunStatus.from_json(json.loads(news.status))
        _write(run, news)
        if news.error:
            raise news.error
        changes = {name: getattr(told, name) for name in MIRRORED}
        run.write_status(**changes, state=told.state if news.is_over else "running")
        if progress and told.steps:
            progress(told.step, told.steps)
        if news.is_over:
            return worker.ask("close")
        time.sleep(POLL)


def _write(run: Run, news: News) -> None:
    """Write what came back, the checkpoint first, from which the rest can be made again."""
    if news.log:
        with (run.path / LOG).open("ab") as file:
            file.write(news.log)
    for name, content in reversed(news.files.items()):
        if name == run.model_file.name:
            with checkpoint.network_replaced(run) as partial:
                partial.write_bytes(content)
        else:
            with replacing(run.path / name) as partial:
                partial.write_bytes(content)

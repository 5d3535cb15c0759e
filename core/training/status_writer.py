"""What a training process says of itself while it works: status.json and log.txt in the folder of its run."""

import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from core.files import Progress
from core.runs import failures
from core.runs.records import Best
from core.runs.run import Run
from core.training.checkpoint import Position
from core.training.schedule import Budget

EVERY = 0.5
"""Seconds between two writings of the status, so that steps of milliseconds do not wear out the disk."""

BEAT = 2.0
"""Seconds between two writings while nothing else happens: a long step, or reading pictures."""


class StoppedError(Exception):
    """A training was asked to end before it learned anything."""


class StatusWriter:
    """Writes status and log of a run, which pages read.

    While the process trains nobody else writes the status; before and after, `core.jobs` does.

    Args:
        run: whose.
        begun: when this process began to train it (monotonic seconds).
        progress: called as ``progress(steps done, steps in all)``.

    Attributes:
        earlier: seconds that other processes trained before this one.
    """

    def __init__(self, run: Run, begun: float | None = None, progress: Progress | None = None) -> None:
        self._run, self._progress = run, progress
        self.earlier = 0.0
        self.begun = time.monotonic() if begun is None else begun
        self._status: dict[str, Any] = {}
        self._written = 0.0
        self._lock = threading.Lock()

    @property
    def seconds(self) -> float:
        """How long the run has been trained, by this process and those before it."""
        return self.earlier + time.monotonic() - self.begun

    def update(self, *, now: bool = False, **changes: Any) -> None:
        """Take up what changed, and write it at most every half second, or now.

        Where it cannot be written, as on a full disk, it is written with what comes next: no training ends for that.

        Raises:
            OSError: another ``state`` cannot be written.
        """
        with self._lock:
            self._status |= changes
            if not now and time.monotonic() - self._written < EVERY:
                return
            try:
                self._run.write_status(**self._status, seconds=self.seconds)
            except OSError:
                if "state" in changes:
                    raise
            self._written = time.monotonic()

    def begin(self) -> None:
        """Say what is trained, and what speaks against its numbers."""
        config = self._run.config
        self.update(now=True, state="running", phase="reading pictures", epochs=self._run.limits.epochs)
        self.log(f"{self._run.id}: {config.network}, seed {config.seed}, split by {config.split.by}")
        for note in config.notes:
            self.log(note)

    def read(self, done: int, total: int | None) -> None:
        """Say how many pictures are read.

        Raises:
            StoppedError: the training was asked to end.
        """
        self.update(phase=f"reading pictures ({done:,} of {total:,})" if total else "reading pictures")
        if self._run.is_stopping:
            raise StoppedError

    def resume(self, position: Position) -> None:
        """Say that the training stands where its checkpoint was written."""
        self.log(f"resumed after epoch {position.epoch}")
        self.update(now=True, epoch=position.epoch, best=position.best)

    def step(self, budget: Budget, batch: int) -> None:
        """Say how far the steps are, each with so many pictures."""
        seconds = budget.step_seconds
        self.update(
            step=budget.step,
            steps=budget.steps,
            done=budget.progress,
            rate=batch / seconds if seconds else None,
            remaining=budget.remaining,
        )
        if self._progress:
            self._progress(budget.step, budget.steps)

    def end_epoch(self, position: Position, row: Mapping[str, float]) -> None:
        """Say what the epoch of ``row`` has reached."""
        if position.is_best:
            self.update(best=position.best)
        losses = f"loss {row['loss']:.4f}, validation loss {row['val_loss']:.4f}"
        self.log(f"epoch {position.epoch}: {losses}" + (", the best so far" if position.is_best else ""))

    def finish(self, best: Best | None) -> None:
        """Say that the training ended well."""
        state = "stopped" if self._run.is_stopping else "done"
        self.log(f"{state}; best epoch {best.epoch if best else 'none'}")
        self.update(now=True, state=state, phase="", remaining=0)

    def end(self, **changes: Any) -> None:
        """Write how the training ended, also where the disk has no room for another file."""
        try:
            self.update(now=True, **changes)
        except OSError:
            self._run.overwrite_status(**self._status, seconds=self.seconds)

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Write the status every two seconds for the block, so that a long step does not look like death."""
        over = threading.Event()

        def beat() -> None:
            while not over.wait(BEAT):
                self.update()

        thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def log(self, text: str) -> None:
        """Add a line with the time to log.txt."""
        with (self._run.path / "log.txt").open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} {text}\n")


@contextmanager
def failures_told(run: Run, status: StatusWriter) -> Iterator[None]:
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

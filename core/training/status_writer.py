"""What a training process writes into the folder of its run while it works."""

import csv
import io
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.files import replacing
from core.runs import decision_settings
from core.runs.run import Run

if TYPE_CHECKING:
    from core.networks.backend import keras

EVERY = 0.5
"""Seconds between two writings of the status, so that steps of milliseconds do not wear out the disk."""

BEAT = 2.0
"""Seconds between two writings while nothing else happens: a long step, or reading pictures."""


class Journal:
    """Status, history, log and network of a run. Pages read these files.

    While the process trains nobody else writes them; before and after, `core.jobs.jobs` writes the status.

    Args:
        run: whose.
        begun: when this process began to train it (monotonic seconds).

    Attributes:
        history: the text of history.csv.
        best: ``epoch`` and ``val_loss`` of the network that is kept; none yet.
        earlier: seconds that other processes trained before this one.
    """

    def __init__(self, run: Run, begun: float | None = None) -> None:
        self.run = run
        self.history = ""
        self.best: dict[str, Any] | None = None
        self.earlier = 0.0
        self._begun = time.monotonic() if begun is None else begun
        self._status: dict[str, Any] = {}
        self._written = 0.0
        self._lock = threading.Lock()

    @property
    def seconds(self) -> float:
        """How long the run has been trained, by this process and those before it."""
        return self.earlier + time.monotonic() - self._begun

    def status(self, *, now: bool = False, **changes: Any) -> None:
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
                self.run.write_status(**self._status, seconds=self.seconds)
            except OSError:
                if "state" in changes:
                    raise
            self._written = time.monotonic()

    def last_word(self, **changes: Any) -> None:
        """Write how the training ended, also where the disk has no room for another file."""
        try:
            self.status(now=True, **changes)
        except OSError:
            self.run.overwrite_status(**self._status, seconds=self.seconds)

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Write the status every two seconds for the block, so that a long step does not look like death."""
        over = threading.Event()

        def beat() -> None:
            while not over.wait(BEAT):
                self.status()

        thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def log(self, text: str) -> None:
        """Add a line with the time to log.txt."""
        with (self.run.path / "log.txt").open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} {text}\n")

    def log_error(self) -> None:
        """Add the error that is being handled to log.txt, with where it came from."""
        self.log(traceback.format_exc())

    def add(self, row: Mapping[str, float]) -> None:
        """Add the row of an epoch to the history. The columns are those of its first row, be it of an earlier version."""
        text = io.StringIO()
        names = next(csv.reader(self.history.splitlines()), list(row))
        writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\n")
        if not self.history:
            writer.writeheader()
        writer.writerow({name: f"{value:.7g}" for name, value in row.items()})
        self.history += text.getvalue()

    def write_history(self) -> None:
        """Write history.csv."""
        with replacing(self.run.path / "history.csv") as partial:
            partial.write_text(self.history, encoding="utf-8", newline="")

    def write_worst(self, worst: pd.DataFrame) -> None:
        """Write worst.csv."""
        with replacing(self.run.path / "worst.csv") as partial:
            worst.to_csv(partial, index=False, lineterminator="\n", float_format="%.5g")

    def offer(self, epoch: int, val_loss: float) -> bool:
        """Return whether ``val_loss`` is the best so far, and remember it if so."""
        if not val_loss < (self.best["val_loss"] if self.best else float("inf")):  # NaN is never better
            return False
        self.best = {"epoch": epoch, "val_loss": val_loss}
        return True

    def keep(self, model: "keras.Model") -> None:
        """Keep ``model`` as the best of the run; tests of the one before are outdated."""
        with replacing(self.run.model_file, lasting=True) as partial:
            named = partial.with_name(f"{partial.name}.keras")  # Keras goes by the ending
            try:
                model.save(named)
                named.replace(partial)
            finally:
                named.unlink(missing_ok=True)
        decision_settings.outdate(self.run.path)
        for outdated in ("test.json", "predictions.csv", "validation.csv"):
            (self.run.path / outdated).unlink(missing_ok=True)
        self.status(best=self.best)

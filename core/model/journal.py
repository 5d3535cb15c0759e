"""What a training process writes into the folder of its run while it works."""

import csv
import time
import traceback
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.files import replacing
from core.model.run import Run

if TYPE_CHECKING:
    from core.model.backend import keras

EVERY = 0.5
"""Seconds between two writings of the status, so that steps of milliseconds do not wear out the disk."""


class Journal:
    """Status, history, log and network of a run. Pages read these files; nobody else writes them."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.best: dict[str, Any] | None = None
        self._status: dict[str, Any] = {}
        self._written = 0.0

    def status(self, *, now: bool = False, **changes: Any) -> None:
        """Take up what changed, and write it at most every half second, or now."""
        self._status |= changes
        if now or time.monotonic() - self._written >= EVERY:
            self.run.write_status(**self._status)
            self._written = time.monotonic()

    def log(self, text: str) -> None:
        """Add a line with the time to log.txt."""
        with (self.run.path / "log.txt").open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} {text}\n")

    def log_error(self) -> None:
        """Add the error that is being handled to log.txt, with where it came from."""
        self.log(traceback.format_exc())

    def epoch(self, row: Mapping[str, float]) -> None:
        """Add the row of an epoch to history.csv. The columns are those of its first row."""
        path = self.run.path / "history.csv"
        earlier = path.read_text(encoding="utf-8") if path.exists() else ""
        with replacing(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(row), lineterminator="\n")
            if earlier:
                file.write(earlier)
            else:
                writer.writeheader()
            writer.writerow({name: f"{value:.7g}" for name, value in row.items()})

    def offer(self, model: "keras.Model", epoch: int, val_loss: float) -> bool:
        """Keep ``model`` in the run if its validation loss is the best so far; return whether it is."""
        if not val_loss < (self.best["val_loss"] if self.best else float("inf")):  # NaN is never better
            return False
        with replacing(self.run.model_file) as partial:
            named = partial.with_name(f"{partial.name}.keras")  # Keras goes by the ending
            try:
                model.save(named)
                named.replace(partial)
            finally:
                named.unlink(missing_ok=True)
        for outdated in ("test.json", "predictions.csv"):
            (self.run.path / outdated).unlink(missing_ok=True)
        self.best = {"epoch": epoch, "val_loss": val_loss}
        self.status(best=self.best)
        return True

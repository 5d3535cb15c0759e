"""What the end of an epoch leaves in the folder of a run: the checkpoint, and the best network so far.

The checkpoint is NumPy's npz: every variable of the network and of its optimiser under a number, and ``about``, a JSON
text with the rest. The history is part of it, so that both always speak of the same epoch: when a training is resumed,
history.csv is written anew from here. It is written whole or not at all.
"""

import csv
import io
import json
import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.errors import RunError
from core.files import replacing
from core.runs import decision_settings
from core.runs.records import Best
from core.runs.run import Run

if TYPE_CHECKING:
    from core.networks.backend import keras
    from core.training.model_state import ModelState

ABOUT = "about"
PLAIN = ("epoch", "seconds", "first", "validation", "history")


@dataclass(frozen=True)
class Position:
    """Where a training stands, besides the variables.

    Args:
        epoch: number of the last finished epoch, from 1; 0 before there is one.
        seconds: how long the run has been trained in all.
        first: after how many of them the first step began.
        validation: seconds that a validation is thought to take.
        best: the epoch whose network is kept.
        history: the text of history.csv.
    """

    epoch: int = 0
    seconds: float = 0.0
    first: float = 0.0
    validation: float = 0.0
    best: Best | None = None
    history: str = ""

    @property
    def is_best(self) -> bool:
        """Whether the network of its epoch is the one to keep."""
        return self.best is not None and self.best.epoch == self.epoch

    def after(self, row: Mapping[str, float], seconds: float, first: float, validation: float) -> "Position":
        """Return the position after the epoch of ``row``, which is the best where its validation loss is the least."""
        epoch, val_loss = int(row["epoch"]), row["val_loss"]
        is_best = is_number(row) and (self.best is None or val_loss < self.best.val_loss)
        best = Best(epoch, val_loss) if is_best else self.best
        return Position(epoch, seconds, first, validation, best, with_row(self.history, row))


START = Position()
"""Before the first step."""


def write(run: Run, position: Position, arrays: Mapping[str, np.ndarray]) -> None:
    """Write a checkpoint in the place of the one before.

    Raises:
        OSError: the disk is full or cannot be written; the checkpoint before is still there.
    """
    content: dict[str, Any] = {ABOUT: np.array(json.dumps(asdict(position))), **arrays}
    with replacing(run.checkpoint_file) as partial, partial.open("wb") as file:
        np.savez(file, **content)


def read(run: Run) -> tuple[Position, dict[str, np.ndarray]]:
    """Return what :func:`write` wrote; `START` and nothing where there is no finished epoch.

    Earlier versions also wrote checkpoints in the middle of an epoch: of these the epoch begins anew.

    Raises:
        RunError: the file cannot be read.
    """
    if not run.checkpoint_file.exists():
        return START, {}
    try:
        with np.load(run.checkpoint_file, allow_pickle=False) as file:
            about = json.loads(str(file[ABOUT]))
            arrays = {name: file[name] for name in file.files if name.startswith(("model/", "optimizer/"))}
        best = Best(**about["best"]) if about["best"] else None
        position = Position(best=best, **{name: about[name] for name in PLAIN})
        return (position, arrays) if position.epoch else (START, {})
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise _unusable(run, f"cannot be read: {error}") from error


def _unusable(run: Run, why: str) -> RunError:
    advice = "Train again; the network of the best epoch so far is kept."
    return RunError(f"{run.checkpoint_file} {why}.", advice)


def is_number(row: Mapping[str, float]) -> bool:
    """Return whether the losses of an epoch are finite."""
    return math.isfinite(row["loss"]) and math.isfinite(row["val_loss"])


def with_row(history: str, row: Mapping[str, float]) -> str:
    """Return the text of history.csv with a row more. Its columns are those of its first row, be it of an earlier version."""
    text = io.StringIO()
    names = next(csv.reader(history.splitlines()), list(row))
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\n")
    if not history:
        writer.writeheader()
    writer.writerow({name: f"{value:.7g}" for name, value in row.items()})
    return history + text.getvalue()


def restore(run: Run, model: "ModelState", position: Position, arrays: Mapping[str, np.ndarray]) -> None:
    """Put the model and the folder of ``run`` as they were when the checkpoint was written.

    Raises:
        RunError: the checkpoint is of another network.
    """
    if not model.fits(arrays):
        raise _unusable(run, "is of another network")
    model.restore(arrays)
    _write_history(run, position)
    # The status names an epoch the best only after its network was kept. Keeping it again would drop its test and thresholds.
    if position.is_best and not (run.has_model and run.status.best == position.best):
        keep_network(run, model.network)


def save(
    run: Run,
    model: "ModelState",
    position: Position,
    row: Mapping[str, float],
    worst: pd.DataFrame,
    is_whole: bool,
) -> None:
    """Write the epoch of ``row`` down: first the checkpoint, from which the rest can be made again.

    Of the first epoch, stopped in its middle, a network is kept, for there is no other; a resumed run begins anew.
    Of an epoch whose loss is no number only the history is written.
    """
    if is_number(row):
        write(run, *((position, model.arrays()) if is_whole else (START, {})))
    if position.is_best:
        keep_network(run, model.network)
    _write_history(run, position)
    if is_number(row):
        with replacing(run.path / "worst.csv") as partial:
            worst.to_csv(partial, index=False, lineterminator="\n", float_format="%.5g")


def _write_history(run: Run, position: Position) -> None:
    with replacing(run.path / "history.csv") as partial:
        partial.write_text(position.history, encoding="utf-8", newline="")


def keep_network(run: Run, network: "keras.Model") -> None:
    """Keep ``network`` as the best of the run; tests of the one before are outdated."""
    with network_replaced(run) as partial:
        named = partial.with_name(f"{partial.name}.keras")  # Keras goes by the ending
        try:
            network.save(named)
            named.replace(partial)
        finally:
            named.unlink(missing_ok=True)


@contextmanager
def network_replaced(run: Run) -> Iterator[Path]:
    """Give the file that becomes the best network of the run after the block; tests of the one before are outdated."""
    with replacing(run.model_file) as partial:
        yield partial
        # Before the network takes its place: a test of another network must never stand beside it.
        decision_settings.outdate(run.path)
        for outdated in ("test.json", "predictions.csv", "validation.csv"):
            (run.path / outdated).unlink(missing_ok=True)

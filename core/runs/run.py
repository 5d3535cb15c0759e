"""One run: its folder, and everything that is read from it, also while its training writes it. Does not import TensorFlow."""

import json
import time
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.attributes import AttributeSet
from core.errors import RunError
from core.files import replacing, replacing_briefly
from core.json_files import DamagedError, checked, read_record, readable
from core.networks.keras_file import UNREADABLE, first_line
from core.networks.preprocessing import Region, Size
from core.networks.recipe import Recipe
from core.networks.registry import Network, get_network
from core.runs import decision_settings, locks, run_files
from core.runs.decisions import calibrated
from core.runs.records import Leg, Limits, RunConfig, RunStatus, SeriesRecord
from core.runs.results import TestResult
from core.splits.leaks import BOUND, LeakRecord
from core.text import percent
from core.workspace import Workspace

ACTIVE = ("starting", "running")
"""The states of a run that takes a slot."""

START_PATIENCE = 60.0
"""Seconds after which a run counts as interrupted that should have started: it holds no lock, and its process is gone."""

LAST_LINES = 6

if TYPE_CHECKING:
    from core.networks.backend import keras

RIGHT = "right class"
"""What the one accuracy of classes is called."""


def _is_recent(at: float) -> bool:
    """Return whether a time is less than `START_PATIENCE` away; where the clock was set back, it may be to come."""
    return abs(time.time() - at) < START_PATIENCE


@dataclass(frozen=True)
class Run:
    """A run of a workspace, known by its folder.

    Args:
        workspace: whose frames it learns from.
        id: name of its folder in ``runs/``.
    """

    workspace: Workspace
    id: str

    @property
    def path(self) -> Path:
        """Its folder."""
        return self.workspace.runs / self.id

    # How its training is.

    @property
    def status(self) -> RunStatus:
        """What its process last said of itself. Use :attr:`state` for the truth about whether it is alive.

        Raises:
            RunError: the file cannot be read, and nobody is writing it.
        """
        try:
            return read_record(self.path / "status.json", RunStatus.from_json)
        except FileNotFoundError:
            return RunStatus()
        except DamagedError as damage:
            if self.is_alive:  # see overwrite_status
                return RunStatus("running")
            raise run_files.damaged(self.path, "status.json", damage) from damage

    def write_status(self, **changes: Any) -> None:
        """Write what changed of the status, with the time; for the names see `RunStatus`."""
        before, text = self.status, self._changed_status(changes)
        # A training writes its progress twice a second, and waiting for the name on the disk, too, costs it several times
        # as long. What was promised is flushed at once: another state, and which network is kept.
        promises = (name for name in ("state", "best") if name in changes)
        is_promise = any(changes[name] != getattr(before, name) for name in promises)
        with (replacing if is_promise else replacing_briefly)(self.path / "status.json") as partial:
            partial.write_text(text, encoding="utf-8")

    def overwrite_status(self, **changes: Any) -> None:
        """Write what changed in the place of the old text, which takes no more room; who reads it just then may find it torn."""
        text = self._changed_status(changes)
        with (self.path / "status.json").open("r+", encoding="utf-8") as file:
            file.write(text)
            file.truncate()

    def _changed_status(self, changes: dict[str, Any]) -> str:
        return json.dumps(asdict(replace(self.status, **changes, at=time.time())))

    @property
    def state(self) -> str:
        """``waiting`` (made, not started), ``queued``, ``starting``, ``running``, ``done``, ``stopped``, ``failed`` or
        ``interrupted``.

        A run that says it is running but holds no lock is interrupted: its process was killed.
        """
        if (first := self.status).state not in ACTIVE or self.is_alive:
            return first.state
        status = self.status
        if (status.state, status.pid) != (first.state, first.pid):
            return status.state  # it has begun, ended or been resumed between the two looks
        if status.state == "starting" and (locks.is_same(status) or _is_recent(status.at)):
            return status.state  # its process is not that far yet
        return "interrupted"

    @property
    def is_alive(self) -> bool:
        """Whether a process is training it now."""
        return locks.is_held(self.lock)

    @property
    def lock(self) -> Path:
        return self.path / ".lock"

    @property
    def stop_file(self) -> Path:
        """While this file is there, the training ends after its current step."""
        return self.path / "stop"

    @property
    def is_stopping(self) -> bool:
        """Whether its training was asked to end."""
        return self.stop_file.exists()

    @property
    def history(self) -> pd.DataFrame:
        """One row per epoch: ``epoch``, ``seconds``, ``loss``, ``val_loss``, ``learning_rate``, and per attribute
        ``<attribute>_loss``, ``val_<attribute>_loss``, ``<attribute>_accuracy`` and ``val_<attribute>_accuracy``.
        Of classes these are each class against all others, and ``accuracy`` and ``val_accuracy`` the share of frames in
        their right class. Empty before the first epoch has ended.

        Raises:
            RunError: the file cannot be read.
        """
        accuracies = [f"{part}{name}_accuracy" for name in self.attributes.names for part in ("", "val_")]
        numbers = ("seconds", "loss", "val_loss", "learning_rate", *accuracies)
        table = run_files.table(self.path, "history.csv", {"epoch": "int64"}, numbers)
        if not table["seconds"].dropna().between(0, 1e12).all() or not table["epoch"].between(1, 1e9).all():
            error = DamagedError("it has an epoch or a time that is not possible")
            raise run_files.damaged(self.path, "history.csv", error)
        return table

    @property
    def minutes(self) -> float:
        """How long it has been trained."""
        return (self.status.seconds or float(self.history["seconds"].sum())) / 60

    @property
    def checkpoint_file(self) -> Path:
        """All that is needed to go on after the last finished epoch."""
        return self.path / "checkpoint.npz"

    @property
    def worst(self) -> pd.DataFrame:
        """The validation frames that the last finished epoch was most wrong about, the worst first: ``name``,
        ``attribute``, ``label`` (bool), ``probability`` of true, and ``loss``. Empty before an epoch has ended.

        Raises:
            RunError: the file cannot be read.
        """
        kinds = {
            "name": "str",
            "attribute": "str",
            "label": "bool",
            "probability": "float64",
            "loss": "float64",
        }
        return run_files.table(self.path, "worst.csv", kinds)

    @property
    def last_words(self) -> str:
        """The last lines of its log."""
        try:
            text = readable(self.path / "log.txt").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.strip().splitlines()[-LAST_LINES:])

    # What it was made with; never changes.

    @cached_property
    def config(self) -> RunConfig:
        """What it was made with.

        Raises:
            RunError: the file cannot be read.
        """
        try:
            return read_record(self.path / "config.json", RunConfig.from_json)
        except (FileNotFoundError, DamagedError) as error:
            raise run_files.damaged(self.path, "config.json", error) from error

    @cached_property
    def attributes(self) -> AttributeSet:
        """The attributes it learns, in the order of its outputs, and in the colours that the workspace has now."""
        return self.config.attributes.coloured_as(self.workspace.attributes)

    @property
    def network(self) -> Network:
        return get_network(self.config.network)

    @property
    def recipe(self) -> Recipe:
        """How it learns, until the epoch where it ends now."""
        return replace(self.config.recipe, epochs=self.limits.epochs)

    @property
    def limits(self) -> Limits:
        """Where it ends: as its configuration says, unless that was changed.

        Raises:
            RunError: the file that changed it cannot be read.
        """
        if changed := run_files.record(self.path, "limits.json", Limits.from_json):
            return changed
        legs = run_files.record(self.path, "legs.json", partial(checked, list[Leg]))  # of earlier versions
        if legs:
            last, history = legs[-1], self.history  # each had minutes of its own
            before = history.loc[history["epoch"] <= last.after, "seconds"].sum() / 60
            return Limits(last.epochs, last.minutes and before + last.minutes, last.after)
        return Limits(self.config.recipe.epochs, self.config.minutes)

    def set_limits(self, limits: Limits) -> None:
        """Let it end elsewhere."""
        with replacing(self.path / "limits.json") as new:
            new.write_text(json.dumps(asdict(limits)) + "\n", encoding="utf-8")

    @property
    def series(self) -> SeriesRecord | None:
        """The series that it is one of, if it is."""
        return self.config.series

    @property
    def size(self) -> Size:
        """Width and height of the input in pixels."""
        return self.config.size

    @property
    def region(self) -> Region | None:
        return self.config.region

    @property
    def tuning(self) -> decision_settings.Tuning:
        """What was chosen for it after its training.

        Raises:
            RunError: it cannot be read.
        """
        return decision_settings.read(self.path)

    @property
    def thresholds(self) -> np.ndarray:
        """From which calibrated probability on an attribute is decided true: (A,) float64."""
        chosen = {**self.config.thresholds, **self.tuning.thresholds}
        return np.array([chosen[name] for name in self.attributes.names])

    @property
    def temperatures(self) -> np.ndarray:
        """By which probabilities are calibrated: (A,) float64."""
        chosen = self.tuning.temperatures
        return np.array([chosen.get(name, 1.0) for name in self.attributes.names])

    def calibrated(self, probabilities: np.ndarray) -> np.ndarray:
        """Return what is shown, and decided on, for ``probabilities`` (..., A) as the network gives them."""
        return calibrated(probabilities, self.temperatures, self.attributes.exclusive)

    @cached_property
    def frames(self) -> pd.DataFrame:
        """``name``, ``video``, ``part`` and one nullable boolean column per attribute.

        Raises:
            RunError: the file cannot be read.
        """
        return run_files.frames(self.path, self.attributes.names)

    @property
    def leak(self) -> LeakRecord | None:
        """``meter`` (percent), ``test_frames`` and ``leaking_test_frames`` of a run on a split that leaks, else none."""
        mark = self.config.leak
        return mark if mark and mark["meter"] > BOUND else None

    # What came of it.

    @property
    def best_epoch(self) -> int | None:
        """Number of the epoch whose network is kept; none before there is one."""
        return best.epoch if (best := self.status.best) else None

    @property
    def name_file(self) -> Path:
        return self.path / "name.txt"

    @property
    def name(self) -> str:
        """What somebody called it; empty where nobody did. See `core.runs.run_names`."""
        return " ".join(run_files.text(self.path, self.name_file.name).split())

    @property
    def note_file(self) -> Path:
        return self.path / "notes.txt"

    @property
    def note(self) -> str:
        """What the users want to remember of it."""
        return run_files.text(self.path, self.note_file.name).strip()

    @property
    def model_file(self) -> Path:
        """The network of the best epoch."""
        return self.path / "model.keras"

    @property
    def has_model(self) -> bool:
        return self.model_file.is_file()

    def load_model(self) -> "keras.Model":
        """Load the network of the best epoch; takes seconds.

        Raises:
            RunError: there is none yet, or it cannot be read.
        """
        if not self.has_model:
            raise RunError(
                f"{self.id} has no network yet (it is {self.state}).",
                "Wait until its first epoch has ended, or train again.",
            )
        from core.networks.backend import keras

        try:
            return keras.models.load_model(self.model_file, compile=False)
        except UNREADABLE as error:
            raise RunError(
                f"model.keras of {self.id} cannot be read ({first_line(error)}).",
                "Copy it again from where it came, or train again.",
            ) from error

    @property
    def test(self) -> TestResult | None:
        """The last test, of the network as it is now; none where it was not tested.

        Raises:
            RunError: the file cannot be read.
        """
        return run_files.record(self.path, "test.json", TestResult.from_json)

    def to_json(self) -> dict[str, Any]:
        """Return the run in a few plain values."""
        status, config = self.status, self.config
        return {
            "run": self.id,
            "network": config.network,
            "state": self.state,
            "epoch": status.epoch,
            "epochs": status.epochs or self.limits.epochs,
            "best": status.best and asdict(status.best),
            "minutes": round(self.minutes, 2),
            "user": config.user,
            "note": self.note,
            "name": self.name,
            "series": config.series and asdict(config.series),
            "split": config.split.by,
            "created": config.created,
        }

    def summary(self) -> str:
        """Return in a line how it ended, what it reached on the validation part, and its notes."""
        best, history = self.status.best, self.history.set_index("epoch")
        if not best or best.epoch not in history.index:
            return f"{self.id}: {self.state}, no epoch finished."
        row = history.loc[best.epoch]
        if self.attributes.exclusive and "val_accuracy" in row:
            accuracies = {RIGHT: row["val_accuracy"]}
        else:
            accuracies = {name: row[f"val_{name}_accuracy"] for name in self.attributes.names}
        reached = ", ".join(
            f"{name} {'has no labels' if pd.isna(value) else percent(value, 1)}"
            for name, value in accuracies.items()
        )
        ended = f"{self.id}: {self.state}; best epoch {best.epoch}, validation accuracy: {reached}."
        return " ".join([ended, *self.config.notes])

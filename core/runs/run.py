"""One run: its folder, and everything that is read from it, also while its training writes it. Does not import TensorFlow."""

import json
import time
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.attributes import Attribute, AttributeSet
from core.errors import RunError
from core.files import replacing
from core.labels.label_table import from_file
from core.networks.keras_file import UNREADABLE, first_line
from core.networks.preprocessing import Region, Size
from core.networks.recipe import Recipe
from core.networks.registry import Network, get_network
from core.runs import decision_settings, locks, phases
from core.runs.decisions import calibrated
from core.runs.phases import Leg
from core.runs.results import TestResult
from core.splits.leaks import BOUND
from core.text import percent
from core.workspace import Workspace

ACTIVE = ("starting", "running")
"""The states of a run that takes a slot."""

START_PATIENCE = 60.0
"""Seconds after which a run that should have started, and holds no lock, counts as interrupted."""

LAST_LINES = 6


class Underway:
    """A training, known by the folder that it writes to."""

    @property
    def path(self) -> Path:
        """Its folder."""
        raise NotImplementedError

    @property
    def status(self) -> dict[str, Any]:
        """What its process last said of itself: ``state``, ``at`` (Unix time), ``epoch``, ``epochs``, ``step``,
        ``steps``, ``done`` (0 to 1), ``phase``, ``rate`` (pictures per second), ``remaining`` (seconds), ``seconds``
        (of training so far), ``best`` (``epoch``, ``val_loss``), ``error``, ``pid``, and when it was ``queued`` and
        ``started``. A training writes it every few seconds, whatever it does. Use :attr:`state` for the truth about
        whether it is alive.
        """
        try:
            return json.loads((self.path / "status.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {"state": "waiting", "at": 0.0}

    def write_status(self, **changes: Any) -> None:
        """Write what changed of the status, with the time."""
        status = self.status | changes | {"at": time.time()}
        with replacing(self.path / "status.json") as partial:
            partial.write_text(json.dumps(status), encoding="utf-8")

    def overwrite_status(self, **changes: Any) -> None:
        """Write what changed in the place of the old text, which takes no more room; who reads it just then may find it torn."""
        status = self.status | changes | {"at": time.time()}
        with (self.path / "status.json").open("r+", encoding="utf-8") as file:
            file.write(json.dumps(status))
            file.truncate()

    @property
    def state(self) -> str:
        """``waiting`` (made, not started), ``queued``, ``starting``, ``running``, ``done``, ``stopped``, ``failed`` or
        ``interrupted``.

        A run that says it is running but holds no lock is interrupted: its process was killed.
        """
        first = self.status
        if first["state"] not in ACTIVE or self.is_alive:
            return first["state"]
        status = self.status
        if any(status.get(what) != first.get(what) for what in ("state", "pid")):
            return status["state"]  # it has begun, ended or been resumed between the two looks
        late = status["state"] == "running" or time.time() - status["at"] > START_PATIENCE
        return "interrupted" if late else status["state"]

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
    def history(self) -> pd.DataFrame:
        """One row per epoch: ``epoch``, ``seconds``, ``loss``, ``val_loss``, ``learning_rate``, and per attribute
        ``<attribute>_loss``, ``val_<attribute>_loss``, ``<attribute>_accuracy`` and ``val_<attribute>_accuracy``.
        Of classes these are each class against all others, and ``accuracy`` and ``val_accuracy`` the share of frames in
        their right class. Empty before the first epoch has ended.
        """
        try:
            return pd.read_csv(self.path / "history.csv")
        except (FileNotFoundError, pd.errors.EmptyDataError):
            return pd.DataFrame(columns=["epoch", "seconds", "loss", "val_loss", "learning_rate"])

    @property
    def minutes(self) -> float:
        """How long it has been trained."""
        return (self.status.get("seconds") or float(self.history["seconds"].sum())) / 60

    @property
    def checkpoint_file(self) -> Path:
        """All that is needed to go on after the last finished epoch, or where the training was stopped in the next."""
        return self.path / "checkpoint.npz"

    @property
    def worst(self) -> pd.DataFrame:
        """The validation frames that the last finished epoch was most wrong about, the worst first: ``name``,
        ``attribute``, ``label`` (bool), ``probability`` of true, and ``loss``. Empty before an epoch has ended.
        """
        try:
            return pd.read_csv(self.path / "worst.csv")
        except (FileNotFoundError, pd.errors.EmptyDataError):
            return pd.DataFrame(columns=["name", "attribute", "label", "probability", "loss"])

    @property
    def last_words(self) -> str:
        """The last lines of its log."""
        try:
            text = (self.path / "log.txt").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.strip().splitlines()[-LAST_LINES:])


if TYPE_CHECKING:
    from core.networks.backend import keras

RIGHT = "right class"
"""What the one accuracy of classes is called."""

ANSWERS = {"True": True, "False": False, "": None}


@dataclass(frozen=True)
class Run(Underway):
    """A run of a workspace, known by its folder.

    Args:
        workspace: whose frames it learns from.
        id: name of its folder in ``runs/``.
    """

    workspace: Workspace
    id: str

    @property
    def path(self) -> Path:
        return self.workspace.runs / self.id

    # What it was made with; never changes.

    @cached_property
    def config(self) -> dict[str, Any]:
        """Attributes, network, picture preparation, recipe, split, versions and hashes.

        Raises:
            RunError: the file cannot be read.
        """
        try:
            return json.loads((self.path / "config.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RunError(f"a readable config.json in {self.path}", str(error), "Train anew.") from error

    @cached_property
    def attributes(self) -> AttributeSet:
        """The attributes it learns, in the order of its outputs."""
        kept = self.config["attributes"]
        return AttributeSet(tuple(Attribute(**entry) for entry in kept["attributes"]), kept["exclusive"])

    @property
    def network(self) -> Network:
        return get_network(self.config["network"])

    @property
    def recipe(self) -> Recipe:
        """How it learns; its epochs are those of its present leg."""
        return replace(Recipe.from_json(self.config["recipe"]), epochs=self.leg.epochs)

    @property
    def legs(self) -> list[Leg]:
        """From which epoch to which it trains, the present leg last; the first is what its configuration says,
        unless its end was changed.
        """
        return phases.read(self.path, Leg(0, self.config["recipe"]["epochs"], self.config["minutes"]))

    @property
    def leg(self) -> Leg:
        """The present leg."""
        return self.legs[-1]

    @property
    def user(self) -> str:
        """Who wanted it; empty where nobody was named."""
        return self.config.get("user", "")

    @property
    def series(self) -> dict[str, Any] | None:
        """``kind``, ``id``, ``number`` and ``of`` of the series that it is one of, if it is."""
        return self.config.get("series")

    @property
    def size(self) -> Size:
        """Width and height of the input in pixels."""
        width, height = self.config["picture"]["size"]
        return width, height

    @property
    def region(self) -> Region | None:
        region = self.config["picture"]["region"]
        return tuple(region) if region else None

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
        chosen = {**self.config["thresholds"], **self.tuning.thresholds}
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
        """``name``, ``video``, ``part`` and one nullable boolean column per attribute."""
        table = from_file(pd.read_csv(self.path / "frames.csv", dtype=str, keep_default_na=False))
        for name in self.attributes.names:
            table[name] = table[name].map(ANSWERS).astype("boolean")
        return table

    @property
    def leak(self) -> dict[str, Any] | None:
        """``meter`` (percent), ``test_frames`` and ``leaking_test_frames`` of a run on a split that leaks, else none."""
        mark = self.config.get("leak")
        return mark if mark and mark["meter"] > BOUND else None

    # What came of it.

    @property
    def note_file(self) -> Path:
        return self.path / "notes.txt"

    @property
    def note(self) -> str:
        """What the users want to remember of it."""
        try:
            return self.note_file.read_text(encoding="utf-8").strip()
        except OSError:
            return ""

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
                f"a trained network in {self.id}",
                f"a run that is {self.state}",
                "Wait for its first epoch to end, or train anew.",
            )
        from core.networks.backend import keras

        try:
            return keras.models.load_model(self.model_file, compile=False)
        except UNREADABLE as error:
            raise RunError(
                "a readable model.keras",
                f"{self.id}: {first_line(error)}",
                "Copy it anew from where it came, or train anew.",
            ) from error

    @property
    def test(self) -> TestResult | None:
        """The last test, of the network as it is now; none where it was not tested."""
        try:
            return TestResult.from_json(json.loads((self.path / "test.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def to_json(self) -> dict[str, Any]:
        """Return the run in a few plain values."""
        status = self.status
        return {
            "run": self.id,
            "network": self.config["network"],
            "state": self.state,
            "epoch": status.get("epoch", 0),
            "epochs": status.get("epochs", self.config["recipe"]["epochs"]),
            "best": status.get("best"),
            "minutes": round(self.minutes, 2),
            "user": self.user,
            "note": self.note,
            "series": self.series,
            "split": self.config["split"]["by"],
            "created": self.config["created"],
        }

    def summary(self) -> str:
        """Return in a line how it ended, what it reached on the validation part, and its notes."""
        best = self.status.get("best")
        if not best:
            return f"{self.id}: {self.state}, no epoch finished."
        row = self.history.set_index("epoch").loc[best["epoch"]]
        if self.attributes.exclusive and "val_accuracy" in row:
            accuracies = {RIGHT: row["val_accuracy"]}
        else:
            accuracies = {name: row[f"val_{name}_accuracy"] for name in self.attributes.names}
        reached = ", ".join(
            f"{name} {'has no labels' if pd.isna(value) else percent(value, 1)}"
            for name, value in accuracies.items()
        )
        ended = f"{self.id}: {self.state}; best epoch {best['epoch']}, validation accuracy: {reached}."
        return " ".join([ended, *self.config["notes"]])

"""How far a training is, as its folder says: the files that its process writes while a page, or another process, reads them.

Importing this does not import TensorFlow.
"""

import json
import time
from pathlib import Path
from typing import Any

import pandas as pd

from core.files import replacing
from core.model import locks

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

"""How good a run is, on frames it has not learned from. Importing this does not import TensorFlow."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.errors import RunError
from core.files import Progress, replacing
from core.model import batches
from core.model.confusion import Confusion, confused, confusion
from core.model.decisions import decide
from core.model.run import Run

BATCH = 64
MISSED, FALSE_ALARM = "missed", "false alarm"


@dataclass(frozen=True)
class AttributeResult:
    """How often a run is right about one attribute, on the frames where it is labelled.

    Args:
        accuracy: share of right decisions; none where no frame is labelled.
        baseline: what always giving the more frequent answer of these frames would reach.
        frames: how many are labelled.
        positives: how many of them are labelled true.
    """

    accuracy: float | None
    baseline: float | None
    frames: int
    positives: int


@dataclass(frozen=True)
class TestResult:
    """The test of a run.

    Args:
        run: its id.
        split: how its frames were divided: ``video``, ``blocks``, ``random`` or ``file``.
        frames: how many were tested.
        videos: of how many videos or groups.
        attributes: by name.
        leak: the mark of the run, see `core.model.run.Run.leak`; none where its split does not leak.
        classes: which class was taken for which; none where attributes do not exclude each other.
    """

    __test__ = False  # pytest takes every class called Test… for one of its own

    run: str
    split: str
    frames: int
    videos: int
    attributes: dict[str, AttributeResult]
    leak: dict[str, Any] | None = None
    classes: Confusion | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain values; ``leak`` only where the split leaks, what `Confusion` says only of classes."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in ("run", "split", "frames", "videos")}
        plain["attributes"] = {name: vars(result) for name, result in self.attributes.items()}
        if self.classes:
            plain |= self.classes.to_json()
        return plain | ({"leak": self.leak} if self.leak else {})


def test(run: Run, part: str = "test", progress: Progress | None = None) -> TestResult:
    """Measure the accuracy of ``run`` per attribute.

    Writes ``predictions.csv`` (the validation and test parts), and ``test.json`` where ``part`` is the test part.

    Args:
        run: with a trained network.
        part: ``test`` or ``valid``.
        progress: called as ``progress(frames done, frames in all)``.

    Raises:
        RunError: it has no network yet, or no frame is in the part.
    """
    if not (run.frames["part"] == part).any():
        raise RunError(
            f"labelled frames in the part {part}",
            "none",
            "Label more videos, split again and train anew.",
        )
    table = predict(run, progress)
    with replacing(run.path / "predictions.csv") as partial:
        table.to_csv(partial, index=False, lineterminator="\n", float_format="%.6f")
    return measure(run, part)


test.__test__ = False  # type: ignore[attr-defined]


def measure(run: Run, part: str = "test") -> TestResult:
    """Measure ``run`` anew on what it predicted, as after its thresholds have changed; no network is loaded.

    Writes ``test.json`` where ``part`` is the test part.

    Raises:
        RunError: the run has not been tested.
    """
    table = predictions(run)
    tested = table[table["part"] == part]
    attributes = {name: _result(tested, name, run) for name in run.attributes.names}
    split, videos = run.config["split"]["by"], tested["group"].nunique()
    classes = confusion(tested, run.attributes.names) if run.attributes.exclusive else None
    result = TestResult(run.id, split, len(tested), videos, attributes, run.leak, classes)
    if part == "test":
        with replacing(run.path / "test.json") as partial:
            partial.write_text(json.dumps(result.to_json(), indent=2) + "\n", encoding="utf-8")
    return result


def overall(found: Mapping[str, Any]) -> float | None:
    """Return the one number that stands for a test, from its JSON; none where nothing is labelled.

    Of classes it is the share of frames decided right, else the mean of the attributes' accuracies.
    """
    if "confusion" in found:
        return found["accuracy"]
    known = [row["accuracy"] for row in found["attributes"].values() if row["accuracy"] is not None]
    return sum(known) / len(known) if known else None


def predict(
    run: Run, progress: Progress | None = None, parts: Sequence[str] = ("valid", "test")
) -> pd.DataFrame:
    """Run the frames of ``parts`` past the network of ``run``.

    Returns:
        ``name``, ``group``, ``part``, and per attribute its label (nullable boolean) and
        ``<attribute>_probability`` (float, as the network gives it).

    Raises:
        RunError: there is no network yet.
    """
    model = run.load_model()
    from core.model.backend import tf

    forward = tf.function(
        lambda pictures: model(pictures, training=False),
        input_signature=[tf.TensorSpec(model.input.shape, tf.uint8)],
    )
    loaded = [batches.load(run, part) for part in parts]
    total, done = sum(map(len, loaded)), 0
    tables = []
    for part in loaded:
        probabilities = np.empty((len(part), len(run.attributes)), np.float32)
        for first in range(0, len(part), BATCH):
            chunk = slice(first, first + BATCH)
            probabilities[chunk] = forward(part.pictures[chunk]).numpy()
            done += len(part.pictures[chunk])
            if progress:
                progress(done, total)
        names = [f"{name}_probability" for name in run.attributes.names]
        tables.append(part.frames.join(pd.DataFrame(probabilities.astype(float), columns=names)))
    return pd.concat(tables, ignore_index=True)


def predictions(run: Run, calibrate: bool = True) -> pd.DataFrame:
    """Read what :func:`test` wrote; columns as :func:`predict` returns them.

    Args:
        run: that was tested.
        calibrate: its probabilities, as they are shown and decided on; else as the network gives them.

    Raises:
        RunError: the run has not been tested.
    """
    return read_predictions(run, run.path / "predictions.csv", calibrate)


def read_predictions(run: Run, file: Path, calibrate: bool = True) -> pd.DataFrame:
    """Read a table that :func:`predict` made; see :func:`predictions`.

    Raises:
        RunError: there is none.
    """
    try:
        table = pd.read_csv(
            file,
            dtype=dict.fromkeys(("name", "group", "part"), str)
            | dict.fromkeys(run.attributes.names, "boolean"),
            keep_default_na=False,
            na_values={name: [""] for name in run.attributes.names},
        )
    except FileNotFoundError:
        raise RunError(f"a test of {run.id}", "a run that has not been tested", "Test it first.") from None
    if calibrate:
        columns = [f"{name}_probability" for name in run.attributes.names]
        table[columns] = run.calibrated(table[columns].to_numpy(float))
    return table


def mistakes(run: Run, part: str = "test") -> pd.DataFrame:
    """Return where the tested ``run`` decided otherwise than the label, the surest mistakes first.

    Returns:
        ``name``, ``group``, ``attribute``, ``label`` (bool), ``probability`` (float, that it is true) and ``side``:
        ``missed`` where true was not seen, ``false alarm`` where false was taken for true.

    Raises:
        RunError: the run has not been tested.
    """
    table = predictions(run)
    table = table[table["part"] == part].reset_index(drop=True)
    decided = _decisions(table, run)
    rows = []
    for number, name in enumerate(run.attributes.names):
        wrong = (table[name].notna() & (table[name].fillna(False) != decided[:, number])).to_numpy(dtype=bool)
        found = table.loc[wrong, ["name", "group"]]
        labels = table.loc[wrong, name].astype(bool)
        rows.append(
            found.assign(
                attribute=name,
                label=labels,
                probability=table.loc[wrong, f"{name}_probability"],
                side=np.where(labels, MISSED, FALSE_ALARM),
            )
        )
    together = pd.concat(rows, ignore_index=True)
    sureness = (together["probability"] - together["label"].astype(float)).abs()
    return together.loc[sureness.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


def confusions(run: Run, part: str = "test") -> pd.DataFrame:
    """Return the frames that a tested ``run`` of classes took for another class, the surest mistakes first.

    Returns:
        As `core.model.confusion.confused` returns them.

    Raises:
        RunError: the run has not been tested.
    """
    table = predictions(run)
    return confused(table[table["part"] == part], run.attributes.names)


def _decisions(table: pd.DataFrame, run: Run) -> np.ndarray:
    """Return what the run decides of the frames of ``table``: (N, A) bool."""
    probabilities = table[[f"{name}_probability" for name in run.attributes.names]].to_numpy()
    return decide(probabilities, run.thresholds, run.attributes.exclusive)


def _result(table: pd.DataFrame, name: str, run: Run) -> AttributeResult:
    is_set = table[name].notna().to_numpy(dtype=bool)
    frames = int(is_set.sum())
    if not frames:
        return AttributeResult(None, None, 0, 0)
    labels = table.loc[is_set, name].to_numpy(dtype=bool)
    decided = _decisions(table, run)[is_set, run.attributes.names.index(name)]
    positives = int(labels.sum())
    return AttributeResult(
        float((labels == decided).mean()), max(positives, frames - positives) / frames, frames, positives
    )

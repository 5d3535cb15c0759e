"""How good a run is, on frames it has not learned from. Importing this does not import TensorFlow."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.errors import RunError
from core.evaluation.intervals import Interval, none_of, of_share
from core.evaluation.label_changes import Relabelled, note_seen, relabelled
from core.evaluation.metrics import TestResult, agreement, attribute_result, exact, per_video
from core.evaluation.metrics_classes import confused, confusion
from core.files import Progress, replacing
from core.inputs import batches
from core.labels.answers import own_answers
from core.labels.labels import of_one_class
from core.runs.decisions import decide
from core.runs.predictions import column, columns, probabilities, read, write
from core.runs.run import Run

BATCH = 64
Forward = Callable[[np.ndarray], Any]
VALIDATION = "validation.csv"
"""What the network says of the validation part, kept until the test part is asked too."""
MISSED, FALSE_ALARM = "missed", "false alarm"


def test(run: Run, part: str = "test", progress: Progress | None = None) -> TestResult:
    """Measure the accuracy of ``run`` per attribute.

    Writes ``predictions.csv`` (the validation and test parts), and ``test.json`` where ``part`` is the test part. What the
    network says of the validation part is not asked again where `core.evaluation.thresholds.validation` has asked before.

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
    kept = run.path / VALIDATION
    if kept.exists():
        table = pd.concat(
            [read(run, kept, calibrate=False), predict(run, progress, ("test",))],
            ignore_index=True,
        )
    else:
        table = predict(run, progress)
    write(table, run.path / "predictions.csv")
    kept.unlink(missing_ok=True)  # it is in there now
    return measure(run, part)


test.__test__ = False  # type: ignore[attr-defined]


def measure(run: Run, part: str = "test", current_labels: bool = False) -> TestResult:
    """Measure ``run`` anew on what it predicted, as after its thresholds have changed; no network is loaded.

    Writes ``test.json`` where ``part`` is the test part, unless with ``current_labels``.

    Args:
        run: that was tested.
        part: ``test`` or ``valid``.
        current_labels: what the numbers would be with the labels of now, instead of those of the run.

    Raises:
        RunError: the run has not been tested.
    """
    table = predictions(run)
    tested = table[table["part"] == part].reset_index(drop=True)
    if part == "test":
        note_seen(run)
    changed = relabelled(run, part)
    if current_labels:
        now = changed.table.set_index("name")
        for name in run.attributes.names:
            tested[name] = tested["name"].map(now[name]).astype("boolean")
    result = _measured(run, tested, changed, "current" if current_labels else "run")
    if part == "test" and not current_labels:
        with replacing(run.path / "test.json") as partial:
            partial.write_text(json.dumps(result.to_json(), indent=2) + "\n", encoding="utf-8")
    return result


def _measured(run: Run, tested: pd.DataFrame, changed: Relabelled, labels: str) -> TestResult:
    names, videos = list(run.attributes.names), tested["group"].to_numpy(dtype=object)
    decided = decisions(tested, run)
    thresholds = [None] * len(names) if run.attributes.exclusive else run.thresholds.tolist()
    attributes = {
        name: attribute_result(
            tested[name], decided[:, i], tested[column(name)].to_numpy(), videos, thresholds[i]
        )
        for i, name in enumerate(names)
    }
    classes = confusion(tested, run.attributes.names) if run.attributes.exclusive else None
    return TestResult(
        run.id,
        run.config.split.by,
        len(tested),
        tested["group"].nunique(),
        attributes,
        exact(tested[names], decided),
        per_video(tested[names], decided, videos),
        agreement(_answers(run, tested, decided)),
        labels,
        changed.labels,
        changed.since_seen,
        run.tuning.changed_after_test,
        run.leak,
        classes,
        _over_all(tested, run) if classes else None,
    )


def _over_all(tested: pd.DataFrame, run: Run) -> Interval | None:
    """Return the interval of how many frames of a known class are decided right."""
    known = tested[of_one_class(tested, run.attributes.names)]
    labels = known[list(run.attributes.names)].fillna(False).to_numpy(dtype=bool)
    right = (labels == decisions(known, run)).all(axis=1)
    return of_share(right, known["group"].to_numpy(dtype=object))


def _answers(run: Run, tested: pd.DataFrame, decided: np.ndarray) -> pd.DataFrame:
    """Return what annotators say now of the tested frames, as `core.evaluation.metrics.agreement` takes it; of classes the
    class they chose.
    """
    said, place = own_answers(run.workspace), pd.Series(tested.index, index=tested["name"])
    at = said.frames["name"].map(place).to_numpy(dtype=float, na_value=np.nan)
    made = [pd.DataFrame({name: [] for name in ("annotator", "video", "name", "attribute", "right")})]
    for number, name in enumerate(run.attributes.names):
        rows = said.rows.get(name, np.empty((0, 3), np.int64))
        rows = rows[~np.isnan(at[rows[:, 0]])]
        if run.attributes.exclusive:
            rows = rows[rows[:, 2] == 1]
        where = at[rows[:, 0]].astype(np.int64)
        about = {
            "annotator": np.array(said.annotators, object)[rows[:, 1]],
            "video": tested["group"].to_numpy()[where],
        }
        about |= {"name": tested["name"].to_numpy()[where], "attribute": name}
        made.append(pd.DataFrame(about | {"right": decided[where, number] == (rows[:, 2] == 1)}))
    return pd.concat(made, ignore_index=True)


def no_interval(found: Mapping[str, Any]) -> str:
    """Say of what a test, from its JSON, has no interval and why; empty where all have one."""
    if "confusion" in found:
        return none_of({"all classes": found["labelled_videos"]})
    return none_of({name: row["videos"] for name, row in found["attributes"].items()})


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
        Columns as in `core.runs.predictions`; probabilities as the network gives them.

    Raises:
        RunError: there is no network yet.
    """
    forward = compiled(run)
    loaded = [batches.load(run, part) for part in parts]
    total, done = sum(map(len, loaded)), 0
    tables = []
    for part in loaded:
        found = np.empty((len(part), len(run.attributes)), np.float32)
        for first in range(0, len(part), BATCH):
            chunk = slice(first, first + BATCH)
            found[chunk] = forward(part.pictures[chunk]).numpy()
            done += len(part.pictures[chunk])
            if progress:
                progress(done, total)
        table = pd.DataFrame(found.astype(float), columns=columns(run.attributes.names))
        tables.append(part.frames.join(table))
    return pd.concat(tables, ignore_index=True)


def compiled(run: Run) -> Forward:
    """Return the network of ``run`` as a compiled function, from pictures (n, h, w, 3) uint8 to probabilities (n, A).

    Raises:
        RunError: there is no network yet.
    """
    model = run.load_model()
    from core.networks.backend import tf

    return tf.function(
        lambda pictures: model(pictures, training=False),
        input_signature=[tf.TensorSpec(model.input.shape, tf.uint8)],
    )


def predictions(run: Run, calibrate: bool = True) -> pd.DataFrame:
    """Read what :func:`test` wrote; columns as :func:`predict` returns them.

    Args:
        run: that was tested.
        calibrate: its probabilities, as they are shown and decided on; else as the network gives them.

    Raises:
        RunError: the run has not been tested.
    """
    return read(run, run.path / "predictions.csv", calibrate)


def tested(run: Run, progress: Progress | None = None) -> dict[str, Any]:
    """Return what a test of ``run`` found, as ``test.json`` says it; it is tested now if it was not.

    Raises:
        RunError: it has no network yet, or no frame tests.
    """
    if run.test is None:
        test(run, progress=progress)
    return run.test or {}


def on_test_part(run: Run, progress: Progress | None = None) -> pd.DataFrame:
    """Return the predictions on the test part, a row for each name; the run is tested now if it was not.

    Raises:
        RunError: it has no network yet, or no frame tests.
    """
    tested(run, progress)
    table = predictions(run)
    return table[table["part"] == "test"].drop(columns="part").set_index("name")


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
    decided = decisions(table, run)
    rows = []
    for number, name in enumerate(run.attributes.names):
        wrong = (table[name].notna() & (table[name].fillna(False) != decided[:, number])).to_numpy(dtype=bool)
        found = table.loc[wrong, ["name", "group"]]
        labels = table.loc[wrong, name].astype(bool)
        rows.append(
            found.assign(
                attribute=name,
                label=labels,
                probability=table.loc[wrong, column(name)],
                side=np.where(labels, MISSED, FALSE_ALARM),
            )
        )
    together = pd.concat(rows, ignore_index=True)
    sureness = (together["probability"] - together["label"].astype(float)).abs()
    return together.loc[sureness.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


def confusions(run: Run) -> pd.DataFrame:
    """Return the frames that a tested ``run`` of classes took for another class, the surest mistakes first.

    Returns:
        As `core.evaluation.metrics_classes.confused` returns them.

    Raises:
        RunError: the run has not been tested.
    """
    table = predictions(run)
    return confused(table[table["part"] == "test"], run.attributes.names)


def decisions(table: pd.DataFrame, run: Run) -> np.ndarray:
    """Return what the run decides of the frames of ``table``: (N, A) bool."""
    return decide(probabilities(table, run.attributes.names), run.thresholds, run.attributes.exclusive)

"""How good a run is, on frames it has not learned from. Importing this does not import TensorFlow."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from core.access.rights import Right, needs
from core.errors import RunError, SeamLensError
from core.evaluation import label_changes, metrics
from core.evaluation.intervals import none_of
from core.evaluation.label_changes import LabelChanges
from core.files import Progress, is_read_only, part_of, replacing
from core.inputs import batches
from core.labels.annotator_labels import annotator_labels
from core.media.library import videos
from core.runs.decisions import decide
from core.runs.predictions import column, columns, probabilities, read, write_predictions
from core.runs.results import Origin, OriginResult, TestResult
from core.runs.run import Run
from core.splits.split import PART_NAMES

BATCH = 64
Forward = Callable[[np.ndarray], Any]
VALIDATION = "validation.csv"
"""Predictions on the validation part, until the test part is predicted too."""


@needs(Right.TEST)
def test(run: Run, part: str = "test", progress: Progress | None = None) -> TestResult:
    """Measure the accuracy of ``run`` per attribute.

    Writes ``predictions.csv`` (the validation and test parts), and ``test.json`` where ``part`` is the test part. Predictions
    on the validation part that `core.evaluation.thresholds.validation` wrote are read, not computed again.

    Raises:
        RunError: it has no network yet, or the part is empty.
    """
    check_has_frames(run, part)
    validation = run.path / VALIDATION
    if validation.exists():
        parts = [read(run, validation, calibrate=False), predict(run, progress, ("test",))]
        table = pd.concat(parts, ignore_index=True)
    else:
        table = predict(run, progress)
    write_predictions(table, run.path / "predictions.csv")
    validation.unlink(missing_ok=True)  # predictions.csv has it now
    return measure(run, part)


test.__test__ = False  # type: ignore[attr-defined]


def measure(run: Run, part: str = "test", current_labels: bool = False) -> TestResult:
    """Measure ``run`` again on its predictions, as after its thresholds have changed; no network is loaded.

    Writes ``test.json`` where ``part`` is the test part, unless with ``current_labels``: as they are now, not those of the run.

    Raises:
        RunError: the run has not been tested.
    """
    tested = predictions(run, part=part)
    if part == "test":
        label_changes.remember_first_test(run)
    changed = label_changes.changed_labels(run, part)
    if current_labels:
        tested = label_changes.with_current_labels(run, tested, changed)
    result = _measured(run, tested, changed, "current" if current_labels else "run")
    if part == "test" and not current_labels and not is_read_only(run.path):
        with replacing(run.path / "test.json") as partial:
            partial.write_text(json.dumps(result.to_json(), indent=2) + "\n", encoding="utf-8")
    return result


def measure_with(run: Run, forward: Forward, progress: Progress | None = None) -> TestResult:
    """Measure the network of ``run`` as another engine runs it, on the test part; nothing is stored.

    Args:
        run: with a test part.
        forward: from pictures (n, h, w, 3) uint8 BGR to probabilities (n, A), of `core.export.engines.forward_with`.
        progress: called as ``progress(done, total)``.

    Raises:
        RunError: the test part is empty, or frames of it are gone.
    """
    check_has_frames(run, "test")
    tested = predict(run, progress, ("test",), forward)
    names = columns(run.attributes.names)
    tested[names] = run.calibrated(tested[names].to_numpy(float))
    return _measured(run, tested, label_changes.changed_labels(run, "test"), "run")


def check_has_frames(run: Run, part: str) -> None:
    """Refuse a part without frames.

    Raises:
        RunError: it has none.
    """
    if not (run.frames["part"] == part).any():
        raise RunError(
            f"The {PART_NAMES[part]} part of {run.id} has no labelled frame.",
            "Label more videos, split again and train.",
        )


def _measured(run: Run, tested: pd.DataFrame, changed: LabelChanges, labels: str) -> TestResult:
    names, groups = run.attributes.names, tested["video"].to_numpy(dtype=object)
    decided, answers = decisions(tested, run), tested[list(names)]
    whole = _on(run, tested, decided, "")
    exact_match, exact_match_frames = metrics.exact_match(answers, decided)
    return TestResult(
        run.id,
        run.config.split.by,
        whole.frames,
        whole.videos,
        whole.attributes,
        exact_match,
        exact_match_frames,
        metrics.per_video(answers, decided, groups),
        metrics.annotator_results(_answers(run, tested, decided)),
        labels,
        changed.labels,
        changed.relabelled,
        run.tuning.changed_after_test,
        run.leak,
        whole.classes,
        _by_origin(run, tested, decided, whole),
    )


def _by_origin(
    run: Run, tested: pd.DataFrame, decided: np.ndarray, whole: OriginResult
) -> tuple[OriginResult, ...]:
    """Return the results on one's own seams and on practice videos; on what is there."""
    rendered = {video.key for video in videos(run.workspace, hidden=True) if video.origin == "rendered"}
    is_rendered = tested["video"].isin(rendered).to_numpy()
    sides: dict[Origin, np.ndarray] = {"own": ~is_rendered, "rendered": is_rendered}
    there = {origin: rows for origin, rows in sides.items() if rows.any()}
    if len(there) == 1:
        return (replace(whole, origin=next(iter(there))),)
    return tuple(_on(run, tested[rows], decided[rows], origin) for origin, rows in there.items())


def _on(run: Run, tested: pd.DataFrame, decided: np.ndarray, origin: Origin) -> OriginResult:
    """Measure ``run`` on these frames."""
    names, groups = run.attributes.names, tested["video"].to_numpy(dtype=object)
    thresholds = [None] * len(names) if run.attributes.exclusive else run.thresholds.tolist()
    attributes = {
        name: metrics.attribute_result(
            tested[name], decided[:, i], tested[column(name)].to_numpy(), groups, thresholds[i]
        )
        for i, name in enumerate(names)
    }
    classes = metrics.classes_result(tested, names) if run.attributes.exclusive else None
    return OriginResult(origin, len(tested), tested["video"].nunique(), attributes, classes)


def _answers(run: Run, tested: pd.DataFrame, decided: np.ndarray) -> pd.DataFrame:
    """Return the annotators' answers of now, as `core.evaluation.metrics.annotator_results` takes them; of classes their choices."""
    answers, place = annotator_labels(run.workspace), pd.Series(tested.index, index=tested["name"])
    at = answers.frames["name"].map(place).to_numpy(dtype=float, na_value=np.nan)
    tables = [pd.DataFrame({key: [] for key in ("annotator", "video", "name", "attribute", "right")})]
    for number, attribute in enumerate(run.attributes.names):
        rows = answers.rows.get(attribute, np.empty((0, 3), np.int64))
        rows = rows[~np.isnan(at[rows[:, 0]])]
        if run.attributes.exclusive:
            rows = rows[rows[:, 2] == 1]
        where = at[rows[:, 0]].astype(np.int64)
        columns = {
            "annotator": np.array(answers.annotators, object)[rows[:, 1]],
            "video": tested["video"].to_numpy()[where],
            "name": tested["name"].to_numpy()[where],
            "attribute": attribute,
            "right": decided[where, number] == (rows[:, 2] == 1),
        }
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True)


def no_interval(result: TestResult) -> str:
    """Say which numbers of a test have no interval and why; empty where all have one."""
    if result.classes:
        return none_of({"all classes": result.classes.videos})
    return none_of({name: row.videos for name, row in result.attributes.items()})


def predict(
    run: Run,
    progress: Progress | None = None,
    parts: Sequence[str] = ("valid", "test"),
    forward: Forward | None = None,
) -> pd.DataFrame:
    """Run the frames of ``parts`` past the network of ``run``, or past ``forward``, which has it.

    Returns:
        Columns as in `core.runs.predictions`; probabilities as the network gives them.

    Raises:
        RunError: there is no network yet.
    """
    forward = forward or compiled(run)
    loaded = [batches.load(run, part) for part in parts]
    total, done = sum(map(len, loaded)), 0
    tables = []
    for part in loaded:
        found = np.empty((len(part), len(run.attributes)), np.float32)
        for first in range(0, len(part), BATCH):
            chunk = slice(first, first + BATCH)
            found[chunk] = np.asarray(forward(part.pictures[chunk]))
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


def predictions(run: Run, calibrate: bool = True, part: str = "") -> pd.DataFrame:
    """Read what :func:`test` wrote of ``valid``, ``test`` or both parts; columns as :func:`predict` returns them.

    Probabilities are calibrated, as they are shown and decided on, or as the network gives them.

    Raises:
        RunError: the run has not been tested.
    """
    table = read(run, run.path / "predictions.csv", calibrate)
    return table[table["part"] == part].reset_index(drop=True) if part else table


def stored(run: Run, progress: Progress | None = None) -> TestResult:
    """Return the test of ``run``. It is tested now if it was not, and measured again if an earlier version lacked a metric.

    Raises:
        RunError: it has no network yet, or its test part is empty.
    """
    result = run.test
    if result is None:
        return test(run, progress=progress)
    lacks_origins = not result.origins and (run.path / "predictions.csv").exists()
    return result if _has_every_metric(result) and not lacks_origins else measure(run)


def listed_result(run: Run) -> TestResult | None:
    """Return the last test of ``run`` for a list; none where it was not tested. One's own videos and practice videos, which
    earlier versions pooled, are told apart where the predictions are still there.
    """
    if (result := run.test) is None or result.origins:
        return result
    try:
        return stored(run)
    except SeamLensError:
        return result


def _has_every_metric(result: TestResult) -> bool:
    rows: list[tuple[metrics.Scope, Mapping[str, Any]]]
    rows = [("attribute", row.metrics) for row in result.attributes.values()]
    if result.classes:
        rows += [("class", result.classes.per_class), ("classes", result.classes.metrics)]
    return all(metric.name in row for scope, row in rows for metric in metrics.metrics_of(scope))


@needs(Right.TEST)
def test_each(runs: Sequence[Run], progress: Progress | None = None) -> int:
    """Test those of ``runs`` that were not tested yet; return how many these are.

    Raises:
        RunError: as `test`.
    """
    untested = [run for run in runs if run.test is None]
    for number, run in enumerate(untested):
        test(run, progress=part_of(progress, number, len(untested)))
    return len(untested)


def on_test_part(run: Run, progress: Progress | None = None) -> pd.DataFrame:
    """Return the predictions on the test part, a row for each name; the run is tested now if it was not.

    Raises:
        RunError: it has no network yet, or its test part is empty.
    """
    if run.test is None:
        test(run, progress=progress)
    return predictions(run, part="test").drop(columns="part").set_index("name")


def decisions(table: pd.DataFrame, run: Run) -> np.ndarray:
    """Return what the run decides of the frames of ``table``: (N, A) bool."""
    return decide(probabilities(table, run.attributes.names), run.thresholds, run.attributes.exclusive)

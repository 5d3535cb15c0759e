"""The metrics of a test, in one table: what each is computed from, and how it is shown.

Every page, command, report and document reads `METRICS`. The formulas are scikit-learn's. A metric that is not defined is
none, and never a zero or a one. Importing this does not import TensorFlow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.evaluation import intervals
from core.labels.label_table import of_one_class
from core.runs.predictions import probabilities
from core.runs.results import (
    AnnotatorResult,
    AttributeResult,
    ClassesResult,
    LabelAgreement,
    Value,
    VideoResult,
)
from core.text import UNKNOWN, percent

Scope = Literal["attribute", "class", "classes"]
"""What is measured: one attribute, one class against all others, or all classes together."""


@dataclass(frozen=True)
class Outcomes:
    """What metrics are computed from: labelled frames, at least one.

    Args:
        labels: (N,) bool; of classes together (N,) int64, numbers of classes.
        decided: (N,) the same.
        probabilities: (N,) float, that it is true; of classes together (N, A), per class.
        scope: what these are the outcomes of.
    """

    labels: np.ndarray
    decided: np.ndarray
    probabilities: np.ndarray
    scope: Scope = "attribute"


@dataclass(frozen=True)
class Metric:
    """One number of a test.

    Args:
        name: its key in ``test.json`` and ``--json``.
        label: the head of its column.
        meaning: a sentence that explains it.
        compute: returns it; none or NaN where it is not defined.
        scopes: what it is computed for.
        is_share: from 0 to 1 and shown in percent; else a plain number.
        higher_is_better: none where neither is.
    """

    name: str
    label: str
    meaning: str
    compute: Callable[[Outcomes], float | None]
    scopes: tuple[Scope, ...] = ("attribute", "class")
    is_share: bool = True
    higher_is_better: bool | None = True

    @property
    def help(self) -> str:
        """The meaning, and which direction is better."""
        direction = {True: " Higher is better.", False: " Lower is better.", None: ""}
        return self.meaning + direction[self.higher_is_better]

    def shown(self, value: Value, unknown: str = UNKNOWN) -> str:
        """Return a value as text."""
        return percent(value, 1, unknown=unknown) if self.is_share or value is None else f"{value:.3f}"


def _score(name: str, **options: Any) -> Callable[[Outcomes], float]:
    """Return scikit-learn's metric of that name as a function of outcomes."""

    def compute(of: Outcomes) -> float:
        from sklearn import metrics  # not above: it takes a second, and pages without a test need none

        return getattr(metrics, name)(of.labels, of.decided, **options)

    return compute


def _accuracy(of: Outcomes) -> float:
    return float((of.labels == of.decided).mean())


def _baseline(of: Outcomes) -> float:
    return float(np.unique(of.labels, return_counts=True)[1].max() / len(of.labels))


def _balanced_accuracy(of: Outcomes) -> float | None:
    answers = np.unique(of.labels)
    if of.scope == "attribute" and len(answers) < 2:
        return None
    return _score("recall_score", labels=answers, average="macro")(of)


def _f1(of: Outcomes) -> float | None:
    # A class that is decided and never labelled counts as 0 in the mean over classes.
    if of.scope == "attribute" and not of.labels.any():
        return None
    return _score("f1_score", zero_division=np.nan)(of)


def _average_precision(of: Outcomes) -> float | None:
    if not of.labels.any():
        return None
    from sklearn.metrics import average_precision_score

    return average_precision_score(of.labels, of.probabilities)


METRICS = (
    Metric("accuracy", "Accuracy", "Share of the labelled frames that were decided right.", _accuracy,
           ("attribute", "classes")),
    Metric("baseline", "Baseline", "The accuracy of always giving the most frequent answer of these frames.", _baseline,
           ("attribute", "classes"), higher_is_better=None),
    Metric("balanced_accuracy", "Balanced", "Balanced accuracy: the mean of the shares decided right of each answer or class, "
           "however many frames it has.", _balanced_accuracy, ("attribute", "classes")),
    Metric("precision", "Precision", "Share of the frames decided so that are labelled so.",
           _score("precision_score", zero_division=np.nan)),
    Metric("recall", "Recall", "Share of the frames labelled so that were decided so.",
           _score("recall_score", zero_division=np.nan)),
    Metric("f1", "F1", "Harmonic mean of precision and recall.", _f1),
    Metric("average_precision", "AP", "Average precision: the mean precision over all thresholds, weighted by the gain in "
           "recall.", _average_precision),
    Metric("macro_f1", "Macro F1", "Mean F1 of the classes that are labelled or decided.",
           _score("f1_score", average="macro"), ("classes",)),
)  # fmt: skip
"""In the order in which they are shown."""


def metrics_of(scope: Scope) -> tuple[Metric, ...]:
    """Return the metrics that are computed for ``scope``, in the order in which they are shown."""
    return tuple(metric for metric in METRICS if scope in metric.scopes)


def measure(outcomes: Outcomes) -> dict[str, Value]:
    """Return every metric of ``outcomes`` by name; all are none without a frame."""
    found: dict[str, Value] = dict.fromkeys(metric.name for metric in metrics_of(outcomes.scope))
    if len(outcomes.labels):
        for metric in metrics_of(outcomes.scope):
            found[metric.name] = _defined(metric.compute(outcomes))
    return found


def _defined(value: float | None) -> Value:
    return None if value is None or np.isnan(value) else float(value)


def reference() -> str:
    """Return the table as Markdown, as it stands in ``docs/reference/measures.md``."""
    better = {True: "higher", False: "lower", None: "–"}
    of: dict[Scope, str] = {"attribute": "each attribute", "class": "each class", "classes": "all classes"}
    rows = [
        f"| `{m.name}` | {m.label} | {m.meaning} | {', '.join(of[scope] for scope in m.scopes)} | "
        f"{'percent' if m.is_share else 'number'} | {better[m.higher_is_better]} |"
        for m in METRICS
    ]
    head = ["| key | shown as | meaning | of | unit | better |", "| --- | --- | --- | --- | --- | --- |"]
    return "\n".join([*head, *rows]) + "\n"


# What a test says of attributes, classes, videos and annotators.


def attribute_result(
    labels: pd.Series, decided: np.ndarray, chances: np.ndarray, videos: np.ndarray, threshold: float | None = None
) -> AttributeResult:  # fmt: skip
    """Measure one attribute on the frames where it is labelled: ``labels`` (N,) nullable boolean, ``decided`` (N,) bool,
    ``chances`` (N,) float of true, ``videos`` (N,) names.
    """
    is_set = labels.notna().to_numpy(dtype=bool)
    outcomes = Outcomes(labels[is_set].to_numpy(dtype=bool), decided[is_set], chances[is_set])
    if not is_set.any():
        return AttributeResult(measure(outcomes), threshold=threshold)
    answers = {"true": True, "false": False}
    return AttributeResult(
        measure(outcomes),
        len(outcomes.labels),
        int(outcomes.labels.sum()),
        len(np.unique(videos[is_set])),
        intervals.of_share(outcomes.labels == outcomes.decided, videos[is_set]),
        threshold,
        {label: {word: int(((outcomes.labels == a) & (outcomes.decided == b)).sum()) for word, b in answers.items()}
         for label, a in answers.items()},
    )  # fmt: skip


def classes_result(table: pd.DataFrame, names: tuple[str, ...]) -> ClassesResult:
    """Measure how well classes are told apart on the labelled frames of a ``table`` of `core.evaluation.evaluate.predict`."""
    frames, labels, chances = labelled_classes(table, names)
    decided = chances.argmax(axis=1)
    counts = np.zeros((len(names), len(names)), np.int64)  # row the labelled class, column the decided one
    np.add.at(counts, (labels, decided), 1)
    outcomes = (Outcomes(labels == i, decided == i, chances[:, i], "class") for i in range(len(names)))
    each = dict(zip(names, map(measure, outcomes), strict=True))
    return ClassesResult(
        measure(Outcomes(labels, decided, chances, "classes")),
        {metric.name: {name: each[name][metric.name] for name in names} for metric in metrics_of("class")},
        {name: dict(zip(names, row, strict=True)) for name, row in zip(names, counts.tolist(), strict=True)},
        names[int(counts.sum(axis=1).argmax())],
        frames["video"].nunique(),
        intervals.of_share(labels == decided, frames["video"].to_numpy(dtype=object)),
    )


def labelled_classes(
    table: pd.DataFrame, names: tuple[str, ...]
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return the frames whose class is labelled, its number (N,) int64, and the probabilities (N, A) float."""
    frames = table[of_one_class(table, names)]
    labels = frames[list(names)].fillna(False).to_numpy(dtype=bool).argmax(axis=1)
    return frames, labels, probabilities(frames, names)


def exact_match(labels: pd.DataFrame, decided: np.ndarray) -> tuple[Value, int]:
    """Return the share of the fully labelled frames with every decision right (none without such), and how many they are:
    ``labels`` (N, A) nullable boolean, ``decided`` (N, A) bool.
    """
    is_full = labels.notna().all(axis=1).to_numpy(dtype=bool)
    if not is_full.any():
        return None, 0
    right = (labels[is_full].to_numpy(dtype=bool) == decided[is_full]).all(axis=1)
    return float(right.mean()), int(is_full.sum())


def per_video(labels: pd.DataFrame, decided: np.ndarray, videos: np.ndarray) -> tuple[VideoResult, ...]:
    """Measure each video: ``labels`` (N, A) nullable boolean, ``decided`` (N, A) bool, ``videos`` (N,) names."""
    answers = labels.to_numpy(dtype=np.float64, na_value=np.nan)
    right = pd.DataFrame(np.where(np.isnan(answers), np.nan, answers == decided), columns=labels.columns)
    whole = right.min(axis=1, skipna=False)
    return tuple(
        VideoResult(
            str(video),
            len(rows),
            _defined(whole[rows.index].mean()),
            {name: _defined(rows[name].mean()) for name in labels.columns},
        )
        for video, rows in right.groupby(videos)
    )


def annotator_results(answers: pd.DataFrame) -> dict[str, AnnotatorResult]:
    """Return by annotator how often the decisions are what they answered.

    Args:
        answers: ``annotator``, ``video``, ``name`` (of the frame), ``attribute``, ``right`` (bool), a row per answer.
    """
    return {
        str(annotator): AnnotatorResult(
            float(rows["right"].mean()),
            len(rows),
            int(rows["name"].nunique()),
            int(rows["video"].nunique()),
            {
                str(name): LabelAgreement(float(each.mean()), len(each))
                for name, each in rows.groupby("attribute", sort=False)["right"]
            },
        )
        for annotator, rows in answers.groupby("annotator", sort=False)
    }


if __name__ == "__main__":
    print(reference(), end="")

"""How well classes are told apart. Importing this does not import TensorFlow.

The formulas are scikit-learn's. A number that is not defined is none, and never a zero or a one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.labels.label_table import of_one_class
from core.runs import predictions


@dataclass(frozen=True)
class Confusion:
    """How often which class was taken for which, on frames whose class is known.

    Args:
        names: of the classes, in the order of rows and columns.
        counts: (A, A) int64: row the labelled class, column the decided one.
        videos: of how many videos or groups these frames are.
        precision: per class, which share of the frames decided so is labelled so; none where none was.
        f1: per class, the harmonic mean of precision and recall; none where it is neither labelled nor decided.
        average_precision: per class, the mean precision over all thresholds of its probability, weighted by the gain in
            recall; none where it is not labelled.
    """

    names: tuple[str, ...]
    counts: np.ndarray
    videos: int
    precision: Mapping[str, float | None]
    f1: Mapping[str, float | None]
    average_precision: Mapping[str, float | None]

    @property
    def frames(self) -> int:
        return int(self.counts.sum())

    @property
    def accuracy(self) -> float | None:
        """Share of the frames whose class was decided right; none without frames."""
        return float(np.trace(self.counts) / self.frames) if self.frames else None

    @property
    def most_frequent(self) -> str:
        """The class that most of these frames are labelled with."""
        return self.names[int(self.counts.sum(axis=1).argmax())]

    @property
    def baseline(self) -> float | None:
        """The accuracy of always deciding for the most frequent class; none without frames."""
        return float(self.counts.sum(axis=1).max() / self.frames) if self.frames else None

    @property
    def recall(self) -> dict[str, float | None]:
        """Per class, which share of its frames was found; none where there is no frame of it."""
        totals = self.counts.sum(axis=1)
        found = zip(self.names, self.counts.diagonal(), totals, strict=True)
        return {name: float(right / total) if total else None for name, right, total in found}

    @property
    def balanced_accuracy(self) -> float | None:
        """Mean recall of the classes that are labelled: each counts the same, however many frames it has."""
        return _mean(self.recall)

    @property
    def macro_f1(self) -> float | None:
        """Mean F1 of the classes that are labelled or decided."""
        return _mean(self.f1)

    def to_json(self) -> dict[str, Any]:
        """Return plain values; ``confusion`` is labelled class to decided class to frames."""
        rows = {
            name: dict(zip(self.names, row, strict=True))
            for name, row in zip(self.names, self.counts.tolist(), strict=True)
        }
        return {
            "accuracy": self.accuracy,
            "baseline": self.baseline,
            "most_frequent": self.most_frequent,
            "balanced_accuracy": self.balanced_accuracy,
            "macro_f1": self.macro_f1,
            "labelled_videos": self.videos,
            "recall": self.recall,
            "precision": dict(self.precision),
            "f1": dict(self.f1),
            "average_precision": dict(self.average_precision),
            "confusion": rows,
        }


def confusion(table: pd.DataFrame, names: tuple[str, ...]) -> Confusion:
    """Count labelled against decided classes.

    Args:
        table: as `core.evaluation.evaluate.predict` returns it.
        names: of the classes.
    """
    labelled, decided = _numbers(table, names)
    counts = np.zeros((len(names), len(names)), np.int64)
    np.add.at(counts, (labelled, decided), 1)
    known = table[of_one_class(table, names)]
    quality = _quality(labelled, decided, predictions.probabilities(known, names), names)
    return Confusion(names, counts, known["video"].nunique(), **quality)


def _quality(
    labelled: np.ndarray, decided: np.ndarray, probabilities: np.ndarray, names: tuple[str, ...]
) -> dict[str, dict[str, float | None]]:
    """Return what scikit-learn says of each class against all others.

    Args:
        labelled: (N,) int64, numbers of classes.
        decided: (N,) int64.
        probabilities: (N, A) float.
        names: of the classes.
    """
    if not len(labelled):
        return {number: dict.fromkeys(names) for number in ("precision", "f1", "average_precision")}
    from sklearn import metrics  # not above: it takes a second, and pages without a test need none

    precision, _, f1, _ = metrics.precision_recall_fscore_support(
        labelled, decided, labels=np.arange(len(names)), zero_division=np.nan
    )
    ranked = [
        float(metrics.average_precision_score(is_it, chances)) if is_it.any() else np.nan
        for is_it, chances in zip(labelled == np.arange(len(names))[:, None], probabilities.T, strict=True)
    ]
    found = {"precision": precision, "f1": f1, "average_precision": ranked}
    return {
        number: {n: None if np.isnan(v) else float(v) for n, v in zip(names, values, strict=True)}
        for number, values in found.items()
    }


def _mean(shares: Mapping[str, float | None]) -> float | None:
    known = [share for share in shares.values() if share is not None]
    return sum(known) / len(known) if known else None


def confused(table: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """Return the frames that were taken for another class, the surest mistakes first.

    Args:
        table: as `core.evaluation.evaluate.predict` returns it.
        names: of the classes.

    Returns:
        ``name``, ``video``, ``label`` and ``decided`` (names of classes), ``probability`` (float, of the decided one).
    """
    known = table[of_one_class(table, names)]
    labelled, decided = _numbers(table, names)
    classes = np.array(names, object)
    found = known[["name", "video"]].assign(
        label=classes[labelled],
        decided=classes[decided],
        probability=predictions.probabilities(known, names).max(axis=1),
    )[labelled != decided]
    return found.sort_values("probability", ascending=False, kind="stable").reset_index(drop=True)


def _numbers(table: pd.DataFrame, names: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return for frames of a known class the numbers of the labelled and of the decided one: two (N,) int64."""
    known = table[of_one_class(table, names)]
    said = known[list(names)].fillna(False).to_numpy(dtype=bool)
    return said.argmax(axis=1), predictions.probabilities(known, names).argmax(axis=1)

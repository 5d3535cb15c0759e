"""The numbers of a test, from labels and decisions. Importing this does not import TensorFlow.

The formulas are scikit-learn's. A number that is not defined is none, and never a zero or a one: the precision where nothing
was decided true, the recall where nothing is labelled true.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.evaluation.intervals import Interval, of_share
from core.evaluation.metrics_classes import Confusion


@dataclass(frozen=True)
class AttributeResult:
    """How often a run is right about one attribute, on the frames where it is labelled.

    Args:
        accuracy: share of right decisions; none where no frame is labelled.
        baseline: what always giving the more frequent answer of these frames would reach.
        frames: how many are labelled.
        positives: how many of them are labelled true.
        videos: of how many videos or groups they are.
        interval: 95 % interval of the accuracy over videos; none of fewer than `core.evaluation.intervals.FEWEST`.
        balanced_accuracy: mean of the shares of true and of false frames that were decided right.
        precision: share of the frames decided true that are labelled true.
        recall: share of the frames labelled true that were decided true.
        f1: harmonic mean of the two.
        average_precision: mean precision over all thresholds, weighted by the gain in recall.
        threshold: from which probability on it was decided true; none of classes.
        decided: labelled answer (``true``, ``false``) to decided answer to frames.
    """

    accuracy: float | None
    baseline: float | None
    frames: int
    positives: int
    videos: int = 0
    interval: Interval | None = None
    balanced_accuracy: float | None = None
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    average_precision: float | None = None
    threshold: float | None = None
    decided: Mapping[str, Mapping[str, int]] | None = None


@dataclass(frozen=True)
class Exact:
    """The frames on which everything is labelled: ``share`` with every decision right (none without such), ``frames``."""

    share: float | None
    frames: int


@dataclass(frozen=True)
class TestResult:
    """The test of a run.

    Args:
        run: its id.
        split: how its frames were divided: ``video``, ``blocks``, ``random`` or ``file``.
        frames: how many were tested.
        videos: of how many videos or groups.
        attributes: by name.
        exact: frames on which every attribute was decided right.
        per_video: ``video``, ``frames``, ``exact_match``, and ``attributes``: accuracy by name, none where it is not labelled.
        annotators: by name; see `agreement`.
        labels: ``run`` where it is measured against the labels of the run, ``current`` against those of now.
        changed_labels: how many labels of the tested frames are others now than in the run.
        relabelled_since: how many tested frames were relabelled after a run of the workspace was first tested on them.
        threshold_changes: how often thresholds were changed after the test part was seen.
        leak: the mark of the run, see `core.runs.run.Run.leak`; none where its split does not leak.
        classes: which class was taken for which; none where attributes do not exclude each other.
        interval: of classes, that of the accuracy over all.
    """

    __test__ = False  # pytest takes every class called Test… for one of its own

    run: str
    split: str
    frames: int
    videos: int
    attributes: dict[str, AttributeResult]
    exact: Exact = Exact(None, 0)
    per_video: tuple[dict[str, Any], ...] = ()
    annotators: Mapping[str, Any] | None = None
    labels: str = "run"
    changed_labels: int = 0
    relabelled_since: int = 0
    threshold_changes: int = 0
    leak: dict[str, Any] | None = None
    classes: Confusion | None = None
    interval: Interval | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain values; ``leak`` only where the split leaks, what `Confusion` says only of classes."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in ("run", "split", "frames", "videos")}
        plain["attributes"] = {name: dict(vars(result)) for name, result in self.attributes.items()}
        plain |= {"exact_match": self.exact.share, "exact_match_frames": self.exact.frames}
        plain |= {"per_video": list(self.per_video), "annotators": dict(self.annotators or {})}
        for name in ("labels", "changed_labels", "relabelled_since", "threshold_changes"):
            plain[name] = getattr(self, name)
        if self.classes:
            plain |= self.classes.to_json() | {"interval": self.interval}
        return plain | ({"leak": self.leak} if self.leak else {})


def attribute_result(
    labels: pd.Series,
    decided: np.ndarray,
    probabilities: np.ndarray,
    videos: np.ndarray,
    threshold: float | None = None,
) -> AttributeResult:
    """Measure one attribute.

    Args:
        labels: (N,) nullable boolean; unset ones are left out.
        decided: (N,) bool.
        probabilities: (N,) float, that it is true.
        videos: (N,) object, names.
        threshold: at which was decided.
    """
    is_set = labels.notna().to_numpy(dtype=bool)
    if not is_set.any():
        return AttributeResult(None, None, 0, 0, threshold=threshold)
    said, taken, videos = labels[is_set].to_numpy(dtype=bool), decided[is_set], videos[is_set]
    frames, positives = len(said), int(said.sum())
    return AttributeResult(
        float((said == taken).mean()),
        max(positives, frames - positives) / frames,
        frames,
        positives,
        len(np.unique(videos)),
        of_share(said == taken, videos),
        threshold=threshold,
        decided=_counts(said, taken),
        **_quality(said, taken, probabilities[is_set]),
    )


def _quality(said: np.ndarray, taken: np.ndarray, probabilities: np.ndarray) -> dict[str, float | None]:
    """Return what scikit-learn says of labels (N,) bool, decisions (N,) bool and probabilities (N,) float."""
    from sklearn import metrics  # not above: it takes a second, and pages without a test need none

    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        said, taken, average="binary", zero_division=np.nan
    )
    both = said.any() and not said.all()
    return {
        "balanced_accuracy": float(metrics.balanced_accuracy_score(said, taken)) if both else None,
        "precision": _known(precision),
        "recall": _known(recall),
        "f1": _known(f1) if said.any() else None,
        "average_precision": float(metrics.average_precision_score(said, probabilities)) if said.any() else None,
    }  # fmt: skip


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _counts(said: np.ndarray, taken: np.ndarray) -> dict[str, dict[str, int]]:
    return {
        word: {other: int(((said == one) & (taken == two)).sum()) for other, two in ANSWERS}
        for word, one in ANSWERS
    }


ANSWERS = (("true", True), ("false", False))
EXACT = -1  # no name of an attribute is a number


def exact(labels: pd.DataFrame, decided: np.ndarray) -> Exact:
    """Measure how often all is right, on the frames where everything is labelled.

    Args:
        labels: (N, A) nullable boolean.
        decided: (N, A) bool.
    """
    whole = labels.notna().all(axis=1).to_numpy(dtype=bool)
    if not whole.any():
        return Exact(None, 0)
    right = (labels[whole].to_numpy(dtype=bool) == decided[whole]).all(axis=1)
    return Exact(float(right.mean()), int(whole.sum()))


def per_video(labels: pd.DataFrame, decided: np.ndarray, videos: np.ndarray) -> tuple[dict[str, Any], ...]:
    """Return per video its ``frames``, ``exact_match`` (see `exact`) and the accuracy of each attribute, none where it is not
    labelled.

    Args:
        labels: (N, A) nullable boolean.
        decided: (N, A) bool.
        videos: (N,) object, names.
    """
    said = labels.to_numpy(dtype=np.float64, na_value=np.nan)
    known = ~np.isnan(said)
    right = pd.DataFrame(np.where(known, said == decided, np.nan), columns=labels.columns)
    right[EXACT] = np.where(known.all(axis=1), (said == decided).all(axis=1), np.nan)
    return tuple(
        {
            "video": str(video),
            "frames": len(rows),
            "exact_match": _known(rows[EXACT].mean()),
            "attributes": {name: _known(rows[name].mean()) for name in labels.columns},
        }
        for video, rows in right.groupby(videos)
    )


def agreement(answers: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return how often the decisions are what each annotator answered.

    Args:
        answers: ``annotator``, ``video``, ``name`` (of the frame), ``attribute``, ``right`` (bool), a row per answer.

    Returns:
        By annotator: ``agreement`` (share of the answers), ``labels``, ``frames``, ``videos``, and ``attributes``, by
        name: ``agreement`` and ``labels``.
    """
    return {
        str(annotator): {
            "agreement": float(rows["right"].mean()),
            "labels": len(rows),
            "frames": int(rows["name"].nunique()),
            "videos": int(rows["video"].nunique()),
            "attributes": {
                str(name): {"agreement": float(each.mean()), "labels": len(each)}
                for name, each in rows.groupby("attribute", sort=False)["right"]
            },
        }
        for annotator, rows in answers.groupby("annotator", sort=False)
    }

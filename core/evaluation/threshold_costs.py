"""What a threshold of an attribute costs on labelled frames, and which is cheapest.

Everything here reads a table of labels and probabilities, as `core.evaluation.thresholds.validation` returns it.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.errors import RunError
from core.runs.predictions import column
from core.text import count

FEW = 10
"""Frames labelled true (or false) below which a threshold is uncertain."""


@dataclass(frozen=True)
class Effect:
    """What a threshold does on the labelled validation frames.

    Args:
        threshold: on the calibrated probability.
        frames: how many are labelled.
        videos: that they come from.
        positives: how many of them are labelled true.
        missed: how many positives are decided false.
        false_alarms: how many of the others are decided true.
        balanced_accuracy: mean of the shares decided right among true and among false; none where one of them is missing.
    """

    threshold: float
    frames: int
    videos: int
    positives: int
    missed: int
    false_alarms: int
    balanced_accuracy: float | None

    def total(self, cost: float) -> float:
        """Return what the mistakes cost, in false alarms, where a missed one costs ``cost`` of them."""
        return cost * self.missed + self.false_alarms


@dataclass(frozen=True)
class CheapestThreshold:
    """The cheapest threshold.

    Args:
        effect: of it.
        low: thresholds above this one, and
        high: up to this one, decide the same.
        words: warnings about it, a sentence each.
    """

    effect: Effect
    low: float
    high: float
    words: tuple[str, ...]


def effect(table: pd.DataFrame, name: str, threshold: float) -> Effect:
    """Return what a threshold does on the frames of ``table`` on which ``name`` is labelled."""
    labels, probabilities = labels_and_probabilities(table, name)
    decided = probabilities >= threshold
    positives, negatives = int(labels.sum()), int((~labels).sum())
    missed, false_alarms = int((labels & ~decided).sum()), int((~labels & decided).sum())
    balanced = 1 - (missed / positives + false_alarms / negatives) / 2 if positives and negatives else None
    videos = int(table.loc[table[name].notna(), "video"].nunique())
    return Effect(threshold, len(labels), videos, positives, missed, false_alarms, balanced)


def labels_and_probabilities(table: pd.DataFrame, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return labels (N,) bool and probabilities (N,) float of the frames where ``name`` is labelled."""
    labelled = table[table[name].notna()]
    return labelled[name].to_numpy(bool), labelled[column(name)].to_numpy(float)


def curve(labels: np.ndarray, probabilities: np.ndarray, cost: float) -> pd.DataFrame:
    """Return what every threshold would do to ``labels`` (N,) bool and ``probabilities`` (N,) float.

    Returns:
        ``low``, ``high``, ``missed``, ``false_alarms`` and ``total`` (cost in false alarms), a row per stretch of thresholds
        that decide the same: those above ``low``, up to ``high``.
    """
    values = np.unique(probabilities)
    true, false = np.sort(probabilities[labels]), np.sort(probabilities[~labels])
    # At a threshold in (values[i - 1], values[i]] what is true are the probabilities from values[i] on.
    missed = np.append(np.searchsorted(true, values), len(true))
    false_alarms = len(false) - np.append(np.searchsorted(false, values), len(false))
    table = pd.DataFrame({"low": [0.0, *values], "high": [*values, 1.0], "missed": missed})
    table = table.assign(false_alarms=false_alarms, total=cost * missed + false_alarms)
    return table[table["low"] < table["high"]].reset_index(drop=True)


def choose(table: pd.DataFrame, name: str, cost: float) -> CheapestThreshold:
    """Return the threshold of ``name`` that costs least on the frames of ``table``, where a missed one costs ``cost`` false alarms.

    Where 0.5 costs as little as any other it is kept; else it is the middle of the widest stretch that costs least.

    Raises:
        RunError: not both answers are labelled, or the cost is not above 0.
    """
    if not 0 < cost < np.inf:
        raise RunError(f"The cost of a missed frame cannot be {cost:g}.", "Give a number above 0.")
    labels, probabilities = labels_and_probabilities(table, name)
    if labels.all() or not labels.any():
        missing = "false" if labels.any() else "true"
        raise RunError(
            f"No validation frame is labelled {missing} for {name}, so no threshold can be chosen by cost.",
            "Label more videos and train again, or keep the threshold.",
        )
    whole = curve(labels, probabilities, cost)
    best = whole[whole["total"] == whole["total"].min()]
    around = best[(best["low"] < 0.5) & (best["high"] >= 0.5)]
    stretch = (around if len(around) else best.loc[[(best["high"] - best["low"]).idxmax()]]).iloc[0]
    threshold = 0.5 if len(around) else _middle(float(stretch["low"]), float(stretch["high"]))
    words = (*_ties(best), *cautions(table, name))
    return CheapestThreshold(
        effect(table, name, threshold), float(stretch["low"]), float(stretch["high"]), words
    )


def _middle(low: float, high: float) -> float:
    """Return the middle of a stretch, in four digits where these are inside it."""
    middle = (low + high) / 2
    return rounded if low < (rounded := round(middle, 4)) < high else middle


def _ties(best: pd.DataFrame) -> list[str]:
    if len(best) < 2:
        return []
    ranges = f"{len(best)} ranges of thresholds between {best['low'].min():.3f} and {best['high'].max():.3f}"
    return [f"{ranges} cost the same. 0.5 is kept if it is in one, else the widest is used."]


def cautions(table: pd.DataFrame, name: str) -> list[str]:
    """Return why the validation frames are too few to choose a threshold of ``name`` by, a sentence each."""
    labelled = table[table[name].notna()]
    words = []
    if (videos := labelled["video"].nunique()) == 1:
        words.append("All validation frames come from one video: what fits it may not fit another.")
    for answer in ("true", "false"):
        frames = labelled[labelled[name] == (answer == "true")]
        if frames.empty:
            words.append(f"No validation frame is labelled {answer}, so no threshold can be chosen by cost.")
        elif videos > 1 and frames["video"].nunique() == 1:
            words.append(f"All frames labelled {answer} come from one video, {frames['video'].iloc[0]}.")
        if 0 < len(frames) < FEW:
            number = count(len(frames), "validation frame is", "validation frames are")
            words.append(f"Only {number} labelled {answer}.")
    return words

"""Thresholds of a run, chosen on its validation part for what a missed one costs. Without TensorFlow where it was predicted.

The test part is measured anew once a threshold is stored, never while it is chosen, and what is stored after the test part
was seen is counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.errors import RunError
from core.files import Progress, replacing
from core.model import testing, tuning
from core.model.run import Run
from core.model.tuning import Tuning

FEW = 10
"""Frames labelled true (or false) below which a threshold rests on too little."""


@dataclass(frozen=True)
class Effect:
    """What a threshold does on the validation frames that are labelled.

    Args:
        threshold: on the calibrated probability.
        frames: how many are labelled.
        videos: of how many videos.
        positives: how many of them are labelled true.
        missed: how many of these are decided false.
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
class Chosen:
    """The cheapest threshold.

    Args:
        effect: of it.
        low: thresholds above this one, and
        high: up to this one, decide the same.
        words: what to know about it, a sentence each.
    """

    effect: Effect
    low: float
    high: float
    words: tuple[str, ...]


def validation(run: Run, calibrate: bool = True, progress: Progress | None = None) -> pd.DataFrame:
    """Return the validation frames with their labels and probabilities; predicted when first needed, then read.

    Args:
        run: with a trained network, or predictions.
        calibrate: the probabilities; else they are as the network gives them.
        progress: called as ``progress(frames done, frames in all)`` where they are predicted.

    Returns:
        Columns as `core.model.testing.predict` returns them.

    Raises:
        RunError: no frame validates, or there is no network yet.
    """
    if not (run.frames["part"] == "valid").any():
        raise RunError("labelled frames in the validation part", "none", "Split again and train anew.")
    file = run.path / "predictions.csv"
    if not file.exists() and not (file := run.path / "validation.csv").exists():
        table = testing.predict(run, progress, ("valid",))
        with replacing(file) as partial:
            table.to_csv(partial, index=False, lineterminator="\n", float_format="%.6f")
    found = testing.read_predictions(run, file, calibrate)
    return found[found["part"] == "valid"].reset_index(drop=True)


def effect(table: pd.DataFrame, name: str, threshold: float) -> Effect:
    """Return what a threshold does on the frames of `validation` on which ``name`` is labelled."""
    labels, probabilities = answers(table, name)
    decided = probabilities >= threshold
    positives, negatives = int(labels.sum()), int((~labels).sum())
    missed, false_alarms = int((labels & ~decided).sum()), int((~labels & decided).sum())
    balanced = 1 - (missed / positives + false_alarms / negatives) / 2 if positives and negatives else None
    return Effect(threshold, len(labels), _videos(table, name), positives, missed, false_alarms, balanced)


def answers(table: pd.DataFrame, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return of the frames on which ``name`` is labelled the labels (N,) bool and the probabilities (N,) float."""
    known = table[table[name].notna()]
    return known[name].to_numpy(bool), known[f"{name}_probability"].to_numpy(float)


def curve(labels: np.ndarray, probabilities: np.ndarray, cost: float) -> pd.DataFrame:
    """Return what every threshold would do.

    Args:
        labels: (N,) bool.
        probabilities: (N,) float.
        cost: of a missed one, in false alarms.

    Returns:
        ``low``, ``high``, ``missed``, ``false_alarms`` and ``total`` (cost in false alarms), a row per stretch of thresholds
        that decide the same: those above ``low``, up to ``high``.
    """
    values = np.unique(probabilities)
    true, false = np.sort(probabilities[labels]), np.sort(probabilities[~labels])
    # At a threshold in (values[i - 1], values[i]] what is true are the probabilities from values[i] on.
    missed = np.append(np.searchsorted(true, values), len(true))
    false_alarms = len(false) - np.append(np.searchsorted(false, values), len(false))
    table = pd.DataFrame(
        {"low": [0.0, *values], "high": [*values, 1.0], "missed": missed, "false_alarms": false_alarms}
    )
    table["total"] = cost * table["missed"] + table["false_alarms"]
    return table[table["low"] < table["high"]].reset_index(drop=True)


def choose(table: pd.DataFrame, name: str, cost: float) -> Chosen:
    """Return the threshold of ``name`` that costs least on the frames of `validation`.

    Where 0.5 costs as little as any other it is kept; else it is the middle of the widest stretch that costs least.

    Args:
        table: of `validation`.
        name: of the attribute.
        cost: how many false alarms a missed one costs, above 0.

    Raises:
        RunError: not both answers are labelled, or the cost is not above 0.
    """
    if not 0 < cost < np.inf:
        raise RunError("a cost above 0", str(cost), "Say how many false alarms a missed one costs.")
    labels, probabilities = answers(table, name)
    if labels.all() or not labels.any():
        missing = "true" if not labels.any() else "false"
        raise RunError(f"validation frames on which {name} is labelled true, and others false", f"none labelled {missing}",
                       f"Nothing says what a threshold of {name} would cost: label more videos, or keep it.")  # fmt: skip
    whole = curve(labels, probabilities, cost)
    best = whole[whole["total"] == whole["total"].min()]
    around = best[(best["low"] < 0.5) & (best["high"] >= 0.5)]
    stretch = (around if len(around) else best.loc[[(best["high"] - best["low"]).idxmax()]]).iloc[0]
    threshold = 0.5 if len(around) else _middle(float(stretch["low"]), float(stretch["high"]))
    words = (*_ties(best), *cautions(table, name))
    return Chosen(effect(table, name, threshold), float(stretch["low"]), float(stretch["high"]), words)


def _middle(low: float, high: float) -> float:
    """Return the middle of a stretch, in four digits where these are inside it."""
    middle = (low + high) / 2
    return rounded if low < (rounded := round(middle, 4)) < high else middle


def _ties(best: pd.DataFrame) -> list[str]:
    if len(best) < 2:
        return []
    ends = f"between {best['low'].min():.3f} and {best['high'].max():.3f}"
    return [
        f"{len(best)} stretches of thresholds {ends} cost the same; 0.5 is kept if it is in one, else the widest counts."
    ]


def cautions(table: pd.DataFrame, name: str) -> list[str]:
    """Say what makes the validation frames too little to choose a threshold of ``name`` by, a sentence each."""
    known = table[table[name].notna()]
    said = []
    if (videos := known["group"].nunique()) == 1:
        said.append("All validation frames come from one video: what fits it may not fit another.")
    for answer in (True, False):
        of_it = known[known[name] == answer]
        word = str(answer).lower()
        if of_it.empty:
            said.append(f"No validation frame is labelled {word}: nothing says which threshold is right.")
        elif videos > 1 and of_it["group"].nunique() == 1:
            said.append(f"All frames labelled {word} come from one video, {of_it['group'].iloc[0]}.")
        if 0 < len(of_it) < FEW:
            said.append(
                f"Only {len(of_it)} validation frame{'s are' if len(of_it) > 1 else ' is'} labelled {word}."
            )
    return said


def _videos(table: pd.DataFrame, name: str) -> int:
    return int(table.loc[table[name].notna(), "group"].nunique())


def store(run: Run, thresholds: Mapping[str, float], by: str = "", cost: float | None = None) -> Tuning:
    """Store thresholds, and measure the test part anew where it was tested. What is as it was is no change.

    Args:
        run: whose thresholds.
        thresholds: by attribute, on calibrated probabilities.
        by: who wants it.
        cost: of a missed one, where they were chosen by it.

    Raises:
        RunError: unknown attribute, classes, or a threshold that is not between 0 and 1. Nothing is stored.
    """
    check(run, thresholds)

    def make(was: Tuning) -> Tuning:
        for name, value in thresholds.items():
            before = was.thresholds.get(name, run.config["thresholds"][name])
            if value != before:
                chosen = {**was.thresholds, name: float(value)}
                was = was.changed("threshold", by, chosen, was.temperatures,
                                  attribute=name, before=before, after=float(value), cost=cost)  # fmt: skip
        return was

    return changed(run, tuning.change(run.path, make))


def reset(run: Run, by: str = "") -> Tuning:
    """Go back to what was published: thresholds of 0.5, temperatures of 1. The log stays."""

    def make(was: Tuning) -> Tuning:
        if was.thresholds:
            return was.changed("reset", by, {}, {})
        return was.changed("calibration", by, {}, {}, after=1.0) if was.temperatures else was

    return changed(run, tuning.change(run.path, make))


def changed(run: Run, stored: Tuning) -> Tuning:
    """Measure the test part of ``run`` anew after its thresholds or temperatures were ``stored``; return these."""
    if run.test is not None and (run.path / "predictions.csv").exists():
        testing.measure(run)
    return stored


def check_has_thresholds(run: Run) -> None:
    """Refuse a run of classes.

    Raises:
        RunError: it is one.
    """
    if run.attributes.exclusive:
        raise RunError("attributes with thresholds", f"the classes of {run.id}, of which the most probable is decided",
                       "Classes have no thresholds.")  # fmt: skip


def check(run: Run, thresholds: Mapping[str, float]) -> None:
    """Refuse thresholds, by attribute, that `store` would not take.

    Raises:
        RunError: unknown attribute, classes, or a threshold that is not between 0 and 1.
    """
    if thresholds:
        check_has_thresholds(run)
    for name, value in thresholds.items():
        check_attribute(run, name)
        if not 0 < value < 1:
            raise RunError("a threshold between 0 and 1", f"{name}={value:g}", "0.5 is the published one.")


def check_attribute(run: Run, name: str) -> None:
    """Refuse an attribute that ``run`` has not learned.

    Raises:
        RunError: it has not.
    """
    if name not in run.attributes.names:
        names = ", ".join(run.attributes.names)
        raise RunError(f"one of {names}", f"the attribute {name!r}", "Check its spelling.")


def sentence(stored: Tuning) -> str:
    """Say how often thresholds were changed after the test part was seen; empty where they were not."""
    times = stored.changed_after_test
    counted = "once" if times == 1 else f"{times} times"
    return f"Thresholds were changed {counted} after the test part was seen." if times else ""


def to_json(run: Run, names: Sequence[str] | None = None) -> dict[str, Any]:
    """Return what is chosen, and what it does on the validation part, as plain values."""
    table, stored = validation(run), run.tuning
    values = zip(run.attributes.names, run.thresholds.tolist(), run.temperatures.tolist(), strict=True)
    rows: dict[str, Any] = {}
    for name, threshold, temperature in values:
        about = {} if run.attributes.exclusive else asdict(effect(table, name, threshold))
        rows[name] = {**about, "temperature": temperature}
    return {
        "run": run.id,
        "exclusive": run.attributes.exclusive,
        "part": "valid",
        "frames": len(table),
        "videos": int(table["group"].nunique()),
        "attributes": {name: row for name, row in rows.items() if names is None or name in names},
        "changed_after_test": stored.changed_after_test,
        "log": stored.to_json()["log"],
    }

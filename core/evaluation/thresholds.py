"""Thresholds of a run, chosen on its validation part. Without TensorFlow where that was predicted before.

The test part is measured again once a threshold is stored, never while it is chosen, and changes after the test part was
seen are counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from core.access.rights import check_own
from core.errors import RunError
from core.evaluation import evaluate, threshold_costs
from core.files import Progress
from core.runs import decision_settings, predictions
from core.runs.decision_settings import Tuning
from core.runs.run import Run


def validation(run: Run, calibrate: bool = True, progress: Progress | None = None) -> pd.DataFrame:
    """Return the validation frames with their labels and probabilities; predicted when first needed, then read.

    Columns are as in `core.runs.predictions`; probabilities are calibrated, or as the network gives them.

    Raises:
        RunError: the validation part is empty, or there is no network yet.
    """
    if not (run.frames["part"] == "valid").any():
        raise RunError(f"The validation part of {run.id} is empty.", "Split again and train.")
    file = run.path / "predictions.csv"
    if not file.exists() and not (file := run.path / evaluate.VALIDATION).exists():
        table = evaluate.predict(run, progress, ("valid",))
        predictions.write_predictions(table, file)
    found = predictions.read(run, file, calibrate)
    return found[found["part"] == "valid"].reset_index(drop=True)


def store(run: Run, thresholds: Mapping[str, float], by: str = "", cost: float | None = None) -> Tuning:
    """Store thresholds, by attribute on calibrated probabilities, and measure the test part again where it was tested.

    An equal value is no change. The log keeps who changes them, and the ``cost`` by which they were chosen.

    Raises:
        AccessError: somebody else wanted the run, and who acts is no instructor.
        RunError: unknown attribute, classes, or a threshold that is not between 0 and 1. Nothing is stored.
    """
    check_own(run.config.user)
    check(run, thresholds)

    def make(was: Tuning) -> Tuning:
        for name, value in thresholds.items():
            before = was.thresholds.get(name, run.config.thresholds[name])
            if value != before:
                chosen = {**was.thresholds, name: float(value)}
                was = was.changed("threshold", by, chosen, was.temperatures,
                                  attribute=name, before=before, after=float(value), cost=cost)  # fmt: skip
        return was

    return changed(run, decision_settings.change(run.path, make))


def reset(run: Run, by: str = "") -> Tuning:
    """Go back to the published thresholds of 0.5 and temperatures of 1. The log stays. Raises an AccessError as `store`."""
    check_own(run.config.user)

    def make(was: Tuning) -> Tuning:
        if was.thresholds:
            return was.changed("reset", by, {}, {})
        return was.changed("calibration", by, {}, {}, after=1.0) if was.temperatures else was

    return changed(run, decision_settings.change(run.path, make))


def changed(run: Run, stored: Tuning) -> Tuning:
    """Measure the test part of ``run`` again after its thresholds or temperatures were ``stored``; return these."""
    if run.test is not None and (run.path / "predictions.csv").exists():
        evaluate.measure(run)
    return stored


def check_has_thresholds(run: Run) -> None:
    """Refuse a run of classes.

    Raises:
        RunError: it is one.
    """
    if run.attributes.exclusive:
        raise RunError(
            f"{run.id} learned classes, which have no thresholds: the most probable class is decided.",
            "Thresholds are for attributes.",
        )


def check(run: Run, thresholds: Mapping[str, float]) -> None:
    """Refuse thresholds, by attribute, that `store` would not take.

    Raises:
        RunError: unknown attribute, classes, or a threshold that is not between 0 and 1.
    """
    if thresholds:
        check_has_thresholds(run)
    for name, value in thresholds.items():
        check_is_learned(run, name)
        if not 0 < value < 1:
            raise RunError(f"{name}={value:g} is no threshold.", "Choose one between 0 and 1, such as 0.5.")


def check_is_learned(run: Run, name: str) -> None:
    """Refuse an attribute that ``run`` has not learned.

    Raises:
        RunError: it has not.
    """
    if name not in run.attributes.names:
        names = ", ".join(run.attributes.names)
        raise RunError(f"{run.id} has no attribute called {name}.", f"Choose one of {names}.")


def sentence(times: int) -> str:
    """Say how often thresholds were changed after the test part was seen (`Tuning.changed_after_test`)."""
    counted = {0: "never changed", 1: "changed once"}.get(times, f"changed {times} times")
    return f"Thresholds were {counted} after the test part was seen."


def to_json(run: Run, names: Sequence[str] | None = None) -> dict[str, Any]:
    """Return the thresholds and what they do on the validation part, as plain values."""
    table, stored = validation(run), run.tuning
    values = zip(run.attributes.names, run.thresholds.tolist(), run.temperatures.tolist(), strict=True)
    rows: dict[str, Any] = {}
    for name, threshold, temperature in values:
        effect = {} if run.attributes.exclusive else asdict(threshold_costs.effect(table, name, threshold))
        rows[name] = {**effect, "temperature": temperature}
    return {
        "run": run.id,
        "exclusive": run.attributes.exclusive,
        "part": "valid",
        "frames": len(table),
        "videos": int(table["video"].nunique()),
        "attributes": {name: row for name, row in rows.items() if names is None or name in names},
        "changed_after_test": stored.changed_after_test,
        "log": stored.to_json()["log"],
    }

"""Temperatures that calibrate the probabilities of a network: of frames with 80 %, 80 of 100 should be true.

Source: Guo et al., "On Calibration of Modern Neural Networks" (2017). Temperatures are fitted on the validation part; what
they gain is measured there and on the test part. They change no decision. Importing this does not import TensorFlow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, logit

from core.access.rights import check_own
from core.evaluation import evaluate, threshold_costs, thresholds
from core.evaluation.metrics import labelled_classes
from core.runs import decision_settings
from core.runs.decision_settings import Tuning
from core.runs.decisions import EPSILON
from core.runs.run import Run

COLDEST, HOTTEST = 0.5, 20.0
"""The least and the greatest temperature that is tried."""
FEW_WRONG = 5
"""Wrong decisions below which one more or less would give another temperature: a choice, not a law."""
BINS = 10
DIGITS = 6
"""Of stored predictions: probabilities that differ by less are equal, and stay in one bin."""

Binning = Literal["mass", "width"]
HOW: dict[Binning, str] = {"mass": "bins of equally many answers", "width": "bins of equal width"}


@dataclass(frozen=True)
class Fit:
    """The temperature that fits best.

    Args:
        temperature: 1 where nothing can be fitted.
        reason: why nothing can be fitted, else empty.
        frames: that it was fitted on.
        videos: that they come from.
        wrong: how many frames are decided wrongly.
    """

    temperature: float
    reason: str
    frames: int
    videos: int
    wrong: int = 0

    def caution(self, name: str) -> str:
        """Return a warning about the temperature of ``name``; empty where enough frames support it."""
        if self.reason:
            return f"The temperature of {name} stays 1: {self.reason}."
        if self.wrong < FEW_WRONG:
            count, verb = ("one decision", "is") if self.wrong == 1 else (f"{self.wrong} decisions", "are")
            return f"The temperature of {name} is uncertain: only {count} of {self.frames:,} {verb} wrong."
        return ""


def fit(labels: np.ndarray, probabilities: np.ndarray, videos: int) -> Fit:
    """Find the temperature of an attribute, or the one of all classes.

    Minimises the negative log-likelihood of the labels over the log of the temperature.

    Args:
        labels: (N,) bool; of classes (N,) int, the number of the labelled class.
        probabilities: (N,) float, that the label is true; of classes (N, A). As the network gives them.
        videos: that the frames come from.
    """
    is_attribute = probabilities.ndim == 1
    if len(np.unique(labels)) < 2:
        missing = "only one of the two answers is" if is_attribute else "fewer than two classes are"
        return Fit(1.0, f"{missing} labelled", len(labels), videos)
    if is_attribute:
        labels, probabilities = labels.astype(int), np.column_stack([1 - probabilities, probabilities])
    wrong = int((probabilities.argmax(axis=1) != labels).sum())
    if not wrong:  # the loss falls for ever as the temperature falls
        return Fit(1.0, "no decision is wrong, so nothing can be fitted", len(labels), videos)
    logs = np.log(np.clip(probabilities, EPSILON, 1 - EPSILON))

    def loss(log_temperature: float) -> float:
        at = log_softmax(logs / np.exp(log_temperature), axis=1)
        return -float(at[np.arange(len(labels)), labels].mean())

    found = minimize_scalar(loss, bounds=(np.log(COLDEST), np.log(HOTTEST)), method="bounded")
    return Fit(round(float(np.exp(found.x)), 4), "", len(labels), videos, wrong)


def reliability(right: np.ndarray, probabilities: np.ndarray, by: Binning, bins: int = BINS) -> pd.DataFrame:
    """Compare probabilities with how often they came true, bin by bin (scikit-learn's calibration curve).

    Args:
        right: (N,) bool, whether it came true.
        probabilities: (N,) float.
        by: bins of equal ``mass`` (equally many answers; equal probabilities stay together), or equal ``width``.
        bins: how many at most; empty ones are left out.

    Returns:
        ``probability`` (mean), ``share`` (that came true), ``frames``.
    """
    if not len(right):
        return pd.DataFrame({"probability": [], "share": [], "frames": np.empty(0, int)})
    from sklearn.calibration import calibration_curve  # not above: it takes a second

    probabilities = probabilities.round(DIGITS)
    share, probability = calibration_curve(
        right, probabilities, n_bins=bins, strategy="quantile" if by == "mass" else "uniform"
    )
    ends = np.linspace(0, 1, bins + 1)[1:-1]  # the curve does not say how many frames are in its bins
    inner = np.percentile(probabilities, 100 * ends) if by == "mass" else ends
    frames = np.bincount(np.searchsorted(inner, probabilities))
    return pd.DataFrame({"probability": probability, "share": share, "frames": frames[frames > 0]})


def expected_error(table: pd.DataFrame) -> float | None:
    """Return the expected calibration error of a `reliability`, how far probabilities are from shares, on average over the frames; none without."""
    distances, frames = (table["probability"] - table["share"]).abs(), table["frames"]
    return float((distances * frames).sum() / frames.sum()) if frames.sum() else None


def calibrate(run: Run, by: str = "") -> dict[str, Fit]:
    """Fit and store the temperatures of ``run``. Its thresholds move with its probabilities, so no decision changes.

    Returns:
        By attribute. Of classes, the same for all.

    Raises:
        AccessError: somebody else wanted the run, and who acts is no instructor.
        RunError: the validation part is empty, or there is no network yet.
    """
    check_own(run.config.user)
    found, names = fits(run), run.attributes.names
    together = [names] if run.attributes.exclusive else [(name,) for name in names]

    def make(was: Tuning) -> Tuning:
        for group in together:
            was = _at(was, group, found[group[0]].temperature, by)
        return was

    thresholds.changed(run, decision_settings.change(run.path, make))
    return found


def _at(was: Tuning, names: Sequence[str], temperature: float, by: str) -> Tuning:
    """Return what was chosen, with ``names`` at a temperature."""
    before = was.temperatures.get(names[0], 1.0)
    if temperature == before:
        return was
    chosen = {
        name: moved_threshold(value, before, temperature) if name in names else value
        for name, value in was.thresholds.items()
    }
    temperatures = {**was.temperatures, **dict.fromkeys(names, temperature)}
    attribute = names[0] if len(names) == 1 else ""
    return was.changed("calibration", by, chosen, temperatures,
                       attribute=attribute, before=before, after=temperature)  # fmt: skip


def fits(run: Run) -> dict[str, Fit]:
    """Find the temperatures of ``run`` without storing them, by attribute; of classes, the same for all."""
    table, names = thresholds.validation(run, calibrate=False), run.attributes.names
    if run.attributes.exclusive:
        frames, labels, probabilities = labelled_classes(table, names)
        return dict.fromkeys(names, fit(labels, probabilities, frames["video"].nunique()))
    videos = {name: table.loc[table[name].notna(), "video"].nunique() for name in names}
    return {name: fit(*threshold_costs.labels_and_probabilities(table, name), videos[name]) for name in names}


def cautions(run: Run, found: Mapping[str, Fit]) -> list[str]:
    """Return the warnings about the temperatures that `fits` found; classes share theirs."""
    apart = {"all classes": next(iter(found.values()))} if run.attributes.exclusive else found
    return [words for name, fitted in apart.items() if (words := fitted.caution(name))]


def moved_threshold(threshold: float, before: float, after: float) -> float:
    """Return the threshold that decides after a change of temperature as ``threshold`` did before."""
    # Within every calibrated probability, yet neither 0 nor 1: a threshold that nothing reached stays out of reach.
    return float(np.clip(expit(logit(threshold) * before / after), 1e-15, 1 - 1e-15))


@dataclass(frozen=True)
class CalibrationError:
    """How far the probabilities of one part are from how often they come true, on its labelled ``frames`` of ``videos``: the
    expected calibration error by binning (none without frames), ``before`` and ``after`` calibration.
    """

    frames: int
    videos: int
    before: Mapping[Binning, float | None]
    after: Mapping[Binning, float | None]


CLASSES = "the class decided"
"""What the probability of classes is about: that the decided one is right."""


def predicted(run: Run) -> tuple[str, ...]:
    """Return the parts with predictions that may be shown: ``valid`` once predicted, ``test`` once tested."""
    whole = (run.path / "predictions.csv").exists()
    is_predicted = {
        "valid": whole or (run.path / evaluate.VALIDATION).exists(),
        "test": whole and run.test is not None,
    }
    return tuple(part for part, there in is_predicted.items() if there and (run.frames["part"] == part).any())


def errors(run: Run, part: str) -> dict[str, CalibrationError]:
    """Measure the calibration of ``run`` on its ``valid`` or ``test`` part: by attribute, of classes the decided one.

    Raises:
        RunError: the part was not predicted, and there is no network.
    """
    tables = [_table(run, part, calibrate) for calibrate in (False, True)]
    measured = {}
    for name in statements(run):
        errors_by_bins = []
        for table in tables:
            right, probabilities, videos = _outcomes(run, table, name)
            errors_by_bins.append({by: expected_error(reliability(right, probabilities, by)) for by in HOW})
        measured[name] = CalibrationError(len(right), videos, *errors_by_bins)
    return measured


def diagram(run: Run, part: str, name: str, by: Binning) -> dict[str, pd.DataFrame]:
    """Return the `reliability` of one of `statements` ``before`` and ``after`` calibration."""
    tables = {"before": _table(run, part, False), "after": _table(run, part, True)}
    return {when: reliability(*_outcomes(run, table, name)[:2], by) for when, table in tables.items()}


def statements(run: Run) -> tuple[str, ...]:
    """Return what the probabilities of ``run`` are about: each attribute, or of classes `CLASSES`."""
    return (CLASSES,) if run.attributes.exclusive else run.attributes.names


def is_calibrated(run: Run, name: str) -> bool:
    """Return whether one of `statements` has a temperature other than 1; classes share theirs."""
    place = 0 if name == CLASSES else run.attributes.names.index(name)
    return bool(run.temperatures[place] != 1)


def _outcomes(run: Run, table: pd.DataFrame, name: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Return whether it came true (N,) bool, its probabilities (N,) float, and how many videos these frames come from."""
    if name != CLASSES:
        return *threshold_costs.labels_and_probabilities(table, name), table.loc[
            table[name].notna(), "video"
        ].nunique()
    frames, labels, probabilities = labelled_classes(table, run.attributes.names)
    right = probabilities.argmax(axis=1) == labels
    return right, probabilities.max(axis=1, initial=0), frames["video"].nunique()


def _table(run: Run, part: str, calibrate: bool) -> pd.DataFrame:
    if part == "valid":
        return thresholds.validation(run, calibrate)
    return evaluate.predictions(run, calibrate, part)


def to_json(run: Run) -> dict[str, Any]:
    """Return the `errors` of the validation part, and of the test part where it was tested, as plain values."""
    parts = ("valid", "test") if run.test is not None else ("valid",)
    return {part: {name: asdict(row) for name, row in errors(run, part).items()} for part in parts}

"""How sure a network may be: temperatures that bring its probabilities in line with how often they are right.

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

from core.evaluation import evaluate, threshold_costs, thresholds
from core.labels.label_table import of_one_class
from core.runs import decision_settings, predictions
from core.runs.decision_settings import Tuning
from core.runs.decisions import EPSILON
from core.runs.run import Run

COLDEST, HOTTEST = 0.5, 20.0
"""Temperatures that are looked among."""
FEW_WRONG = 5
"""Wrong decisions below which one more or less would give another temperature: a choice, not a law."""
BINS = 10
DIGITS = 6
"""Predictions are kept with so many: what differs less is equal."""

Binning = Literal["mass", "width"]
HOW: dict[Binning, str] = {"mass": "bins of equally many answers", "width": "bins of equal width"}


@dataclass(frozen=True)
class Fit:
    """A temperature that was looked for.

    Args:
        temperature: 1 where none can be found.
        reason: why none can be found, else empty.
        frames: that it was fitted on.
        videos: of how many videos.
        wrong: how many of them are decided wrongly.
    """

    temperature: float
    reason: str
    frames: int
    videos: int
    wrong: int = 0

    def caution(self, name: str) -> str:
        """Say what to know of the temperature of ``name``; empty where it rests on enough."""
        if self.reason:
            return f"The temperature of {name} stays: {self.reason}."
        if self.wrong < FEW_WRONG:
            count, verb = ("one decision", "is") if self.wrong == 1 else (f"{self.wrong} decisions", "are")
            return f"The temperature of {name} rests on little: only {count} of {self.frames:,} {verb} wrong."
        return ""


def fit(labels: np.ndarray, probabilities: np.ndarray, videos: int) -> Fit:
    """Find the temperature of an attribute.

    Args:
        labels: (N,) bool.
        probabilities: (N,) float, that the label is true, as the network gives them.
        videos: that the frames come from.
    """
    if len(np.unique(labels)) < 2:
        return Fit(1.0, "not both answers are labelled", len(labels), videos)
    return _fitted(np.column_stack([1 - probabilities, probabilities]), labels.astype(int), videos)


def fit_classes(labels: np.ndarray, probabilities: np.ndarray, videos: int) -> Fit:
    """Find the one temperature of classes.

    Args:
        labels: (N,) int, the number of the labelled class.
        probabilities: (N, A) float, as the network gives them.
        videos: that the frames come from.
    """
    if len(np.unique(labels)) < 2:
        return Fit(1.0, "fewer than two classes are labelled", len(labels), videos)
    return _fitted(probabilities, labels, videos)


def _fitted(probabilities: np.ndarray, labels: np.ndarray, videos: int) -> Fit:
    """Minimise the negative log-likelihood of labels (N,) under probabilities (N, K), over the log of the temperature."""
    wrong = int((probabilities.argmax(axis=1) != labels).sum())
    if not wrong:  # the surer the better: there is no least
        return Fit(1.0, "no decision is wrong, so nothing says how sure it may be", len(labels), videos)
    logs = np.log(np.clip(probabilities, EPSILON, 1 - EPSILON))

    def loss(log_temperature: float) -> float:
        at = log_softmax(logs / np.exp(log_temperature), axis=1)
        return -float(at[np.arange(len(labels)), labels].mean())

    found = minimize_scalar(loss, bounds=(np.log(COLDEST), np.log(HOTTEST)), method="bounded")
    return Fit(round(float(np.exp(found.x)), 4), "", len(labels), videos, wrong)


def reliability(right: np.ndarray, probabilities: np.ndarray, by: Binning, bins: int = BINS) -> pd.DataFrame:
    """Compare what was said with what is so, bin by bin.

    Args:
        right: (N,) bool, whether it is so.
        probabilities: (N,) float, how probable it was said to be.
        by: bins of equal ``mass`` (equally many answers; equal probabilities stay together), or equal ``width``.
        bins: how many at most; empty ones are left out.

    Returns:
        ``low``, ``high`` (the probabilities in the bin), ``said`` (their mean), ``so`` (share that is so), ``frames``.
    """
    number = _bins(probabilities.round(DIGITS), by, bins)
    grouped = pd.DataFrame({"p": probabilities, "so": right.astype(float)}).groupby(number)
    table = grouped.agg(
        low=("p", "min"), high=("p", "max"), said=("p", "mean"), so=("so", "mean"), frames=("p", "size")
    )
    return table.reset_index(drop=True)


def _bins(probabilities: np.ndarray, by: Binning, bins: int) -> np.ndarray:
    """Return the number of the bin of each probability: (N,) int."""
    if by == "width":
        return np.minimum((probabilities * bins).astype(int), bins - 1)
    ordered = np.sort(probabilities)
    first = np.searchsorted(ordered, probabilities)  # of equal probabilities, the place of the first
    return first * bins // max(1, len(probabilities))


def expected_error(table: pd.DataFrame) -> float | None:
    """Return the expected calibration error of a `reliability`: mean distance of said from so, by frames; none without."""
    frames = table["frames"].sum()
    return float(((table["said"] - table["so"]).abs() * table["frames"]).sum() / frames) if frames else None


def calibrate(run: Run, by: str = "") -> dict[str, Fit]:
    """Fit and store the temperatures of ``run``. Its thresholds move with its probabilities, so no decision changes.

    Returns:
        By attribute. Of classes, the same for all.

    Raises:
        RunError: no frame validates, or there is no network yet.
    """
    found = fits(run)
    together = (
        [run.attributes.names] if run.attributes.exclusive else [(name,) for name in run.attributes.names]
    )

    def make(was: Tuning) -> Tuning:
        for names in together:
            was = _at(was, names, found[names[0]].temperature, by)
        return was

    thresholds.changed(run, decision_settings.change(run.path, make))
    return found


def _at(was: Tuning, names: Sequence[str], temperature: float, by: str) -> Tuning:
    """Return what was chosen, with ``names`` at a temperature."""
    before = was.temperatures.get(names[0], 1.0)
    if temperature == before:
        return was
    chosen = {
        name: moved(value, before, temperature) if name in names else value
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
        known, labels, probabilities = classes(table, names)
        return dict.fromkeys(names, fit_classes(labels, probabilities, known["video"].nunique()))
    videos = {name: table.loc[table[name].notna(), "video"].nunique() for name in names}
    return {name: fit(*threshold_costs.answers(table, name), videos[name]) for name in names}


def cautions(run: Run, found: Mapping[str, Fit]) -> list[str]:
    """Return what to know of the temperatures that `fits` found, a sentence each; classes share theirs."""
    apart = {"all classes": next(iter(found.values()))} if run.attributes.exclusive else found
    return [words for name, one in apart.items() if (words := one.caution(name))]


def moved(threshold: float, before: float, after: float) -> float:
    """Return the threshold that decides after a change of temperature as ``threshold`` did before."""
    # Sharper than any calibrated probability, yet neither 0 nor 1: what nothing reached, nothing shall reach.
    return float(np.clip(expit(logit(threshold) * before / after), 1e-15, 1 - 1e-15))


def classes(table: pd.DataFrame, names: tuple[str, ...]) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return the frames whose class is known, its number (N,) int, and the probabilities (N, A) float."""
    known = table[of_one_class(table, names)]
    labels = known[list(names)].fillna(False).to_numpy(bool).argmax(axis=1)
    return known, labels, predictions.probabilities(known, names)


@dataclass(frozen=True)
class Surety:
    """How often what a network said is so, on one part.

    Args:
        frames: that are labelled.
        videos: of how many videos.
        before: the expected calibration error by binning, as the network says it; none without frames.
        after: the same of the calibrated probabilities.
    """

    frames: int
    videos: int
    before: Mapping[Binning, float | None]
    after: Mapping[Binning, float | None]


CLASSES = "the class decided"
"""What is said of classes: that the one decided is right."""


def predicted(run: Run) -> tuple[str, ...]:
    """Return of which parts `surety` can be said without the network: ``valid`` once predicted, ``test`` once tested."""
    whole = (run.path / "predictions.csv").exists()
    found = {
        "valid": whole or (run.path / evaluate.VALIDATION).exists(),
        "test": whole and run.test is not None,
    }
    return tuple(part for part, known in found.items() if known and (run.frames["part"] == part).any())


def surety(run: Run, part: str) -> dict[str, Surety]:
    """Measure how often what ``run`` says is so: by attribute, of classes of the one decided.

    Args:
        run: whose validation part was predicted, or that was tested.
        part: ``valid`` or ``test``.

    Raises:
        RunError: the part was not predicted, and there is no network.
    """
    tables = [_table(run, part, calibrate) for calibrate in (False, True)]
    found = {}
    for name in statements(run):
        errors = []
        for table in tables:
            right, said, videos = said_and_so(run, table, name)
            errors.append({by: expected_error(reliability(right, said, by)) for by in HOW})
        found[name] = Surety(len(right), videos, *errors)
    return found


def diagram(run: Run, part: str, name: str, by: Binning) -> dict[str, pd.DataFrame]:
    """Return the `reliability` of one of `statements` ``before`` and ``after`` calibration."""
    tables = {"before": _table(run, part, False), "after": _table(run, part, True)}
    return {when: reliability(*said_and_so(run, table, name)[:2], by) for when, table in tables.items()}


def statements(run: Run) -> tuple[str, ...]:
    """Return what ``run`` says with a probability: each attribute, or of classes `CLASSES`."""
    return (CLASSES,) if run.attributes.exclusive else run.attributes.names


def is_calibrated(run: Run, name: str) -> bool:
    """Return whether one of `statements` has a temperature other than 1; classes share theirs."""
    place = 0 if name == CLASSES else run.attributes.names.index(name)
    return bool(run.temperatures[place] != 1)


def said_and_so(run: Run, table: pd.DataFrame, name: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Return whether it is so (N,) bool, how probable it was said to be (N,) float, and of how many videos."""
    if name != CLASSES:
        videos = table.loc[table[name].notna(), "video"].nunique()
        return (*threshold_costs.answers(table, name), videos)
    known, labels, probabilities = classes(table, run.attributes.names)
    return (
        probabilities.argmax(axis=1) == labels,
        probabilities.max(axis=1, initial=0),
        known["video"].nunique(),
    )


def _table(run: Run, part: str, calibrate: bool) -> pd.DataFrame:
    if part == "valid":
        return thresholds.validation(run, calibrate)
    table = evaluate.predictions(run, calibrate)
    return table[table["part"] == part]


def to_json(run: Run) -> dict[str, Any]:
    """Return the `surety` of the validation part, and of the test part where it was tested, as plain values."""
    parts = ("valid", "test") if run.test is not None else ("valid",)
    return {part: {name: asdict(one) for name, one in surety(run, part).items()} for part in parts}

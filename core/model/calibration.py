"""How sure a network may be: probabilities brought in line with how often they are right, by one temperature.

Source: Guo et al., "On Calibration of Modern Neural Networks" (2017). Importing this does not import TensorFlow.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, logit, softmax

EPSILON = 1e-6
"""Predictions are kept with six digits: nothing is surer than this."""
COLDEST, HOTTEST = 0.05, 20.0
BINS = 10

Binning = Literal["mass", "width"]
HOW: dict[Binning, str] = {"mass": "bins of equally many answers", "width": "bins of equal width"}


def calibrated(probabilities: np.ndarray, temperatures: np.ndarray, exclusive: bool) -> np.ndarray:
    """Return probabilities at their temperatures; at 1 they are returned as they are.

    The order of the probabilities stays, and so does which side of 0.5 they are on; of classes, the most probable.

    Args:
        probabilities: (..., A) float, 0 to 1, as the network gives them; NaN stays NaN.
        temperatures: (A,) float above 0; above 1 makes less sure, below 1 surer. Of classes all are the same.
        exclusive: they are classes, and add up to 1 before and after.

    Returns:
        (..., A) float.
    """
    if (temperatures == 1).all():
        return probabilities
    inside = np.clip(np.asarray(probabilities, float), EPSILON, 1 - EPSILON)
    if exclusive:
        return softmax(np.log(inside) / temperatures, axis=-1)
    return np.where(temperatures == 1, probabilities, expit(logit(inside) / temperatures))


@dataclass(frozen=True)
class Fit:
    """A temperature that was looked for.

    Args:
        temperature: 1 where none can be found.
        reason: why none can be found, else empty.
        frames: that it was fitted on.
        videos: of how many videos.
    """

    temperature: float
    reason: str
    frames: int
    videos: int


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
    if (probabilities.argmax(axis=1) == labels).all():  # the surer the better: there is no least
        return Fit(1.0, "no decision is wrong, so nothing says how sure it may be", len(labels), videos)
    logs = np.log(np.clip(probabilities, EPSILON, 1 - EPSILON))

    def loss(log_temperature: float) -> float:
        at = log_softmax(logs / np.exp(log_temperature), axis=1)
        return -float(at[np.arange(len(labels)), labels].mean())

    found = minimize_scalar(loss, bounds=(np.log(COLDEST), np.log(HOTTEST)), method="bounded")
    return Fit(round(float(np.exp(found.x)), 4), "", len(labels), videos)


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
    number = _bins(probabilities, by, bins)
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

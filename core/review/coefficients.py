"""Coefficients of agreement, each from sums over frames, so that a bootstrap adds up a few numbers and no frames.

Every coefficient has two functions: ``…_parts`` gives what one frame adds, and the other takes the sums. Sums may have any
leading axes, such as one of bootstrap rounds. NaN stands for a coefficient that is not defined.

Sources: K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011); J. Cohen, A coefficient of agreement for nominal
scales (1960); J. L. Fleiss, Measuring nominal scale agreement among many raters (1971).
"""

import numpy as np


def alpha_parts(counts: np.ndarray) -> np.ndarray:
    """Return what frames add to Krippendorff's alpha for nominal answers.

    Args:
        counts: (frames, answers) int, how many annotators gave each answer. Frames with fewer than two answers add
            nothing: there is nothing to compare.

    Returns:
        (frames, 1 + answers) float64: disagreement, and how often each answer was given.
    """
    number = counts.sum(axis=1, keepdims=True)
    counted = counts * (number >= 2)
    differing = (counted * (number - counted)).sum(axis=1, keepdims=True) / np.maximum(number - 1, 1)
    return np.hstack([differing, counted])


def alpha(sums: np.ndarray) -> np.ndarray:
    """Return Krippendorff's alpha (...) of sums (..., 1 + answers); NaN where only one answer was ever given."""
    given = sums[..., 1:]
    number = given.sum(axis=-1)
    by_chance = number**2 - (given**2).sum(axis=-1)
    return 1 - _ratio((number - 1) * sums[..., 0], by_chance)


def fleiss_parts(counts: np.ndarray, raters: int) -> np.ndarray:
    """Return what frames add to Fleiss' kappa.

    Args:
        counts: (frames, answers) int. Frames with another number of answers than ``raters`` add nothing.
        raters: answers per frame, 2 or more.

    Returns:
        (frames, 1 + answers) float64: share of pairs of answers that differ, and how often each answer was given.
    """
    counted = counts * (counts.sum(axis=1, keepdims=True) == raters)
    differing = (counted * (raters - counted)).sum(axis=1, keepdims=True) / (raters * (raters - 1))
    return np.hstack([differing, counted])


def fleiss(sums: np.ndarray, raters: int) -> np.ndarray:
    """Return Fleiss' kappa (...) of sums (..., 1 + answers); NaN where only one answer was ever given."""
    given = sums[..., 1:]
    number = given.sum(axis=-1)
    by_chance = number**2 - (given**2).sum(axis=-1)
    return 1 - _ratio(sums[..., 0] * number**2, by_chance * number / raters)


def cohen(tables: np.ndarray) -> np.ndarray:
    """Return Cohen's kappa (...) of tables (..., answers, answers): how often the one said this and the other that.

    NaN where both always gave the same one answer.
    """
    number = tables.sum(axis=(-1, -2))
    equal = np.trace(tables, axis1=-2, axis2=-1)
    by_chance = (tables.sum(axis=-1) * tables.sum(axis=-2)).sum(axis=-1)
    return _ratio(number * equal - by_chance, number**2 - by_chance)


def weighted_mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weighted mean (...) of (..., values) without those that are NaN; NaN where there are no others.

    Args:
        values: (..., values) float64.
        weights: (..., values) float64, 0 or more.
    """
    defined = ~np.isnan(values)
    return _ratio((np.where(defined, values, 0) * weights).sum(axis=-1), (defined * weights).sum(axis=-1))


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Return ``above / below``, NaN where ``below`` is 0."""
    above, below = np.asarray(above, np.float64), np.asarray(below, np.float64)
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below != 0)

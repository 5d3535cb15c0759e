"""Coefficients of agreement: published tables, and independent libraries."""

import numpy as np
import pytest
from nltk.metrics.agreement import AnnotationTask
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import fleiss_kappa

from core.review.coefficients import alpha, alpha_parts, cohen, fleiss, fleiss_parts, weighted_mean

# K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), example C: four observers, twelve units, 0 is missing.
KRIPPENDORFF = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
        [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
    ]
).T

# Fourteen raters, ten subjects, five categories: the worked example of “Fleiss' kappa” in Wikipedia.
FLEISS = np.array(
    [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
)

# J. Cohen, A coefficient of agreement for nominal scales (1960), 200 cases: 0.70 agree, 0.41 would by chance.
COHEN = np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]])


def counted(said: np.ndarray, answers: list[int]) -> np.ndarray:
    """Count (items, annotators) answers: (items, answers)."""
    return np.column_stack([(said == answer).sum(axis=1) for answer in answers])


def alpha_of(counts: np.ndarray) -> float:
    return float(alpha(alpha_parts(counts).sum(axis=0)))


def fleiss_of(counts: np.ndarray, raters: int) -> float:
    return float(fleiss(fleiss_parts(counts, raters).sum(axis=0), raters))


def test_alpha_of_krippendorffs_own_example() -> None:
    assert alpha_of(counted(KRIPPENDORFF, [1, 2, 3, 4, 5])) == pytest.approx(0.743, abs=5e-4)


def test_fleiss_kappa_of_the_well_known_example() -> None:
    assert fleiss_of(FLEISS, 14) == pytest.approx(0.210, abs=5e-4)


def test_cohens_kappa_of_his_own_example() -> None:
    assert float(cohen(COHEN)) == pytest.approx(0.29 / 0.59)


def test_cohens_kappa_of_a_table_of_yes_and_no() -> None:
    """35 of 50 alike are 0.7, by chance it were 0.5·0.6 + 0.5·0.4 = 0.5: 0.2 of the 0.5 that were to be had."""
    assert float(cohen(np.array([[20, 5], [10, 15]]))) == pytest.approx(0.4)


def test_alpha_of_two_annotators_by_hand() -> None:
    """Four frames, one of them disputed: D = 2, answers 3 and 5, so 1 − 7 · 2 / (2 · 3 · 5)."""
    assert alpha_of(np.array([[2, 0], [0, 2], [0, 2], [1, 1]])) == pytest.approx(1 - 14 / 30)


@pytest.mark.parametrize("seed", range(5))
def test_alpha_is_that_of_nltk_with_answers_missing(seed: int) -> None:
    said = np.random.default_rng(seed).integers(-1, 3, size=(60, 4))
    triples = [(str(who), str(item), str(said[item, who])) for item, who in np.argwhere(said >= 0)]
    assert alpha_of(counted(said, [0, 1, 2])) == pytest.approx(AnnotationTask(triples).alpha(), abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_fleiss_kappa_is_that_of_statsmodels(seed: int) -> None:
    counts = np.random.default_rng(seed).multinomial(6, [0.7, 0.3], size=60)
    assert fleiss_of(counts, 6) == pytest.approx(fleiss_kappa(counts), abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_cohens_kappa_is_that_of_scikit_learn(seed: int) -> None:
    one, other = np.random.default_rng(seed).integers(0, 2, size=(2, 60))
    table = np.array([[((one == i) & (other == j)).sum() for j in (0, 1)] for i in (0, 1)])
    assert float(cohen(table)) == pytest.approx(cohen_kappa_score(one, other), abs=1e-9)


def test_frames_with_one_answer_add_nothing_to_alpha() -> None:
    assert not alpha_parts(np.array([[1, 0], [0, 1], [0, 0]])).any()


def test_frames_with_another_number_of_answers_add_nothing_to_fleiss_kappa() -> None:
    assert not fleiss_parts(np.array([[2, 0], [1, 3]]), 3).any()


def test_sums_of_several_rounds_give_a_coefficient_each() -> None:
    sums = np.stack(
        [alpha_parts(np.array(counts)).sum(axis=0) for counts in ([[2, 0], [0, 2]], [[1, 1]] * 2)]
    )
    assert alpha(sums).tolist() == [1, pytest.approx(1 - 3 * 4 / 8)]


def test_a_coefficient_is_not_defined_where_only_one_answer_occurs() -> None:
    counts = np.array([[2, 0], [2, 0]])
    assert np.isnan([alpha_of(counts), fleiss_of(counts, 2), float(cohen(np.array([[2, 0], [0, 0]])))]).all()


def test_the_mean_leaves_out_what_is_not_defined() -> None:
    assert weighted_mean(np.array([[0.5, np.nan, 1], [np.nan] * 3]), np.ones((2, 3))).tolist() == [
        0.75,
        pytest.approx(np.nan, nan_ok=True),
    ]


def test_the_mean_is_weighted() -> None:
    """Thrice 0.5 and once 1."""
    assert float(weighted_mean(np.array([0.5, np.nan, 1]), np.array([3, 5, 1]))) == 0.625

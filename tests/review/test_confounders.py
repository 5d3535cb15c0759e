"""Confounders: attributes that follow the video, in tables small enough to reckon by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.review.balance import Balance
from core.review.confounders import TIED, Confounder, confounders, cramers_v, warning
from tests.helpers import bare_frames
from tests.helpers.reference_balance import balance_of


def counted(*videos: tuple[int, int]) -> Balance:
    """Videos with so many frames where ``length`` is true, and where it is false."""
    rows = [(f"seam_{v}", i, i < true) for v, (true, false) in enumerate(videos) for i in range(true + false)]
    return balance_of(bare_frames.labels(*rows, attributes=("length",)))


def confounder_of(*videos: tuple[int, int]) -> Confounder:
    return confounders(counted(*videos))["length"]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ([[10, 0], [0, 10]], 1.0),
        ([[5, 5], [5, 5]], 0.0),
        # phi² 0.36, less 1/19 by chance, over 18/19: sqrt(0.30737 / 0.94737)
        ([[8, 2], [2, 8]], 0.5696),
    ],
)
def test_cramers_v_is_one_of_what_is_tied_and_zero_of_what_is_not(
    table: list[list[int]], expected: float
) -> None:
    assert cramers_v(np.array(table)) == pytest.approx(expected, abs=1e-4)


def test_many_videos_of_two_frames_are_not_tied_by_chance() -> None:
    """Of four such videos half have one answer only: phi² is 0.5, and chance alone gives 3/7."""
    assert cramers_v(np.array([[2, 0], [0, 2], [1, 1], [1, 1]])) == pytest.approx(0.2887, abs=1e-4)


@pytest.mark.parametrize("table", [[[3, 0], [4, 0]], [[3, 4]], [[1, 0], [0, 1]], [[0, 0]]])
def test_there_is_no_v_of_one_answer_or_one_video_or_as_few_frames_as_videos(table: list[list[int]]) -> None:
    assert cramers_v(np.array(table)) is None


@given(arrays(np.int64, st.tuples(st.integers(0, 6), st.just(2)), elements=st.integers(0, 30)))
def test_v_is_from_zero_to_one(table: np.ndarray) -> None:
    found = cramers_v(table)
    assert found is None or 0 <= found <= 1


def test_videos_without_an_answer_do_not_count() -> None:
    measured = confounder_of((3, 0), (2, 2), (0, 0))
    assert (measured.videos, measured.one_answer) == (2, 1)


def test_a_label_that_is_the_same_throughout_its_videos_is_warned_of() -> None:
    sentence = warning("length", confounder_of((20, 0), (0, 20), (20, 0), (10, 10)))
    assert sentence is not None
    assert sentence.startswith(
        "“length” has only one answer in 3 of 4 videos. The network could learn the fabric"
    )


def test_a_label_that_hardly_changes_within_videos_is_warned_of() -> None:
    sentence = warning("length", confounder_of((99, 1), (1, 99)))
    assert sentence is not None
    assert sentence.startswith("“length” hardly changes within a video (Cramér's V 0.98)")


def test_a_rare_answer_in_few_videos_is_no_confounder() -> None:
    """In 14 of 16 videos nothing breaks, yet where it breaks is seen within the two others."""
    measured = confounder_of(*[(40, 60)] * 2, *[(0, 100)] * 14)
    assert measured.one_answer == 14
    assert warning("break", measured) is None


@pytest.mark.parametrize(("frames", "warned"), [(9, False), (10, True)])
def test_nine_frames_with_an_answer_are_too_few_to_warn(frames: int, warned: bool) -> None:
    assert (warning("length", confounder_of((frames, 0), (0, 50))) is not None) == warned


def test_the_threshold_is_half_of_the_variance() -> None:
    assert pytest.approx(0.5) == TIED**2


def test_nothing_labelled_has_no_share_rather_than_nan() -> None:
    assert confounder_of((0, 0)).to_json() == {
        "videos": 0,
        "one_answer_videos": 0,
        "one_answer_share": None,
        "cramers_v": None,
        "warns": False,
    }

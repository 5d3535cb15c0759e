"""What one annotator says where most of the others say the opposite."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.labels.annotator_labels import annotator_labels
from core.review import differences
from core.review.differences import AnnotatorDifference
from core.review.disputes import adjudicate, disputes
from core.workspace import Workspace
from tests.helpers.written_answers import spoken

ANN, BEN = "ttttttffffff", "ttttttffffff"
CEM = "ttttttfttttt"
"""As the others, but true in the last five frames: they are no edge, as nobody changes the answer at their end."""


@pytest.fixture
def cem(tmp_path: Path) -> Workspace:
    return spoken(tmp_path, {"Ann": ANN, "Ben": BEN, "Cem": CEM}, {"Ann": "ff", "Ben": "ff"})


@pytest.mark.parametrize(
    ("labels", "others"),
    [
        ([1, 1, 0], [-1, -1, 1]),  # Cem's others say true; Ann's and Ben's are even
        ([1, 0, 0, 0], [0, 0, 0, 0]),  # two of Ben's three others say false
        ([1, 0], [0, 1]),
        ([1, -1], [-1, 1]),  # nobody else has labelled what Ann has
        ([-1, -1], [-1, -1]),
    ],
)
def test_most_of_the_others(labels: list[int], others: list[int]) -> None:
    assert differences.most_of_the_others(np.array([labels], np.int8)).tolist() == [others]


def test_likeness_counts_answers_that_most_of_the_others_gave_too(cem: Workspace) -> None:
    """In the last five frames of seam_1 Ann's others, Ben and Cem, are even: 7 + 2 frames are left, all the same.

    All 12 of Cem can be compared: 5 differ.
    """
    assert differences.likeness(annotator_labels(cem)) == {"Ann": (9, 9), "Ben": (9, 9), "Cem": (12, 7)}


def test_the_one_who_differs_is_named_with_those_who_do_not(cem: Workspace) -> None:
    found = differences.differences(disputes(cem))
    assert found == [AnnotatorDifference("Cem", "good", True, ("Ann", "Ben"), 5, ("seam_1",))]


def test_its_frames_are_those_of_the_dispute(cem: Workspace) -> None:
    found = disputes(cem)
    assert differences.frames_of(found, "Cem", "good", True)["index"].tolist() == [7, 8, 9, 10, 11]
    assert differences.frames_of(found, "Cem", "good", False).empty
    assert differences.frames_of(found, "Nobody", "good", True).empty


def test_fewer_than_five_frames_are_slips(tmp_path: Path) -> None:
    assert differences.differences(disputes(spoken(tmp_path, {"Ann": "ffffff", "Ben": "ftttt" + "f"}))) == []


def test_what_was_decided_is_settled(cem: Workspace) -> None:
    adjudicate(cem, "Eva", "seam_1", 7, 11, "good", False)
    assert differences.differences(disputes(cem)) == []


def test_an_edge_is_nothing_to_talk_about(tmp_path: Path) -> None:
    """Ben changes five frames after Ann."""
    made = spoken(tmp_path, {"Ann": "fff" + "t" * 9, "Ben": "f" * 8 + "tttt"})
    assert disputes(made)["edge"].tolist() == [True] * 5
    assert differences.differences(disputes(made)) == []


def test_the_largest_difference_comes_first(tmp_path: Path) -> None:
    """Ben says false of 6 frames that are true for Ann, and true of 7 that are false for her."""
    found = differences.differences(
        disputes(spoken(tmp_path, {"Ann": "t" * 6 + "f" * 7, "Ben": "f" * 6 + "t" * 7}))
    )
    assert [(each.annotator, each.answer, each.frames) for each in found] == [
        ("Ann", False, 7),
        ("Ben", True, 7),
        ("Ann", True, 6),
        ("Ben", False, 6),
    ]
    left = differences.without_mirrors(found)
    assert [(each.annotator, each.answer) for each in left] == [("Ann", False), ("Ann", True)]


def test_where_the_others_are_even_nobody_is_alone(tmp_path: Path) -> None:
    made = spoken(tmp_path, {"Ann": "tttttt", "Ben": "tttttt", "Cem": "ffffff", "Dan": "ffffff"})
    found = differences.differences(disputes(made))
    # Two of the three others of each give the opposite answer.
    assert {each.annotator for each in found} == {"Ann", "Ben", "Cem", "Dan"}
    assert found[0].others == ("Cem", "Dan")


def test_without_a_dispute_there_is_nothing(tmp_path: Path) -> None:
    found = disputes(spoken(tmp_path, {"Ann": "tf"}))
    assert differences.differences(found) == []
    assert isinstance(found, pd.DataFrame) and found.empty

"""Balance: counts that add up."""

from pathlib import Path

import pandas as pd
import pytest

from core.data.balance import balance
from core.data.labels import record
from tests.data import small
from tests.data.counted import balance_of

FOUR = small.labels(
    ("seam_1", 0, True, False),
    ("seam_1", 1, True, None),
    ("seam_2", 0, False, True),
    ("seam_2", 1, None, None),
)


def test_each_answer_is_counted_per_attribute() -> None:
    assert balance_of(FOUR).attributes == {
        "good": {"true": 2, "false": 1, "unset": 1},
        "error": {"true": 1, "false": 1, "unset": 2},
    }


def test_a_frame_with_one_label_is_labelled() -> None:
    found = balance_of(FOUR)
    assert (found.frames, found.labelled) == (4, 3)


def test_each_answer_is_counted_per_video() -> None:
    assert balance_of(FOUR).videos["seam_2"] == {
        "frames": 2,
        "labelled": 1,
        "attributes": {
            "good": {"true": 0, "false": 1, "unset": 1},
            "error": {"true": 1, "false": 0, "unset": 1},
        },
    }


def test_combinations_of_labelled_frames_are_counted_the_most_frequent_first() -> None:
    twice = pd.concat([FOUR, small.labels(("seam_3", 0, False, True))])
    table = balance_of(twice).combinations
    assert table["frames"].tolist() == [2, 1, 1]
    assert table.iloc[0].tolist() == [False, True, 2]
    assert table["error"].isna().sum() == 1


def test_json_has_its_five_keys() -> None:
    assert list(balance_of(FOUR).to_json()) == ["frames", "labelled", "attributes", "videos", "combinations"]


def test_json_says_what_occurs_together() -> None:
    said = [("a", 0, True, None), ("a", 1, True, None), ("a", 2, False, True)]
    assert balance_of(small.labels(*said)).to_json()["combinations"] == [
        {"answers": {"good": True, "error": None}, "frames": 2},
        {"answers": {"good": False, "error": True}, "frames": 1},
    ]


def test_no_frames_are_no_error() -> None:
    found = balance_of(FOUR[:0])
    assert found.attributes["good"] == {"true": 0, "false": 0, "unset": 0}
    assert found.videos == {}
    assert found.combinations.empty


@pytest.mark.parametrize(("annotator", "true"), [(None, 0), ("Ann", 1), ("Nobody", 0)])
def test_the_labels_are_the_consensus_or_one_annotators(
    tmp_path: Path, annotator: str | None, true: int
) -> None:
    seams = small.make(tmp_path / "w", {"seam_1": 1})
    record(seams, "Ann", "seam_1", 0, 0, {"good": True})
    record(seams, "Ben", "seam_1", 0, 0, {"good": False})
    assert balance(seams, annotator).attributes["good"]["true"] == true

"""The frames behind a number of the balance."""

import numpy as np
import pandas as pd
import pytest

from core.errors import LabelError
from core.review.balance import Balance, folded, frames_and_videos, frames_behind
from tests.helpers import bare_frames
from tests.helpers.reference_balance import balance_of


@pytest.fixture
def labels() -> pd.DataFrame:
    """Of seam_1 the frames 0 to 99 are good, of seam_2 the frames 0 and 1; seam_2's last says nothing."""
    rows = [("seam_1", index, True, index < 10) for index in range(100)]
    return bare_frames.labels(
        *rows, ("seam_2", 0, True, None), ("seam_2", 1, True, False), ("seam_2", 2, None, None)
    )


def indexes(found: pd.DataFrame, video: str) -> list[int]:
    return sorted(found.loc[found["video"] == video, "index"])


def test_every_frame_with_the_answer_is_behind_it_once(labels: pd.DataFrame) -> None:
    found = frames_behind(labels, {"error": True})
    assert sorted(found["name"]) == [f"seam_1_{index}" for index in range(10)]


def test_unset_is_an_answer_of_its_own_and_not_false(labels: pd.DataFrame) -> None:
    assert indexes(frames_behind(labels, {"error": None}), "seam_2") == [0, 2]
    assert indexes(frames_behind(labels, {"error": False}), "seam_2") == [1]


def test_of_a_combination_a_frame_has_all_answers(labels: pd.DataFrame) -> None:
    assert frames_behind(labels, {"good": True, "error": None})["name"].tolist() == ["seam_2_0"]


def test_one_video_alone(labels: pd.DataFrame) -> None:
    assert set(frames_behind(labels, {"good": True}, ["seam_2"])["name"]) == {"seam_2_0", "seam_2_1"}


def test_several_videos_together(labels: pd.DataFrame) -> None:
    assert len(frames_behind(labels, {"good": True}, ["seam_1", "seam_2"])) == 102


def test_the_first_frames_come_of_every_video_in_turn(labels: pd.DataFrame) -> None:
    found = frames_behind(labels, {"good": True}, limit=4)
    assert found["video"].value_counts().to_dict() == {"seam_1": 2, "seam_2": 2}


@pytest.mark.parametrize("seed", range(5))
def test_five_of_a_hundred_frames_are_no_neighbours(labels: pd.DataFrame, seed: int) -> None:
    found = indexes(frames_behind(labels, {"good": True}, ["seam_1"], 5, seed), "seam_1")
    assert min(np.diff(found)) >= 10


def test_the_same_seed_gives_the_same_frames_and_another_one_others(labels: pd.DataFrame) -> None:
    first, same, other = (
        frames_behind(labels, {"good": True}, limit=6, seed=s)["name"].tolist() for s in (0, 0, 1)
    )
    assert first == same != other


def test_the_rows_of_the_table_say_where_a_frame_lies(labels: pd.DataFrame) -> None:
    found = frames_behind(labels, {"good": True}).sort_index()
    assert found["name"].tolist() == labels["name"].tolist()[:-1]


def test_it_is_counted_in_words(labels: pd.DataFrame) -> None:
    assert frames_and_videos(frames_behind(labels, {"good": True})) == "102 frames of 2 videos"
    assert frames_and_videos(frames_behind(labels, {"good": True, "error": None})) == "1 frame of 1 video"


@pytest.mark.parametrize(
    ("answers", "videos"), [({"colour": True}, []), ({"good": True}, ["seam_1", "seam_9"])]
)
def test_an_attribute_or_video_that_is_not_there_is_refused(
    labels: pd.DataFrame, answers: dict[str, bool], videos: list[str]
) -> None:
    with pytest.raises(LabelError):
        frames_behind(labels, answers, videos)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three videos fit; of more, two have a row of their own."""
    monkeypatch.setattr("core.review.balance.FITTING", 3)
    monkeypatch.setattr("core.review.balance.MOST", 2)


def balance(**frames: int) -> Balance:
    """Videos of so many frames, of which the first is good, the second is not and the others are not labelled."""
    said = (True, False)
    rows = [(v, i, said[i] if i < 2 else None, None) for v, number in frames.items() for i in range(number)]
    return balance_of(pd.DataFrame(bare_frames.labels(*rows)))


def test_videos_that_fit_have_a_row_each() -> None:
    rows = folded(balance(a=1, b=2, c=1), "good")
    assert [row.words for row in rows] == ["a", "b", "c"]
    assert rows[1].counts == {"true": 1, "false": 1, "unset": 0}


def test_of_more_the_largest_keep_their_order_and_the_others_are_together() -> None:
    rows = folded(balance(a=2, b=5, c=2, d=9), "good")
    assert [row.words for row in rows] == ["b", "d", "2 smaller videos"]
    assert rows[-1].videos == ("a", "c")


def test_groups_of_one_picture_are_one_row() -> None:
    rows = folded(balance(a=1, b=1, c=4, d=1), "good")
    assert [row.words for row in rows] == ["c", "3 groups of one picture"]
    assert rows[-1].counts == {"true": 3, "false": 0, "unset": 0}


def test_no_frame_is_lost() -> None:
    found = balance(a=1, b=5, c=2, d=9, e=3)
    counted = [sum(row.counts.values()) for row in folded(found, "good")]
    assert sum(counted) == found.frames == 20

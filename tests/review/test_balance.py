"""Balance: counts that add up."""

from pathlib import Path
from typing import cast
from uuid import uuid4

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sqlalchemy import delete, func, select

from core.attributes import named
from core.errors import LabelError
from core.labels.consensus import FALSE, TRUE, consensus
from core.labels.labels import record
from core.labels.sync import Undone, store
from core.media.library import remove_video
from core.review.balance import Balance, answer_counts, balance, folded, frames_and_videos, frames_behind
from core.review.disputes import adjudicate
from core.storage import database as db
from core.workspace import Workspace
from tests.helpers import bare_frames
from tests.helpers.reference_balance import balance_of
from tests.helpers.written_answers import say

FOUR = bare_frames.labels(
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


def test_a_frame_with_all_answers_is_fully_labelled_and_so_is_a_video_of_such_frames() -> None:
    found = balance_of(FOUR)
    assert (found.complete, found.complete_videos) == ({"seam_1": 1, "seam_2": 1}, 0)
    assert found.sentence == "Labelled: 3 of 4 frames. Fully labelled: 2 frames, 0 of 2 videos."
    whole = balance_of(FOUR[:1])
    assert whole.sentence == "Labelled: 1 of 1 frame. Fully labelled: 1 frame, 1 of 1 video."


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
    twice = pd.concat([FOUR, bare_frames.labels(("seam_3", 0, False, True))])
    table = balance_of(twice).combinations
    assert table["frames"].tolist() == [2, 1, 1]
    assert table.iloc[0].tolist() == [False, True, 2]
    assert table["error"].isna().sum() == 1


def test_json_has_its_five_keys() -> None:
    assert list(balance_of(FOUR).to_json()) == ["frames", "labelled", "attributes", "videos", "combinations"]


def test_json_says_what_occurs_together() -> None:
    said = [("a", 0, True, None), ("a", 1, True, None), ("a", 2, False, True)]
    assert balance_of(bare_frames.labels(*said)).to_json()["combinations"] == [
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
    seams = bare_frames.make(tmp_path / "w", {"seam_1": 1})
    record(seams, "Ann", "seam_1", 0, 0, {"good": True})
    record(seams, "Ben", "seam_1", 0, 0, {"good": False})
    assert balance(seams, annotator).attributes["good"]["true"] == true


PEOPLE, VIDEOS, NAMES = ("Ann", "Ben", "Cem"), ("seam_1", "seam_2", "seam_10"), ("good", "error")
STRETCH = st.tuples(st.integers(0, 4), st.integers(0, 4)).map(sorted)
SAID = st.tuples(
    st.sampled_from(PEOPLE), st.sampled_from(VIDEOS), st.sampled_from(NAMES), st.text("tf.", max_size=5)
)
DECISION = st.tuples(
    st.sampled_from(VIDEOS), st.sampled_from(NAMES), STRETCH, st.sampled_from([True, False, None])
)
DECISIONS = st.lists(st.tuples(DECISION, st.booleans()), max_size=5)  # and whether it is taken back


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    """Of three frames, Ann and Ben are one on the first, and differ about the second."""
    made = bare_frames.make(tmp_path / "w", {"seam_1": 3}, named(NAMES))
    say(made, "Ann", "seam_1", "tt.")
    say(made, "Ben", "seam_1", "tf.")
    return made


def counted(workspace: Workspace) -> list[tuple[list[int], int]]:
    found = answer_counts(workspace)
    return list(zip(found.answers.tolist(), found.numbers.tolist(), strict=True))


def take_back_the_last(workspace: Workspace, author: str) -> None:
    with db.reading(workspace) as connection:
        action = connection.scalars(
            select(func.coalesce(db.events.c.action, db.events.c.id)).order_by(db.events.c.seq)
        ).all()[-1]
    store(workspace, author, [Undone(str(uuid4()), str(uuid4()), cast(str, action))])


def test_frames_about_which_annotators_are_even_have_no_row(seams: Workspace) -> None:
    assert counted(seams) == [([TRUE, 0], 1)]


def test_an_adjudication_moves_a_frame_to_another_row(seams: Workspace) -> None:
    adjudicate(seams, "Teacher", "seam_1", 0, 0, "good", False)
    assert counted(seams) == [([FALSE, 0], 1)]


def test_a_frame_that_nobody_answered_can_be_adjudicated(seams: Workspace) -> None:
    adjudicate(seams, "Teacher", "seam_1", 2, 2, "error", True)
    assert counted(seams) == [([TRUE, 0], 1), ([0, TRUE], 1)]


def test_an_adjudication_that_was_taken_back_moves_nothing(seams: Workspace) -> None:
    adjudicate(seams, "Teacher", "seam_1", 0, 0, "good", False)
    take_back_the_last(seams, "Teacher")
    assert counted(seams) == [([TRUE, 0], 1)]


def test_labels_of_frames_that_are_gone_are_not_counted(seams: Workspace) -> None:
    with db.writing(seams) as connection:
        connection.execute(delete(db.frames).where(db.frames.c.index == 0))
    assert counted(seams) == []


def test_removed_videos_are_not_counted(seams: Workspace) -> None:
    remove_video(seams, "seam_1")
    assert answer_counts(seams).videos == ()


@settings(max_examples=15, deadline=None)
@given(st.lists(SAID, max_size=9), DECISIONS, st.booleans())
def test_the_database_counts_what_counting_the_consensus_gives(
    tmp_path_factory: pytest.TempPathFactory,
    said: list[tuple[str, str, str, str]],
    decisions: list[tuple[tuple[str, str, list[int], bool | None], bool]],
    removed: bool,
) -> None:
    seams = bare_frames.make(
        tmp_path_factory.mktemp("same") / "w", dict.fromkeys(VIDEOS, 5), named([*NAMES, "break"])
    )
    for annotator, video, attribute, text in said:
        if text:
            say(seams, annotator, video, text, attribute)
    for (video, attribute, (first, last), value), back in decisions:
        adjudicate(seams, "Ann", video, first, last, attribute, value)
        if back:
            take_back_the_last(seams, "Ann")
    if removed:
        remove_video(seams, "seam_2")
    for annotator in (None, "Ann"):
        found, expected = balance(seams, annotator), balance_of(consensus(seams, annotator))
        assert found.to_json() == expected.to_json()
        assert list(found.videos) == list(expected.videos)
        assert_frame_equal(found.combinations, expected.combinations)


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


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three videos fit; of more, two have a row of their own."""
    monkeypatch.setattr("core.review.balance.FITTING", 3)
    monkeypatch.setattr("core.review.balance.MOST", 2)


def balance_by_frames(**frames: int) -> Balance:
    """Videos of so many frames, of which the first is good, the second is not and the others are not labelled."""
    said = (True, False)
    rows = [(v, i, said[i] if i < 2 else None, None) for v, number in frames.items() for i in range(number)]
    return balance_of(pd.DataFrame(bare_frames.labels(*rows)))


def test_videos_that_fit_have_a_row_each(few: None) -> None:
    rows = folded(balance_by_frames(a=1, b=2, c=1), "good")
    assert [row.words for row in rows] == ["a", "b", "c"]
    assert rows[1].counts == {"true": 1, "false": 1, "unset": 0}


def test_of_more_the_largest_keep_their_order_and_the_others_are_together(few: None) -> None:
    rows = folded(balance_by_frames(a=2, b=5, c=2, d=9), "good")
    assert [row.words for row in rows] == ["b", "d", "2 smaller videos"]
    assert rows[-1].videos == ("a", "c")


def test_groups_of_one_picture_are_one_row(few: None) -> None:
    rows = folded(balance_by_frames(a=1, b=1, c=4, d=1), "good")
    assert [row.words for row in rows] == ["c", "3 groups of one picture"]
    assert rows[-1].counts == {"true": 3, "false": 0, "unset": 0}


def test_no_frame_is_lost(few: None) -> None:
    found = balance_by_frames(a=1, b=5, c=2, d=9, e=3)
    counted = [sum(row.counts.values()) for row in folded(found, "good")]
    assert sum(counted) == found.frames == 20

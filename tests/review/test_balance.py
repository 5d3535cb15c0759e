"""Balance: counts that add up."""

from pathlib import Path
from typing import cast
from uuid import uuid4

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sqlalchemy import delete, func, select

from core.attributes import named
from core.labels.consensus import FALSE, TRUE, consensus
from core.labels.labels import record
from core.labels.sync import Undone, store
from core.media.library import remove_video
from core.review.balance import answer_counts, balance
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

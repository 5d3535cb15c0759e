"""What the database counts is what counting every frame gives."""

from pathlib import Path
from typing import cast
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sqlalchemy import delete, func, select

from core.attributes import named
from core.data import database as db
from core.data.adjudication import adjudicate
from core.data.balance import balance
from core.data.catalogue import remove_video
from core.data.labels import consensus
from core.data.outbox import Undone, store
from core.data.tally import FALSE, TRUE, tally
from core.workspace import Workspace
from tests.data import small
from tests.data.counted import balance_of
from tests.data.spoken import say

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
    made = small.make(tmp_path / "w", {"seam_1": 3}, named(NAMES))
    say(made, "Ann", "seam_1", "tt.")
    say(made, "Ben", "seam_1", "tf.")
    return made


def counted(workspace: Workspace) -> list[tuple[list[int], int]]:
    found = tally(workspace)
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
    assert tally(seams).videos == ()


@settings(max_examples=15, deadline=None)
@given(st.lists(SAID, max_size=9), DECISIONS, st.booleans())
def test_the_database_counts_what_counting_the_consensus_gives(
    tmp_path_factory: pytest.TempPathFactory,
    said: list[tuple[str, str, str, str]],
    decisions: list[tuple[tuple[str, str, list[int], bool | None], bool]],
    removed: bool,
) -> None:
    seams = small.make(
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

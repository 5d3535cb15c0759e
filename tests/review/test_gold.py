"""Gold frames: what an instructor vouches for is the consensus, and no vote."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from core.attributes import named
from core.errors import LabelError, MediaError
from core.labels.annotator_labels import annotator_labels
from core.labels.assignments import assign
from core.labels.consensus import consensus, labels_of
from core.labels.labels import record
from core.review import gold
from core.review.balance import balance
from core.review.disputes import adjudicate, consensus_counts, disputes
from core.review.gold import Score, gold_scores
from core.workspace import Workspace
from tests.helpers import bare_frames
from tests.helpers.written_answers import say


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    """Eva is the instructor, and has answered ``break`` of the first three of six frames: true, true, false."""
    made = replace(bare_frames.make(tmp_path / "w", {"seam_1": 6}), instructors=("Eva",))
    record(made, "Eva", "seam_1", 0, 1, {"break": True})
    record(made, "Eva", "seam_1", 2, 2, {"break": False})
    return made


def golden(seams: Workspace) -> dict[int, bool]:
    found = gold.gold(seams)
    return dict(zip(found["index"], found["value"].tolist(), strict=True))


def broken(seams: Workspace) -> list[bool | None]:
    return [None if pd.isna(value) else bool(value) for value in consensus(seams)["break"]]


def test_without_gold_frames_the_table_is_empty(seams: Workspace) -> None:
    found = gold.gold(seams)
    assert found.empty
    assert list(found) == ["name", "video", "index", "attribute", "value", "author"]


def test_the_answers_are_those_of_the_instructor(seams: Workspace) -> None:
    assert gold.add_gold(seams, "Eva", "seam_1", 0, 2) == 3
    assert golden(seams) == {0: True, 1: True, 2: False}


def test_what_was_adjudicated_counts_over_what_the_instructor_answered(seams: Workspace) -> None:
    adjudicate(seams, "Eva", "seam_1", 1, 1, "break", False)
    gold.add_gold(seams, "Eva", "seam_1", 0, 1)
    assert golden(seams) == {0: True, 1: False}


def test_a_gold_answer_is_the_consensus_whatever_annotators_say(seams: Workspace) -> None:
    gold.add_gold(seams, "Eva", "seam_1", 0, 0)
    for name in ("Ann", "Ben"):
        record(seams, name, "seam_1", 0, 5, {"break": False})
    assert broken(seams)[0] is True
    assert balance(seams).attributes["break"]["true"] == 1
    assert consensus_counts(seams)["break"]["adjudicated"] == 1


def test_a_gold_frame_is_in_dispute_no_more(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 0, {"break": False})
    gold.add_gold(seams, "Eva", "seam_1", 0, 0)
    assert disputes(seams).empty


def test_a_gold_answer_is_no_answer_of_its_author(seams: Workspace) -> None:
    adjudicate(seams, "Eva", "seam_1", 5, 5, "break", True)
    before = annotator_labels(seams).rows["break"].tolist()
    gold.add_gold(seams, "Eva", "seam_1", 5, 5)
    assert annotator_labels(seams).rows["break"].tolist() == before
    assert labels_of(seams, "Eva", "seam_1")["break"].isna()[5]


def test_a_later_adjudication_replaces_a_gold_answer(seams: Workspace) -> None:
    gold.add_gold(seams, "Eva", "seam_1", 0, 1)
    adjudicate(seams, "Eva", "seam_1", 0, 0, "break", False)
    assert golden(seams) == {1: True}
    assert broken(seams)[0] is False


def test_gold_no_more_stays_adjudicated(seams: Workspace) -> None:
    gold.add_gold(seams, "Eva", "seam_1", 0, 2)
    assert gold.remove_gold(seams, "Eva", "seam_1", 1, 5) == 2
    assert golden(seams) == {0: True}
    assert broken(seams)[:3] == [True, True, False]
    assert consensus_counts(seams)["break"]["adjudicated"] == 3


def test_only_attributes_with_an_answer_become_gold(seams: Workspace) -> None:
    gold.add_gold(seams, "Eva", "seam_1", 0, 0)
    assert gold.gold(seams)["attribute"].tolist() == ["break"]


def test_one_attribute_alone_may_become_gold(seams: Workspace) -> None:
    record(seams, "Eva", "seam_1", 0, 0, {"good": False})
    gold.add_gold(seams, "Eva", "seam_1", 0, 0, "break")
    assert gold.gold(seams)["attribute"].tolist() == ["break"]


def test_of_classes_all_answers_of_a_frame_become_gold(tmp_path: Path) -> None:
    fruit = bare_frames.make(tmp_path / "w", {"bowl": 1}, named(["apple", "pear"], exclusive=True))
    record(fruit, "Eva", "bowl", 0, 0, {"apple": True})
    gold.add_gold(fruit, "Eva", "bowl", 0, 0, "apple")
    assert gold.gold(fruit)[["attribute", "value"]].to_numpy().tolist() == [["apple", True], ["pear", False]]


def test_a_frame_that_the_instructor_has_not_answered_is_refused(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 3, 3, {"break": True})
    with pytest.raises(LabelError, match="the first is frame 3 of seam_1"):
        gold.add_gold(seams, "Eva", "seam_1", 2, 3)
    assert golden(seams) == {}


@pytest.mark.parametrize(
    ("author", "video", "first", "attribute", "error"),
    [
        ("Ann", "seam_1", 0, None, LabelError),
        ("", "seam_1", 0, None, LabelError),
        ("Eva", "seam_2", 0, None, MediaError),
        ("Eva", "seam_1", 9, None, LabelError),
        ("Eva", "seam_1", 0, "stitch", LabelError),
    ],
)
def test_what_cannot_be_gold_is_refused(
    seams: Workspace, author: str, video: str, first: int, attribute: str | None, error: type[Exception]
) -> None:
    with pytest.raises(error):
        gold.add_gold(seams, author, video, first, first, attribute)


def test_where_no_instructor_is_named_anyone_may_vouch(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 4, 4, {"break": True})
    assert gold.add_gold(replace(seams, instructors=()), "Ann", "seam_1", 4, 4) == 1


def test_unanswered_gold_answers_are_counted_but_not_ones_own(seams: Workspace) -> None:
    gold.add_gold(seams, "Eva", "seam_1", 0, 2)
    record(seams, "Ann", "seam_1", 1, 5, {"break": False})
    assert [gold.unanswered(seams, name, "seam_1") for name in ("Ann", "Ben", "Eva")] == [1, 3, 0]


@pytest.fixture
def two_seams(tmp_path: Path) -> Workspace:
    """Of ``break``, the frames 0 to 3 of one video and 0 of another are gold: true, true, false, false, and true."""
    made = replace(bare_frames.make(tmp_path / "w", {"seam_1": 6, "seam_2": 2}), instructors=("Eva",))
    say(made, "Eva", "seam_1", "ttff", "break")
    say(made, "Eva", "seam_2", "t", "break")
    gold.add_gold(made, "Eva", "seam_1", 0, 3)
    gold.add_gold(made, "Eva", "seam_2", 0, 0)
    return made


def test_without_gold_frames_there_is_nothing_to_compare(tmp_path: Path) -> None:
    made = bare_frames.make(tmp_path / "w", {"seam_1": 2})
    record(made, "Ann", "seam_1", 0, 1, {"break": True})
    found = gold_scores(made)
    assert (found.scores, len(found.missed), gold_scores(made, "Ann").scores) == ([], 0, [])


def test_answers_are_counted_per_attribute_with_their_frames_and_videos(two_seams: Workspace) -> None:
    say(two_seams, "Ann", "seam_1", "tff.tt", "break")
    assert gold_scores(two_seams).scores == [Score("Ann", "break", answered=3, right=2, gold=5, videos=1)]


def test_what_was_missed_is_said_with_both_answers(two_seams: Workspace) -> None:
    say(two_seams, "Ann", "seam_1", "tff.tt", "break")
    [row] = gold_scores(two_seams, "Ann").missed.to_dict("records")
    assert row == {"name": "seam_1_1", "video": "seam_1", "index": 1, "attribute": "break", "annotator": "Ann",
                   "answer": False, "right": True}  # fmt: skip


def test_of_others_one_learns_nothing(two_seams: Workspace) -> None:
    say(two_seams, "Ann", "seam_1", "ffff", "break")
    assert gold_scores(two_seams, "Ben").missed.empty
    assert [score.answered for score in gold_scores(two_seams, "Ben").scores] == [0]


def test_nobody_is_measured_by_what_they_vouch_for(two_seams: Workspace) -> None:
    assert gold_scores(two_seams).scores == []


def test_what_was_put_right_is_missed_no_more(two_seams: Workspace) -> None:
    say(two_seams, "Ann", "seam_2", "f", "break")
    say(two_seams, "Ann", "seam_2", "t", "break")
    assert gold_scores(two_seams, "Ann").missed.empty


def test_a_blind_video_waits_until_it_is_finished(two_seams: Workspace) -> None:
    assign(two_seams, ["seam_2"], ["Ann"], 1)
    say(two_seams, "Ann", "seam_2", "ff", "break")
    assert gold_scores(two_seams, "Ann").missed.empty
    record(two_seams, "Ann", "seam_2", 0, 1, {"good": True, "error": False, "length": True})
    assert gold_scores(two_seams, "Ann").missed["name"].tolist() == ["seam_2_0"]


def test_the_instructor_sees_a_blind_video_at_once(two_seams: Workspace) -> None:
    assign(two_seams, ["seam_2"], ["Ann"], 1)
    say(two_seams, "Ann", "seam_2", "f", "break")
    assert [(score.right, score.answered) for score in gold_scores(two_seams).scores] == [(0, 1)]

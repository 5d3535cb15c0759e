"""How far annotators agree with the gold frames."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.labels.assignments import assign
from core.labels.labels import record
from core.review import gold
from core.review.gold_scores import Score, gold_scores
from core.workspace import Workspace
from tests.helpers import bare_frames
from tests.helpers.written_answers import say


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    """Of ``break``, the frames 0 to 3 of one video and 0 of another are gold: true, true, false, false, and true."""
    made = replace(bare_frames.make(tmp_path / "w", {"seam_1": 6, "seam_2": 2}), instructors=("Eva",))
    say(made, "Eva", "seam_1", "ttff", "break")
    say(made, "Eva", "seam_2", "t", "break")
    gold.add(made, "Eva", "seam_1", 0, 3)
    gold.add(made, "Eva", "seam_2", 0, 0)
    return made


def test_without_gold_frames_there_is_nothing_to_compare(tmp_path: Path) -> None:
    made = bare_frames.make(tmp_path / "w", {"seam_1": 2})
    record(made, "Ann", "seam_1", 0, 1, {"break": True})
    found = gold_scores(made)
    assert (found.scores, len(found.missed), gold_scores(made, "Ann").scores) == ([], 0, [])


def test_answers_are_counted_per_attribute_with_their_frames_and_videos(seams: Workspace) -> None:
    say(seams, "Ann", "seam_1", "tff.tt", "break")
    assert gold_scores(seams).scores == [Score("Ann", "break", answered=3, right=2, gold=5, videos=1)]


def test_what_was_missed_is_said_with_both_answers(seams: Workspace) -> None:
    say(seams, "Ann", "seam_1", "tff.tt", "break")
    [row] = gold_scores(seams, "Ann").missed.to_dict("records")
    assert row == {"name": "seam_1_1", "video": "seam_1", "index": 1, "attribute": "break", "annotator": "Ann",
                   "answer": False, "right": True}  # fmt: skip


def test_of_others_one_learns_nothing(seams: Workspace) -> None:
    say(seams, "Ann", "seam_1", "ffff", "break")
    assert gold_scores(seams, "Ben").missed.empty
    assert [score.answered for score in gold_scores(seams, "Ben").scores] == [0]


def test_nobody_is_measured_by_what_they_vouch_for(seams: Workspace) -> None:
    assert gold_scores(seams).scores == []


def test_what_was_put_right_is_missed_no_more(seams: Workspace) -> None:
    say(seams, "Ann", "seam_2", "f", "break")
    say(seams, "Ann", "seam_2", "t", "break")
    assert gold_scores(seams, "Ann").missed.empty


def test_a_blind_video_waits_until_it_is_finished(seams: Workspace) -> None:
    assign(seams, ["seam_2"], ["Ann"], 1)
    say(seams, "Ann", "seam_2", "ff", "break")
    assert gold_scores(seams, "Ann").missed.empty
    record(seams, "Ann", "seam_2", 0, 1, {"good": True, "error": False, "length": True})
    assert gold_scores(seams, "Ann").missed["name"].tolist() == ["seam_2_0"]


def test_the_instructor_sees_a_blind_video_at_once(seams: Workspace) -> None:
    assign(seams, ["seam_2"], ["Ann"], 1)
    say(seams, "Ann", "seam_2", "f", "break")
    assert [(score.right, score.answered) for score in gold_scores(seams).scores] == [(0, 1)]

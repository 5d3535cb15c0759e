"""What annotators answered on their own: the current view, of all frames at once."""

from pathlib import Path

import pytest
from sqlalchemy import update

from core.errors import LabelError
from core.labels.annotator_labels import AnnotatorLabels, annotator_labels, check_attribute
from core.labels.labels import record
from core.storage import database as db
from core.workspace import Workspace
from tests.helpers import bare_frames
from tests.helpers.written_answers import say


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    return bare_frames.make(tmp_path / "workspace", {"seam_10": 4, "seam_9": 2})


def told(answers: AnnotatorLabels, attribute: str = "good") -> dict[str, dict[str, int]]:
    """Return annotator to frame to 1 or 0."""
    found: dict[str, dict[str, int]] = {name: {} for name in answers.annotators}
    for place, who, value in answers.rows[attribute].tolist():
        found[answers.annotators[who]][answers.frames["name"][place]] = value
    return found


def test_answers_are_those_of_the_current_view(seams: Workspace) -> None:
    say(seams, "Ben", "seam_10", "tf.f")
    say(seams, "Ann", "seam_9", "f")
    assert told(annotator_labels(seams)) == {
        "Ann": {"seam_9_0": 0},
        "Ben": {"seam_10_0": 1, "seam_10_1": 0, "seam_10_3": 0},
    }


def test_places_are_in_natural_order(seams: Workspace) -> None:
    names = annotator_labels(seams).frames["name"].tolist()
    assert names == ["seam_9_0", "seam_9_1", "seam_10_0", "seam_10_1", "seam_10_2", "seam_10_3"]


def test_an_adjudication_is_no_answer(seams: Workspace) -> None:
    record(seams, "Teacher", "seam_10", 0, 3, {"good": True}, source="adjudication")
    assert annotator_labels(seams).annotators == ()


def test_who_adjudicates_keeps_the_answer_given_before(seams: Workspace) -> None:
    say(seams, "Ann", "seam_10", "tttt")
    record(seams, "Ann", "seam_10", 1, 2, {"good": False}, source="adjudication")
    assert list(told(annotator_labels(seams))["Ann"].values()) == [1, 1, 1, 1]


@pytest.mark.parametrize("table", ["videos", "annotators"])
def test_what_was_removed_does_not_count(seams: Workspace, table: str) -> None:
    say(seams, "Ann", "seam_10", "tt")
    with db.writing(seams) as connection:
        connection.execute(update(db.metadata.tables[table]).values(hidden=True))
    assert annotator_labels(seams).annotators == ()


def test_a_sheet_holds_the_frames_with_enough_answers(seams: Workspace) -> None:
    say(seams, "Ann", "seam_10", "tf.f")
    say(seams, "Ben", "seam_10", ".tt")
    places, said = annotator_labels(seams).sheet("good", least=2)
    assert (places.tolist(), said.tolist()) == ([3], [[0, 1]])


def test_a_sheet_without_answers_is_empty(seams: Workspace) -> None:
    assert annotator_labels(seams).sheet("good")[1].shape == (0, 0)


def test_one_attribute_or_all_can_be_asked_for(seams: Workspace) -> None:
    assert check_attribute(seams, "error") == ("error",)
    assert check_attribute(seams, None) == ("good", "error", "break", "length")


def test_an_attribute_that_is_not_there_is_refused(seams: Workspace) -> None:
    with pytest.raises(LabelError, match="'nice'"):
        check_attribute(seams, "nice")

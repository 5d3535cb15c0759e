from dataclasses import replace

import pytest

from core.errors import LabelError
from core.labels import corrections, labels
from core.labels.consensus import consensus
from core.review import disputes
from tests.helpers import bare_frames


@pytest.fixture
def workspace(tmp_path):
    """Ada calls the frames 0 to 3 broken."""
    made = bare_frames.make(tmp_path / "class", {"a": 5})
    labels.record(made, "Ada", "a", 0, 3, {"break": True})
    return made


def broken(workspace, annotator=None):
    return consensus(workspace, annotator)["break"].astype(object).where(lambda x: x.notna(), None).tolist()


def test_ones_own_label_is_changed(workspace):
    corrections.correct(workspace, "Ada", "a", 1, 2, "break", False)
    assert broken(workspace, "Ada") == [True, False, False, True, None]


def test_without_instructors_what_another_labelled_is_decided(workspace):
    corrections.correct(workspace, "Ben", "a", 1, 1, "break", False)
    assert broken(workspace) == [True, False, True, True, None]
    assert broken(workspace, "Ada") == [True, True, True, True, None]


def test_an_instructor_decides(workspace):
    corrections.correct(replace(workspace, instructors=("Eva",)), "Eva", "a", 0, 0, "break", False)
    assert broken(workspace)[0] is False


def test_where_instructors_are_named_the_others_only_give_their_own_label(workspace):
    corrections.correct(replace(workspace, instructors=("Eva",)), "Ben", "a", 0, 0, "break", False)
    assert broken(workspace)[0] is None  # one against one
    assert broken(workspace, "Ben")[0] is False


@pytest.mark.parametrize(
    ("annotator", "instructors", "decides"),
    [("Ada", (), False), ("Ben", (), True), ("Eva", ("Eva",), True), ("Ben", ("Eva",), False)],
)
def test_a_correction_decides_as_was_said_before(workspace, annotator, instructors, decides):
    workspace = replace(workspace, instructors=instructors)
    assert corrections.decides(workspace, annotator, "a", 1, 1, "break") is decides
    corrections.correct(workspace, annotator, "a", 1, 1, "break", False)
    assert len(disputes.adjudications(workspace)) == decides


@pytest.mark.parametrize("annotator", ["Ada", "Ben"])
def test_a_correction_can_be_taken_back(workspace, annotator):
    before = broken(workspace)
    action = corrections.correct(workspace, annotator, "a", 0, 3, "break", False)
    corrections.take_back(workspace, action)
    assert broken(workspace) == before


def test_what_was_never_done_cannot_be_taken_back(workspace):
    with pytest.raises(LabelError, match="correction"):
        corrections.take_back(workspace, "nothing")


def test_who_has_no_name_corrects_nothing(workspace):
    with pytest.raises(LabelError, match="annotator"):
        corrections.correct(workspace, "", "a", 0, 0, "break", False)


def test_it_is_known_who_said_so(workspace):
    labels.record(workspace, "Ben", "a", 3, 3, {"break": False})
    assert corrections.labels_within(workspace, "a", 2, 3, "break") == [("Ada", True), ("Ben", False)]

import pandas as pd
import pytest

from core.errors import LabelError
from core.labels import accepted
from tests.helpers import bare_frames


@pytest.fixture
def workspace(tmp_path):
    return bare_frames.make(tmp_path / "class", {"a": 3})


def known(workspace, *rows):
    return accepted.is_accepted(
        workspace, pd.DataFrame(rows, columns=["frame", "attribute", "label"])
    ).tolist()


def test_an_accepted_label_is_remembered(workspace):
    accepted.accept(workspace, "Ada", ["a_0", "a_1"], "break", True)
    assert known(workspace, ("a_0", "break", True), ("a_1", "break", True), ("a_2", "break", True)) == [
        True,
        True,
        False,
    ]


def test_the_other_answer_and_other_attributes_are_not_accepted_with_it(workspace):
    accepted.accept(workspace, "Ada", ["a_0"], "break", True)
    assert known(workspace, ("a_0", "break", False), ("a_0", "good", True)) == [False, False]


def test_it_can_be_taken_back(workspace):
    accepted.accept(workspace, "Ada", ["a_0", "a_1"], "break", True)
    accepted.doubt(workspace, ["a_0"], "break", True)
    assert known(workspace, ("a_0", "break", True), ("a_1", "break", True)) == [False, True]


def test_twice_the_same_is_kept_once(workspace):
    for who in ("Ada", "Ben"):
        accepted.accept(workspace, who, ["a_0"], "break", False)
    assert accepted.read(workspace).to_dict("records") == [
        {"name": "a_0", "attribute": "break", "label": "False", "annotator": "Ben"}
    ]


def test_who_has_no_name_accepts_nothing(workspace):
    with pytest.raises(LabelError, match="annotator"):
        accepted.accept(workspace, " ", ["a_0"], "break", True)
    assert known(workspace, ("a_0", "break", True)) == [False]

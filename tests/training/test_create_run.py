import pytest

from core.attributes import named
from core.errors import RunError
from core.training import create_run
from tests.helpers import bare_frames

FRAMES = bare_frames.labels(
    ("a", 0, True, True), ("a", 1, False, True), ("b", 0, True, False), ("b", 1, False, True)
).assign(part=["train", "train", "valid", "test"])  # fmt: skip


@pytest.fixture
def attributes():
    return named(["good", "error"])


def test_one_answer_only_is_refused(attributes):
    learned, notes = create_run.learnable_attributes(attributes, FRAMES, pass_over=False)
    assert notes == []
    with pytest.raises(RunError, match=r"All 2 answers about “error” .* are true"):
        create_run.learnable_frames(FRAMES, learned)


def test_or_it_is_passed_over_with_a_note(attributes):
    learned, notes = create_run.learnable_attributes(attributes, FRAMES, pass_over=True)
    assert learned.names == ("good",)
    assert notes == ["“error” has one answer only in the training part and is not learned."]


def test_where_nothing_is_left_to_learn_it_is_refused(attributes):
    said = FRAMES.assign(good=FRAMES["error"])
    learned, _ = create_run.learnable_attributes(attributes, said, pass_over=True)
    with pytest.raises(RunError, match="about “good”"):
        create_run.learnable_frames(said, learned)


CLASSES = bare_frames.labels(
    ("a", 0, True, False, False), ("a", 1, False, True, False), ("b", 0, False, True, False), ("c", 0, False, False, True),
    attributes=("p", "q", "r"),
).assign(part=["train", "train", "valid", "test"])  # fmt: skip


def test_frames_of_a_class_that_is_passed_over_teach_nothing():
    learned, _ = create_run.learnable_attributes(
        named(["p", "q", "r"], exclusive=True), CLASSES, pass_over=True
    )
    assert learned.names == ("p", "q")
    assert create_run.learnable_frames(CLASSES, learned)["name"].tolist() == ["a_0", "a_1", "b_0"]


def test_of_one_class_there_is_nothing_to_tell():
    only = CLASSES.assign(part=["valid", "train", "train", "test"])
    learned, _ = create_run.learnable_attributes(named(["p", "q", "r"], exclusive=True), only, pass_over=True)
    with pytest.raises(RunError, match="about “p”"):
        create_run.learnable_frames(only, learned)

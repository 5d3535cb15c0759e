"""Who labels what, gold frames and coaching, as the pages show them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.labels.assignments import assign, assigned, blind
from core.labels.labels import record
from core.review import gold
from core.workspace import Workspace
from tests.helpers.page_workspace import FRAMES, VIDEO, small_workspace
from tests.pages.conftest import words
from tests.pages.test_review import buttons, name_instructor, press, quarrel, review

__all__ = ["quarrel", "review"]  # fixtures

Review = Callable[..., AppTest]


@pytest.fixture
def class_of_two(place: Path) -> Workspace:
    """Two videos; of the first Eva calls every frame broken, Ada only frame 0."""
    workspace = small_workspace(place, videos=2, labelled=False)
    record(workspace, "Eva", VIDEO, 0, FRAMES - 1, {"break": True})
    record(workspace, "Ada", VIDEO, 0, FRAMES - 1, {"break": False})
    record(workspace, "Ada", VIDEO, 0, 0, {"break": True})
    return workspace


def tables(app: AppTest) -> list[list[list[object]]]:
    return [table.value.to_numpy().tolist() for table in app.dataframe]


def test_the_instructor_assigns_videos(review: Review, class_of_two: Workspace) -> None:
    app = review("Agreement")
    next(box for box in app.multiselect if box.label == "Annotators").set_value(["Ada", "Eva"]).run()
    press(app, "Assign")
    found = assigned(class_of_two)
    assert found[["video", "annotator"]].to_numpy().tolist() == [
        ["seam_a", "Ada"], ["seam_a", "Eva"], ["seam_b", "Ada"], ["seam_b", "Eva"],
    ]  # fmt: skip


def test_the_table_says_how_far_everyone_is(review: Review, class_of_two: Workspace) -> None:
    assign(class_of_two, [VIDEO], ["Ada", "Ben"], 2)
    record(class_of_two, "Ada", VIDEO, 0, 3, {"good": True, "error": False, "length": True})
    assert [["4 of 6", "0 of 6"]] in tables(review("Agreement"))


def test_only_instructors_assign_and_see_everyones_gold(review: Review, class_of_two: Workspace) -> None:
    name_instructor(class_of_two, "Eva")
    app = review("Agreement", "Ada")
    assert "Assign" not in buttons(app) and "Make gold" not in buttons(app)
    assert "Only instructors see this table" in words(app)


def test_the_instructor_sees_who_agrees_with_the_gold_frames(review: Review, class_of_two: Workspace) -> None:
    gold.add_gold(class_of_two, "Eva", VIDEO, 0, 2)
    assert [["1 of 3"]] in tables(review("Agreement"))


def test_frames_become_gold_on_the_page(review: Review, class_of_two: Workspace) -> None:
    press(review("Agreement"), "Make gold")
    assert gold.gold(class_of_two)["index"].tolist() == [0]


def test_a_decided_dispute_becomes_gold_with_one_button(review: Review, class_of_two: Workspace) -> None:
    app = press(review("Disputes"), "break: false")
    press(app, "Make it gold")
    assert gold.gold(class_of_two)[["index", "value"]].to_numpy().tolist() == [
        [i, False] for i in range(1, 6)
    ]


def test_disputes_of_a_blind_video_wait(review: Review, class_of_two: Workspace) -> None:
    assign(class_of_two, [VIDEO], ["Ada"], 1)
    assert blind(class_of_two, "Ada") == [VIDEO]
    assert "The disputes are in videos that you label without seeing the others" in words(
        review("Disputes", "Ada")
    )
    assert "5 frames in 1 stretch to decide" in words(review("Disputes", "Eva"))


def test_an_annotator_sees_what_was_missed(visit: Callable[..., AppTest], class_of_two: Workspace) -> None:
    gold.add_gold(class_of_two, "Eva", VIDEO, 0, 2)
    app = visit("2_Label.py", "Ada")
    app.session_state["how_am_i_doing"] = True
    said = words(app.run())
    assert "You missed 2 answers" in said
    assert "seam_a, frames 1 to 2" in said

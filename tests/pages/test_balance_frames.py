"""The frames behind the numbers of the Balance page, and the links from there to the Label page."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.attributes import named
from core.labels.assignments import assign
from core.labels.labels import record
from core.workspace import Workspace
from tests.helpers.page_workspace import FRAMES, VIDEO, small_workspace
from tests.pages.conftest import words
from ui.balance import counts

Visit = Callable[..., AppTest]


@pytest.fixture
def broken(place: Path) -> Workspace:
    """Ada calls the frames 2 and 3 of six broken, the others not, and says nothing else."""
    made = small_workspace(place, labelled=False)
    record(made, "Ada", VIDEO, 0, FRAMES - 1, {"break": False})
    record(made, "Ada", VIDEO, 2, 3, {"break": True})
    return made


def choose(app: AppTest, box: str, words: str) -> AppTest:
    return app.selectbox(key=f"{box}_box").select(words).run()


def links(app: AppTest) -> list[str]:
    return [link.proto.label for link in app.get("page_link") if VIDEO in link.proto.label]


def test_before_anything_is_chosen_no_frame_is_shown(visit: Visit, broken: Workspace) -> None:
    assert links(visit("3_Balance.py")) == []


@pytest.mark.parametrize(
    ("box", "chosen"),
    [
        ("answers", "break true: 2 frames"),
        ("per_video", "good unset in seam_a: 6 frames"),
        ("combined", "good unset, error unset, break true, length unset: 2 frames"),
    ],
)
def test_a_number_opens_as_many_frames(visit: Visit, broken: Workspace, box: str, chosen: str) -> None:
    app = choose(visit("3_Balance.py"), box, chosen)
    said, number = chosen.rsplit(": ", 1)
    assert f"**{said}**: {number} of 1 video" in words(app)
    assert len(links(app)) == int(number.split()[0])


def test_the_frames_are_those_with_the_answer(visit: Visit, broken: Workspace) -> None:
    app = choose(visit("3_Balance.py"), "answers", "break true: 2 frames")
    assert links(app) == [f"{VIDEO} · 2", f"{VIDEO} · 3"]


def test_frames_can_be_closed(visit: Visit, broken: Workspace) -> None:
    app = choose(visit("3_Balance.py"), "answers", "break true: 2 frames")
    assert links(app.button(key="close_answers").click().run()) == []


def test_what_one_labels_blind_is_not_shown(visit: Visit, broken: Workspace) -> None:
    assign(broken, [VIDEO], ["Ada", "Eva"])
    app = choose(visit("3_Balance.py", "Eva"), "answers", "break true: 2 frames")
    assert links(app) == []
    assert "Frames of videos that you label blind are left out." in words(app)


def test_the_pairs_are_in_the_order_of_their_square() -> None:
    attributes = named(["good", "error"])
    table = pd.DataFrame({"good": [True, True], "error": [True, None], "frames": [3, 4]})
    found = counts.pairs(attributes, table)
    assert [choice.frames for choice in found] == [7, 3, 3, 3]
    assert found[1] == found[2]


def test_a_link_without_a_frame_that_is_there_opens_the_page_all_the_same(
    visit: Visit, broken: Workspace
) -> None:
    app = visit("2_Label.py", "Eva")
    app.query_params["video"], app.query_params["frame"] = "gone", "soon"
    assert not app.run().exception

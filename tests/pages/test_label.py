"""What comes next, at the foot of the Label page and of the others."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.training.create_run import create_run
from core.videos.add_video import add_video
from tests.helpers import tiny_class
from tests.helpers.page_workspace import small_workspace, video_file
from tests.pages.conftest import words
from ui.shell import steps

Visit = Callable[..., AppTest]


@pytest.mark.parametrize(
    ("labelled", "page", "sentence", "leads"),
    [
        (False, "3_Balance.py", "Next: label 10 pictures", True),
        (False, "2_Label.py", "Now: label 10 pictures", False),
        (True, "2_Label.py", "Next: train a network", True),
        (True, "4_Train.py", "Now: train a network", False),
    ],
)
def test_each_page_says_what_comes_next_and_leads_there(
    visit: Visit, place: Path, labelled: bool, page: str, sentence: str, leads: bool
) -> None:
    small_workspace(place, videos=3, labelled=labelled)
    app = visit(page, "Ada")
    assert sentence in words(app)
    assert ("next_go" in [button.key for button in app.button]) is leads
    ticks = app.main.caption[-1].value
    assert [step for step in ("Videos", "Label", "Live") if f":gray[:material/check:] {step}" in ticks] == (
        ["Videos", "Label"] if labelled else ["Videos"]
    )


def test_a_page_without_videos_has_no_next_step(visit: Visit, place: Path) -> None:
    assert "next_go" not in [button.key for button in visit("2_Label.py", "Ada").button]


def test_a_video_that_was_just_added_comes_next_until_it_is_labelled(visit: Visit, place: Path) -> None:
    made = small_workspace(place, videos=3)
    add_video(made, video_file(place / "IMG_2041.mp4", 200))
    app = visit("1_Videos.py", "Ada")
    app.session_state[steps.ADDED] = "IMG_2041"
    assert "Next: label it now\nIMG_2041 is ready." in words(app.run())
    app.session_state[steps.ADDED] = "seam_a"
    assert "is ready." not in words(app.run())


def test_a_running_training_comes_first_with_the_time_that_it_takes(
    visit: Visit, place: Path, tiny_network: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = tiny_class.make(place)
    run = create_run(workspace, tiny_class.quick(leaking=True))
    run.write_status(state="running", done=0.4, remaining=180.0)
    monkeypatch.setattr(type(run), "state", property(lambda self: self.status.state))  # its process lives
    assert "A network is training: 40 % done, about 3 min left." in words(visit("3_Balance.py", "Ada"))

"""What each page says while it has nothing to show."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.helpers.page_files import PAGES
from tests.pages.conftest import words

SENTENCES = {
    "": "Two ways to begin",
    "1_Videos.py": "No videos yet",
    "2_Label.py": "No pictures to label yet",
    "3_Balance.py": "No labels to count yet",
    "4_Train.py": "No labels to train on yet",
    "5_Test.py": "Nothing to test yet",
    "6_Live.py": "Show it a seam",
    "7_Workspace.py": "Nothing to check or back up yet",
}


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_page_says_what_is_missing(visit: Callable[..., AppTest], page: str) -> None:
    app = visit(page)
    assert SENTENCES[page] in words(app)
    assert not app.exception


def test_home_offers_practice_videos(visit: Callable[..., AppTest]) -> None:
    app = visit()
    assert "Create 18 practice videos" in [button.label for button in app.button]
    app.number_input(key="demo_videos").set_value(6).run()
    assert "Create 6 practice videos" in [button.label for button in app.button]


def test_home_says_how_many_practice_videos_there_will_be_and_how_long_it_takes(
    visit: Callable[..., AppTest],
) -> None:
    assert "18 videos, 3,600 frames, about 1 to 2 min." in words(visit())


def test_home_leads_to_videos(visit: Callable[..., AppTest]) -> None:
    app = visit()
    next(button for button in app.button if button.label == "Add videos").click().run()
    assert app.title[0].value == "Videos"


def test_the_workspace_is_made_on_the_first_visit(visit: Callable[..., AppTest], place) -> None:  # type: ignore[no-untyped-def]
    visit()
    assert (place / "workspace.toml").is_file()

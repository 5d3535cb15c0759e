"""What a user can put right is said in plain words, without a traceback."""

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from core import workspace as workspaces
from tests.helpers.page_workspace import small_workspace
from tests.pages.conftest import words

Visit = Callable[..., AppTest]


def test_an_unreadable_workspace_says_where(visit: Visit, place: Path) -> None:
    workspaces.create(place)
    (place / "workspace.toml").write_text("attributes = [", encoding="utf-8")
    app = visit()
    assert "workspace.toml cannot be understood" in app.error[0].value
    assert not app.exception


def test_a_split_by_video_of_two_videos_says_what_to_do(visit: Visit, place: Path) -> None:
    small_workspace(place, videos=2)
    app = visit("4_Train.py")
    next(button for button in app.button if button.label == "Make the split").click().run()
    assert "an honest test needs 3" in app.error[0].value


def test_a_text_file_in_the_inbox_is_refused(visit: Visit, place: Path) -> None:
    workspace = small_workspace(place)
    (workspace.inbox / "notes.mp4").write_text("no video", encoding="utf-8")
    app = visit("1_Videos.py")
    next(button for button in app.button if button.label == "Add from the inbox").click().run()
    assert "notes.mp4" in words(app)
    assert not app.exception

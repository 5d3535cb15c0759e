"""The ways in on the Videos page."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import workspace as workspaces
from core.labels.consensus import labels_of
from core.media.library import frame_table
from tests.helpers import tiny_class
from tests.helpers.page_workspace import small_workspace
from tests.helpers.tiny_videos import save, textured

Visit = Callable[..., AppTest]


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


@pytest.fixture
def fruit(tmp_path: Path) -> Path:
    for number, name in enumerate(("Apple", "Orange")):
        save(tmp_path / "fruit" / name / f"{number}.png", textured(number))
    return tmp_path / "fruit"


def test_no_camera_is_drawn_before_its_tab_is_opened(visit: Visit, place: Path) -> None:
    small_workspace(place, labelled=False)
    assert not visit("1_Videos.py").get("component_instance")


def test_a_zip_of_class_folders_makes_a_workspace_of_classes(visit: Visit, place: Path, fruit: Path) -> None:
    app = visit("1_Videos.py")
    content = Path(shutil.make_archive(str(fruit), "zip", fruit)).read_bytes()
    app.file_uploader[0].set_value([("fruit.zip", content, "application/zip")]).run()
    press(app, "Add the file")
    made = workspaces.open_workspace(place)
    assert made.attributes.names == ("Apple", "Orange") and len(frame_table(made)) == 2
    assert not list(place.glob(".upload-*"))


def test_a_zip_without_pictures_is_refused_in_plain_words(visit: Visit, tmp_path: Path) -> None:
    app = visit("1_Videos.py")
    save(tmp_path / "notes" / "notes.png", textured(1)).rename(tmp_path / "notes" / "notes.txt")
    content = Path(shutil.make_archive(str(tmp_path / "notes"), "zip", tmp_path / "notes")).read_bytes()
    app.file_uploader[0].set_value([("notes.zip", content, "application/zip")]).run()
    assert "no pictures or videos in “notes”" in press(app, "Add the file").error[0].value


def test_class_folders_come_from_the_inbox(visit: Visit, place: Path, fruit: Path) -> None:
    made = workspaces.create(place)
    shutil.copytree(fruit, made.inbox / "fruit")
    press(visit("1_Videos.py"), "Add from the inbox")
    assert workspaces.open_workspace(place).attributes.exclusive


def test_a_class_is_set_for_a_whole_group(visit: Visit, place: Path) -> None:
    made = tiny_class.make_classes(place)
    app = visit("1_Videos.py", "Ada")
    app.selectbox(key="whole_attribute").select("dark").run()
    press(app, "Set for all 12 frames")
    assert labels_of(made, "Ada", "group_0").all().tolist() == [False, True]

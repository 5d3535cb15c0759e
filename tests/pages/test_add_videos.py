"""The ways in on the Videos page."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import workspace as workspaces
from core.labels.consensus import labels_of
from core.media.library import frame_table
from tests.helpers import bare_frames, tiny_class
from tests.helpers.page_workspace import small_workspace
from tests.helpers.tiny_videos import save, textured
from tests.helpers.uploaded import upload

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
    upload(app, place, "upload_0", **{"fruit.zip": content})
    assert next(button for button in app.button if button.label == "Add the file").disabled
    meaning = next(each.key for each in app.get("button_group") if "meaning" in (each.key or ""))
    app.session_state[meaning] = "classes"
    press(app.run(), "Add the file")
    made = workspaces.open_workspace(place)
    assert made.attributes.names == ("Apple", "Orange") and len(frame_table(made)) == 2
    assert not list(place.glob(".upload-*"))


def test_a_zip_without_pictures_is_refused_in_plain_words(visit: Visit, place: Path, tmp_path: Path) -> None:
    app = visit("1_Videos.py")
    save(tmp_path / "notes" / "notes.png", textured(1)).rename(tmp_path / "notes" / "notes.txt")
    content = Path(shutil.make_archive(str(tmp_path / "notes"), "zip", tmp_path / "notes")).read_bytes()
    upload(app, place, "upload_0", **{"notes.zip": content})
    assert "no pictures or videos in “notes”" in press(app, "Add the file").error[0].value


def test_class_folders_come_from_the_inbox(visit: Visit, place: Path, fruit: Path) -> None:
    made = workspaces.create(place)
    shutil.copytree(fruit, made.inbox / "fruit")
    app = visit("1_Videos.py")
    app.session_state["meaning_inbox_fruit"] = "classes"
    press(app.run(), "Add from the inbox")
    assert workspaces.open_workspace(place).attributes.exclusive


def test_a_class_is_set_for_a_whole_group(visit: Visit, place: Path) -> None:
    made = tiny_class.make_classes(place)
    app = visit("1_Videos.py", "Ada")
    app.selectbox(key="whole_attribute").select("dark").run()
    press(app, "Set for all 12 frames")
    assert labels_of(made, "Ada", "group_0").all().tolist() == [False, True]


def test_a_table_in_a_zip_says_how_it_is_read_before_it_is_added(
    visit: Visit, place: Path, tmp_path: Path
) -> None:
    save(tmp_path / "new" / "a.png", textured(1))
    (tmp_path / "new" / "labels.csv").write_text("name;Riss;Zahl\na.png;WAHR;1\n", encoding="utf-8")
    content = Path(shutil.make_archive(str(tmp_path / "new"), "zip", tmp_path / "new")).read_bytes()
    app = visit("1_Videos.py")
    upload(app, place, "upload_0", **{"new.zip": content})
    read = app.dataframe[0].value.set_index("Column")
    assert read.loc["Riss", ["Read as", "True"]].tolist() == ["Riss", "WAHR (1)"]
    assert read.loc["Zahl", "Read as"] == "not read"
    press(app, "Add the file")
    assert workspaces.open_workspace(place).attributes.names == ("Riss",)


def test_of_many_groups_a_page_is_shown_and_one_is_found_by_its_name(visit: Visit, place: Path) -> None:
    made = bare_frames.make(place, {f"group_{number}": 1 for number in range(250)})
    for file in frame_table(made)["file"]:
        save(made.path / file, textured(1, 6, 8))
    app = visit("1_Videos.py")
    assert app.dataframe[0].value["Video"].tolist() == [f"group_{number}" for number in range(100)]
    app.number_input(key="videos_page_3").set_value(3).run()
    assert len(app.dataframe[0].value) == 50
    app.text_input(key="videos_find").set_value("P_24").run()
    assert len(app.dataframe[0].value) == 11

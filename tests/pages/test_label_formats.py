"""The choice of a format where labels are exported, on the Videos page."""

import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.labels.labels import record
from tests.helpers.page_files import HOME
from tests.helpers.page_workspace import small_workspace
from tests.pages.conftest import words


@pytest.fixture
def page(place: Path) -> AppTest:
    workspace = small_workspace(place, labelled=False)
    video = sorted(folder.name for folder in workspace.frames.iterdir())[0]
    record(workspace, "Ada", video, 0, 0, {"good": True})
    return AppTest.from_file(str(HOME), default_timeout=60).run().switch_page("pages/1_Videos.py").run()


def chosen(page: AppTest, title: str) -> AppTest:
    return page.selectbox(key="format_export").select(title).run()


def test_lookup_tables_stay_the_default(page: AppTest) -> None:
    assert page.selectbox(key="format_export").value == "Lookup table"
    assert page.selectbox(key="format_import").value == "Lookup table"


def test_what_a_format_does_not_hold_is_said_before_it_is_prepared(page: AppTest) -> None:
    chosen(page, "DeepEthogram")
    said = "\n".join(text.value for text in page.markdown)
    assert "Who answered, when, and who labels blind is left out" in said
    assert not [toggle for toggle in page.toggle if "pictures" in toggle.label]


def test_a_download_in_another_format_is_prepared(page: AppTest, place: Path) -> None:
    chosen(page, "BORIS")
    app = next(button for button in page.button if button.label == "Prepare the download").click().run()
    assert "boris.zip is ready to download: BORIS, the consensus." in words(app)
    (file,) = place.glob(".*/boris.zip")
    assert [name.endswith(".csv") for name in zipfile.ZipFile(file).namelist()] == [True]


def test_labels_that_a_format_cannot_hold_at_all_are_said_to_be_none(page: AppTest) -> None:
    chosen(page, "Ultralytics YOLO")
    said = "\n".join(text.value for text in page.markdown)
    assert "1 frame with unset answers left out" in said

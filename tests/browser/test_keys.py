"""The published keys of the Label page, pressed in a browser and read back from the database."""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from core.data.labels import labels_of
from core.workspace import Workspace
from tests.browser.conftest import PATIENCE, press
from tests.pages.small import VIDEO, small_workspace

Stored = Callable[[int], dict[str, bool | None]]


class Desk:
    """The Label page as an annotator uses it: a key, then what the screen says."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.at_frame(0)

    def press(self, key: str) -> None:
        press(self.page, key)

    def at_frame(self, index: int) -> None:
        expect(self.page.get_by_text(re.compile(rf"Frame {index}\b"))).to_be_visible(timeout=PATIENCE)

    def toggled(self, name: str, said: str) -> None:
        expect(self.page.get_by_role("button", name=re.compile(f"{name}: {said}"))).to_be_visible(
            timeout=PATIENCE
        )

    def saved(self, count: int) -> None:
        expect(self.page.get_by_text(f"{count} of 6 labelled by you")).to_be_visible(timeout=PATIENCE)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return small_workspace(tmp_path_factory.mktemp("keys") / "workspace", labelled=False)


@pytest.fixture(scope="module")
def address(workspace: Workspace, serve: Callable[[Path], str]) -> str:
    return serve(workspace.path)


@pytest.fixture
def desk(address: str, open_page: Callable[..., Page], request: pytest.FixtureRequest) -> Desk:
    """A desk of an annotator of its own, called like the test."""
    return Desk(open_page(f"{address}/Label?annotator={annotator(request.node.name)}"))


def annotator(test: str) -> str:
    return test.removeprefix("test_")[:40]


@pytest.fixture
def stored(workspace: Workspace, request: pytest.FixtureRequest) -> Stored:
    """Return a function that reads what the annotator of this test has stored of a frame."""

    def read(index: int) -> dict[str, bool | None]:
        row = labels_of(workspace, annotator(request.node.name), VIDEO).loc[index]
        return {name: None if pd.isna(said) else bool(said) for name, said in row.items()}

    return read


def test_s_stores_all_attributes_and_stays(desk: Desk, stored: Stored) -> None:
    for key, name in (("e", "error"), ("l", "length")):
        desk.press(key)
        desk.toggled(name, "true")
    desk.press("s")
    desk.saved(1)
    desk.at_frame(0)
    assert stored(0) == {"good": False, "error": True, "break": False, "length": True}


def test_toggles_persist_to_the_next_frame(desk: Desk, stored: Stored) -> None:
    desk.press("b")
    desk.toggled("break", "true")
    desk.press("n")
    desk.at_frame(1)
    desk.press("s")
    desk.saved(1)
    assert stored(1) == {"good": False, "error": False, "break": True, "length": False}


def test_going_on_without_s_stores_nothing(desk: Desk, stored: Stored) -> None:
    desk.press("g")
    desk.toggled("good", "true")
    desk.press("n")
    desk.at_frame(1)
    desk.press("p")
    desk.at_frame(0)
    assert set(stored(0).values()) == {None}


def test_a_toggle_goes_off_again(desk: Desk, stored: Stored) -> None:
    desk.press("g")
    desk.toggled("good", "true")
    desk.press("g")
    desk.toggled("good", "false")
    desk.press("s")
    desk.saved(1)
    assert stored(0)["good"] is False


def test_a_rule_warns_at_once_and_stores_all_the_same(desk: Desk, stored: Stored) -> None:
    desk.press("g")
    desk.toggled("good", "true")
    desk.press("e")
    expect(desk.page.get_by_text("“good” and “error” are both true")).to_be_visible(timeout=PATIENCE)
    desk.press("s")
    desk.saved(1)
    assert stored(0)["good"] is True


def test_q_goes_home_and_stores_nothing(desk: Desk, stored: Stored) -> None:
    desk.press("g")
    desk.toggled("good", "true")
    desk.press("q")
    expect(desk.page.get_by_role("heading", name="SeamLens")).to_be_visible(timeout=PATIENCE)
    assert set(stored(0).values()) == {None}

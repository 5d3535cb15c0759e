"""The question before the first save, answers for a whole video, what comes after a video, and the page on a phone."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from core.workspace import Workspace
from tests.browser.conftest import PATIENCE
from tests.browser.label_page import Desk, class_of_films, stretch

FRAMES = 4
fresh = count()

SMALLEST = """() => {
    const find = (root) => root.querySelector(".labeller") ??
        [...root.querySelectorAll("*")].map((e) => e.shadowRoot && find(e.shadowRoot)).find(Boolean);
    const texts = [...find(document).querySelectorAll("*")].filter((e) => [...e.childNodes].some((n) => n.data?.trim()));
    return Math.min(...texts.filter((e) => e.checkVisibility()).map((e) => parseFloat(getComputedStyle(e).fontSize)));
}"""
"""Pixels of the smallest text of the labeller."""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return class_of_films(tmp_path_factory.mktemp("whole") / "workspace", 6, frames=FRAMES)


@pytest.fixture(scope="module")
def page_of_ada(workspace: Workspace, serve: Callable[[Path], str], browser: Browser) -> Iterator[Desk]:
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.goto(f"{serve(workspace.path)}/Label?annotator=Ada")
    yield Desk(page, workspace, "Ada")
    page.close()


@pytest.fixture
def desk(page_of_ada: Desk) -> Desk:
    """The same page all along, with a film of which nothing was said."""
    page_of_ada.press("Escape")
    return page_of_ada.show(next(fresh))


def test_the_first_save_asks_once_for_what_nobody_set(desk: Desk) -> None:
    desk.press("g")
    desk.says("good", "yes")
    desk.says("length", "–")
    desk.says_saved("length", "not set")
    desk.press("s")
    expect(desk.question).to_contain_text("Before the first save")
    expect(desk.question.get_by_role("group")).to_have_count(3)
    assert desk.stored("good") == [None] * FRAMES
    desk.press("3", "4", "2", "Enter")  # error changes, break is left open, length is 4 mm
    expect(desk.page.locator(".told")).to_have_text("Frame 0: 3 answers saved, break left open")
    expect(desk.page.get_by_role("button", name="Save 3 answers")).to_be_visible()
    desk.press("n", "s")
    desk.saved()
    assert desk.frame(1) == {"good": True, "error": False, "break": None, "length": False}

    desk.page.reload()
    desk.at_frame(1)
    desk.shows(desk.video)
    desk.press("n", "s")
    desk.saved()
    assert desk.stored("length") == stretch(0, 2, False, FRAMES)


def test_escape_saves_nothing(desk: Desk) -> None:
    desk.press("s", "Escape")
    expect(desk.question).to_be_hidden()
    desk.saved()
    assert desk.stored("good") == [None] * FRAMES


def test_an_answer_can_be_changed_for_the_whole_video_and_undone(desk: Desk) -> None:
    desk.everything_changes()
    desk.press("s", "n", "s", "w")
    length = desk.question.get_by_role("group", name="length")
    length.get_by_role("button", name="2 mm stitches").click()
    expect(desk.question).to_contain_text("This changes 2 saved answers.")
    desk.press("Enter")
    desk.saved()
    assert desk.stored("length") == stretch(0, 1, True, FRAMES)
    desk.press("z")
    desk.saved()
    assert desk.stored("length") == stretch(0, 1, False, FRAMES)


def test_neither_good_nor_a_defect_is_warned_of(desk: Desk) -> None:
    warnings = desk.page.locator(".warnings")
    expect(warnings).to_be_empty()
    desk.everything_changes()
    expect(warnings).to_have_text("None of “good”, “error” and “break”? One of them should be true.")
    desk.press("b")
    expect(warnings).to_be_empty()


def test_a_video_that_is_done_leads_to_the_next_with_its_answers_off(desk: Desk) -> None:
    desk.everything_changes()
    desk.press("e", *["s", "n"] * FRAMES)
    done = desk.page.locator(".finished")
    expect(done).to_contain_text(f"{desk.video} is done.")
    done.get_by_role("button").click()
    desk.shows("film_5")
    desk.says("error", "–")


def test_on_a_phone_come_picture_answers_save_and_timeline(page_of_ada: Desk) -> None:
    page = page_of_ada.page
    page.set_viewport_size({"width": 390, "height": 844})
    parts = [".stage canvas", ".rows", ".commands .primary", ".timeline", ".transport"]
    expect(page.locator(".latch").first).to_be_hidden()
    boxes = [page.locator(part).bounding_box() or {} for part in parts]
    tops = [box["y"] for box in boxes]
    assert tops == sorted(tops)
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in boxes)
    answers = page.locator(".toggle").evaluate_all("all => all.map((each) => each.clientHeight)")
    assert min(answers) >= 44
    assert page.evaluate(SMALLEST) >= 12
    page.set_viewport_size({"width": 1400, "height": 900})


def test_the_tab_key_reaches_answers_before_the_player(page_of_ada: Desk) -> None:
    page = page_of_ada.page
    page.get_by_label("Video", exact=True).focus()
    page_of_ada.press("Tab", "Tab")
    expect(page.locator(".toggle").first).to_be_focused(timeout=PATIENCE)
    assert page.evaluate(SMALLEST) >= 12

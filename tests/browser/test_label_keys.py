"""Every key of the labelling page, pressed in a browser; labels are read back from the database."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from core.videos.add_video import add_video
from core.workspace import Workspace
from tests.browser.conftest import PATIENCE
from tests.browser.label_page import FRAMES, Desk, class_of_films, film, stretch

LONG = 27  # number of the film with many frames
fresh = count()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = class_of_films(tmp_path_factory.mktemp("keys") / "workspace", LONG)
    add_video(made, film(made.path / f"film_{LONG}.mp4", frames=240))
    return made


@pytest.fixture(scope="module")
def page_of_ada(workspace: Workspace, serve: Callable[[Path], str], browser: Browser) -> Iterator[Desk]:
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.goto(f"{serve(workspace.path)}/Label?annotator=Ada")
    yield Desk(page, workspace, "Ada")
    page.close()


@pytest.fixture
def desk(page_of_ada: Desk) -> Desk:
    """The same page all along, with a film that no test before has touched."""
    page_of_ada.press("Escape")
    return page_of_ada.open(next(fresh))


@pytest.fixture
def long_desk(page_of_ada: Desk) -> Desk:
    """A film of 240 frames, from its start; nothing is labelled there."""
    page_of_ada.open(0)
    label = page_of_ada.page.get_by_label("Video", exact=True)
    label.select_option(label=f"film_{LONG} · 0 of 240 · new")
    page_of_ada.shows(f"film_{LONG}")
    page_of_ada.press("Home")
    page_of_ada.at_frame(0)
    return page_of_ada


def test_s_stores_all_attributes_and_stays(desk: Desk) -> None:
    desk.press("e", "l", "s")
    desk.saved()
    desk.at_frame(0)
    assert desk.frame(0) == {"good": False, "error": True, "break": False, "length": True}


def test_toggles_persist_to_the_next_frame_and_go_off_again(desk: Desk) -> None:
    desk.press("b", "n", "s")
    desk.saved()
    assert desk.stored("break") == stretch(1, 1, True)
    desk.press("b", "n", "s")
    desk.saved()
    assert desk.stored("break")[2] is False


def test_going_on_without_s_stores_nothing(desk: Desk) -> None:
    desk.press("g", "n", "p", "g")
    desk.at_frame(0)
    assert desk.stored("good") == [None] * FRAMES


def test_a_rule_warns_at_once(desk: Desk) -> None:
    desk.press("g", "e")
    expect(desk.page.locator(".warnings")).to_contain_text("“good” and “error” at once?")
    desk.press("e")
    expect(desk.page.locator(".warnings")).to_be_empty()
    desk.press("g")


def test_z_takes_the_last_action_back_and_y_does_it_again(desk: Desk) -> None:
    desk.press("e", "s", "z")
    desk.saved()
    assert desk.stored("error") == [None] * FRAMES
    desk.press("y")
    desk.saved()
    assert desk.stored("error") == stretch(0, 0, True)


def test_undo_and_redo_know_no_limit(desk: Desk) -> None:
    for _ in range(FRAMES - 1):
        desk.press("s", "n")
    desk.press(*["z"] * (FRAMES - 1), *["y"] * 4)
    desk.saved()
    assert desk.stored("good") == stretch(0, 3, False)


def test_a_held_letter_is_painted_on_every_frame_passed(desk: Desk) -> None:
    desk.press("n", "n")
    desk.page.keyboard.down("e")
    desk.press("n", "n", "n")
    desk.page.keyboard.up("e")
    desk.press("n")
    desk.saved()
    assert desk.stored("error") == stretch(2, 5, True)
    assert desk.stored("good") == [None] * FRAMES


def test_after_painting_the_painted_answer_stays(desk: Desk) -> None:
    desk.page.keyboard.down("e")
    desk.press("n")
    desk.says("error", "yes")
    desk.page.keyboard.up("e")
    desk.says("error", "yes")


def test_a_stretch_is_one_undo(desk: Desk) -> None:
    desk.page.keyboard.down("b")
    desk.press("n", "n", "n", "n")
    desk.page.keyboard.up("b")
    desk.press("z")
    desk.saved()
    assert desk.stored("break") == [None] * FRAMES


def test_what_was_painted_at_once_is_one_undo(desk: Desk) -> None:
    desk.press("Shift+S", "n", "n", "Escape", "z")
    desk.saved()
    assert set(desk.frame(1).values()) == {None}


def test_undo_while_painting_takes_back_what_was_painted_since_the_last_change(desk: Desk) -> None:
    desk.press("Shift+S", "n", "n", "e", "n", "n", "z", "Escape")
    desk.saved()
    assert desk.stored("error") == stretch(0, 2, False)


def test_an_erased_frame_is_one_undo(desk: Desk) -> None:
    desk.press("s", "Backspace", "z")
    desk.saved()
    assert desk.frame(0) == {"good": False, "error": False, "break": False, "length": False}


def test_a_letter_held_over_a_step_back_keeps_its_answer(desk: Desk) -> None:
    desk.page.keyboard.down("b")
    desk.press("n", "n", "n", "p")
    desk.page.keyboard.up("b")
    desk.says("break", "yes")


def test_a_search_without_an_end_says_so(desk: Desk) -> None:
    desk.page.get_by_label("Pictures to find").select_option("disputed")
    desk.press(".")
    expect(desk.page.get_by_text("No such picture in this video: others disagree.")).to_be_visible()
    desk.page.get_by_label("Pictures to find").select_option("unlabelled")


def test_a_latched_letter_goes_on_painting(desk: Desk) -> None:
    desk.press("b", "Shift+B", "n", "n", "Shift+B", "n")
    desk.saved()
    assert desk.stored("break") == stretch(0, 2, True)


def test_a_latched_letter_that_changes_its_answer_paints_the_new_one_from_here(desk: Desk) -> None:
    desk.press("Shift+S", "n", "n", "e", "n", "Escape")
    desk.saved()
    assert desk.stored("error") == [False, False, True, True] + [None] * (FRAMES - 4)
    assert desk.stored("good") == stretch(0, 3, False)


def test_going_back_paints_nothing(desk: Desk) -> None:
    desk.press("End", "Shift+S", "p", "p", "Escape")
    desk.saved()
    assert desk.stored("good") == [None] * FRAMES


def test_erase_takes_the_answers_of_a_frame_away(desk: Desk) -> None:
    desk.press("s", "n", "s", "Backspace")
    desk.saved()
    assert desk.stored("length") == stretch(0, 0, False)


def test_erase_while_going_on_takes_a_stretch_away(desk: Desk) -> None:
    desk.press("Shift+S", "End", "Escape", "Shift+S", "Home", "PageDown", "Escape", "Home", "n")
    desk.page.keyboard.down("Delete")
    desk.press("n", "n")
    desk.page.keyboard.up("Delete")
    desk.saved()
    assert desk.stored("good") == [False, None, None, None] + [False] * (FRAMES - 4)


def test_point_goes_to_the_next_unlabelled_frame(desk: Desk) -> None:
    desk.press("s", "n", "s", "n", "s", "Home", ".")
    desk.at_frame(3)


@pytest.mark.parametrize(
    ("keys", "frame"),
    [
        (["n"], 1),
        (["ArrowRight", "ArrowRight", "ArrowLeft"], 1),
        (["Shift+ArrowRight"], 10),
        (["PageDown"], 100),
        (["PageDown", "Shift+ArrowLeft"], 90),
        (["PageDown", "PageDown", "PageUp"], 100),
        (["End"], 239),
        (["End", "Home"], 0),
        (["End", "n"], 239),
        (["p"], 0),
    ],
)
def test_jumps_lead_where_they_say(long_desk: Desk, keys: list[str], frame: int) -> None:
    long_desk.press(*keys)
    long_desk.at_frame(frame)


def test_space_plays_to_the_end_and_shows_every_frame(long_desk: Desk) -> None:
    long_desk.page.evaluate(
        """() => {
            const find = (root) => root.querySelector?.(".stage canvas") ??
                [...root.querySelectorAll("*")].map((e) => e.shadowRoot && find(e.shadowRoot)).find(Boolean);
            window.shown = new Set();
            new MutationObserver(([{ target }]) => window.shown.add(target.getAttribute("aria-label")))
                .observe(find(document), { attributes: true, attributeFilter: ["aria-label"] });
        }"""
    )
    long_desk.press("PageDown", "PageDown", "+", "+", "Space")
    long_desk.at_frame(239)
    shown = set(long_desk.page.evaluate("[...window.shown]"))
    assert {f"Frame {index} of film_{LONG}" for index in range(200, 240)} <= shown
    long_desk.press("-", "-")


def test_space_pauses(long_desk: Desk) -> None:
    play = long_desk.page.get_by_role("button", name="Play and pause (space)")
    long_desk.press("Space")
    expect(play).to_have_attribute("aria-pressed", "true")
    long_desk.press("Space")
    expect(play).to_have_attribute("aria-pressed", "false")


def test_the_question_mark_shows_the_keys(desk: Desk) -> None:
    desk.press("?")
    expect(desk.page.get_by_role("heading", name="Keys")).to_be_visible()
    desk.press("?")
    expect(desk.page.get_by_role("heading", name="Keys")).to_be_hidden()


def test_letters_typed_into_a_field_are_no_commands(desk: Desk) -> None:
    goal = desk.page.get_by_label("Goal for today, in pictures")
    goal.click()
    desk.press("s", "e")
    desk.page.locator(".frame").click()
    desk.says("error", "no")
    assert desk.stored("good") == [None] * FRAMES


def test_q_goes_home(workspace: Workspace, page_of_ada: Desk) -> None:
    page_of_ada.press("q")
    expect(page_of_ada.page.get_by_role("heading", name="SeamLens")).to_be_visible(timeout=PATIENCE)

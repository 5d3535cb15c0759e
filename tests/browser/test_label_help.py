"""What helps to label fast: suggestions, the timeline, pictures to find, and where labels go."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Route, expect
from sqlalchemy import select

from core.exchange.export_tables import export_tables
from core.labels.labels import record
from core.media.library import videos
from core.review.balance import balance
from core.runs.settings import TrainSettings
from core.storage import database as db
from core.training.create_run import create_run
from core.workspace import Workspace
from tests.browser.conftest import PATIENCE
from tests.browser.label_page import FRAMES, Desk, class_of_films, stretch

fresh = count()
SURE, DOUBT = 0.99, 0.6
SUGGESTED = {
    "good": [SURE] * 4 + [0.01] * 3 + [SURE] * 5,
    "error": [0.01] * 4 + [SURE] * 3 + [0.01] * 5,
    "break": [0.01] * 9 + [DOUBT] + [0.01] * 2,
    "length": [None] + [SURE] * 11,
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return class_of_films(tmp_path_factory.mktemp("help") / "workspace", 20)


@pytest.fixture(scope="module")
def page_of_ada(workspace: Workspace, serve: Callable[[Path], str], browser: Browser) -> Iterator[Desk]:
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.route("**/api/suggestions/*", suggest)
    page.goto(f"{serve(workspace.path)}/Label?annotator=Ada")
    yield Desk(page, workspace, "Ada")
    page.close()


def suggest(route: Route) -> None:
    """Answer as a network would that is sure of everything but one break."""
    withheld = "insist=false" in route.request.url and "/19?" in route.request.url
    ready = {"status": "ready", "run": "run_1", "part": None, "attributes": list(SUGGESTED),
             "thresholds": dict.fromkeys(SUGGESTED, 0.5), "probabilities": SUGGESTED}  # fmt: skip
    route.fulfill(json={"status": "withheld", "run": "run_1"} if withheld else ready)


@pytest.fixture
def desk(page_of_ada: Desk) -> Desk:
    page_of_ada.press("Escape")
    return page_of_ada.open(next(fresh))


def suggestions(desk: Desk) -> Desk:
    desk.page.get_by_label("Suggestions").check()
    return desk


def sources(desk: Desk) -> set[str]:
    query = select(db.events.c.source).join(db.videos).where(db.videos.c.key == desk.video)
    with db.reading(desk.workspace) as connection:
        return set(connection.scalars(query))


def test_a_link_from_a_session_has_the_suggestions_on(page_of_ada: Desk, workspace: Workspace) -> None:
    opened = page_of_ada.page
    page = opened.context.browser.new_page()
    page.route("**/api/suggestions/*", suggest)
    link = f"?annotator=Ada&video={videos(workspace)[0].key}&frame=1&suggest=1"
    page.goto(opened.url.split("?")[0] + link)
    Desk(page, workspace, "Ada").says_saved("good", "suggests yes (99 %)")
    page.close()


def test_a_suggestion_is_no_label_until_it_is_accepted(desk: Desk) -> None:
    suggestions(desk).says_saved("good", "suggests yes (99 %)")
    assert desk.stored("good") == [None] * FRAMES


def test_enter_accepts_what_is_suggested_of_the_frame(desk: Desk) -> None:
    suggestions(desk).press("n")
    desk.says_saved("good", "suggests yes (99 %)")
    desk.press("Enter")
    desk.saved()
    assert desk.frame(1) == {"good": True, "error": False, "break": False, "length": True}
    assert desk.stored("good") == stretch(1, 1, True)
    assert sources(desk) == {"suggestion"}


def test_shift_enter_accepts_the_whole_stretch_as_one_action(desk: Desk) -> None:
    suggestions(desk).press("n", "n", "n", "n", "n")
    desk.says_saved("error", "suggests yes (99 %)")
    desk.press("Shift+Enter")
    desk.saved()
    assert desk.stored("error") == stretch(4, 6, True)
    desk.press("z")
    desk.saved()
    assert desk.stored("error") == [None] * FRAMES


def test_accepting_leaves_alone_what_was_said_already(desk: Desk) -> None:
    suggestions(desk).press("n")
    desk.page.keyboard.down("e")
    desk.press("n")
    desk.page.keyboard.up("e")
    desk.press("Shift+Enter")
    desk.saved()
    assert desk.stored("error")[1:4] == [True, True, False]


def test_the_most_doubtful_frame_comes_first(desk: Desk) -> None:
    suggestions(desk).says_saved("good", "suggests yes (99 %)")
    desk.page.get_by_label("Pictures to find").select_option("doubtful")
    desk.press(".")
    desk.at_frame(9)


def test_the_test_part_is_not_suggested_unless_one_insists(page_of_ada: Desk) -> None:
    page_of_ada.open(18)
    page_of_ada.page.get_by_label("Suggestions").check()
    expect(page_of_ada.page.get_by_text("suggestions would influence the test")).to_be_visible(
        timeout=PATIENCE
    )
    page_of_ada.says_saved("good", "not saved")
    page_of_ada.page.get_by_role("button", name="Show them anyway").click()
    page_of_ada.says_saved("good", "suggests yes (99 %)")


def drag(desk: Desk, name: str, first: int, last: int) -> None:
    """Drag along the lane of an attribute, from the middle of one frame to the middle of another."""
    box = desk.page.get_by_label("Timeline").bounding_box()
    lane = list(desk.workspace.attributes.names).index(name)
    y = box["y"] + 18 + 20 * lane + 10
    x = [box["x"] + (place + 0.5) * box["width"] / FRAMES for place in (first, last)]
    desk.page.mouse.move(x[0], y)
    desk.page.mouse.down()
    desk.page.mouse.move(x[1], y, steps=4)
    desk.page.mouse.up()


def test_dragging_along_a_lane_labels_a_stretch(desk: Desk) -> None:
    drag(desk, "break", 3, 8)
    desk.saved()
    assert desk.stored("break") == stretch(3, 8, True)
    assert sources(desk) == {"paint"}


def test_dragging_backwards_and_over_the_end_stays_within_the_video(desk: Desk) -> None:
    drag(desk, "error", 9, FRAMES + 3)
    drag(desk, "length", 2, -4)
    desk.saved()
    assert desk.stored("error") == stretch(9, FRAMES - 1, True)
    assert desk.stored("length") == stretch(0, 2, True)


def test_the_eraser_takes_a_stretch_away(desk: Desk) -> None:
    drag(desk, "good", 0, 9)
    desk.page.get_by_role("button", name="erase").click()
    drag(desk, "good", 4, 5)
    desk.page.get_by_role("button", name="yes", exact=True).click()
    desk.saved()
    assert desk.stored("good") == [True] * 4 + [None] * 2 + [True] * 4 + [None] * 2


def test_a_click_on_the_timeline_goes_there(desk: Desk) -> None:
    drag(desk, "good", 7, 7)
    desk.at_frame(7)
    assert desk.stored("good") == [None] * FRAMES


def test_after_a_jump_s_stores_what_was_stored_there(desk: Desk) -> None:
    """A look at a labelled frame and a key too many change nothing."""
    desk.press("e", "s", "e", "End", "Home")
    desk.says("error", "yes")
    desk.press("s")
    desk.saved()
    assert desk.stored("error") == stretch(0, 0, True)


def test_disputed_frames_are_found(desk: Desk, workspace: Workspace) -> None:
    desk.press("End")
    record(workspace, "Ben", desk.video, 6, 6, {"good": False})
    record(workspace, "Ada", desk.video, 5, FRAMES - 1, {"good": True})
    desk.says_saved("good", "saved: yes")  # the page learns of it by itself
    desk.page.get_by_label("Pictures to find").select_option("disputed")
    desk.press(".")
    desk.at_frame(6)


def test_a_label_is_the_same_in_the_lookup_table_the_balance_and_the_training_set(
    desk: Desk, workspace: Workspace, tmp_path: Path
) -> None:
    meant = {"good": False, "error": True, "break": False, "length": True}
    desk.press("n", "n", "e", "l", "s", "e", "l")
    desk.saved()
    assert desk.frame(2) == meant
    name = f"{desk.video}_2"

    export_tables(workspace, tmp_path, "Ada", pictures=False)
    table = pd.read_csv(tmp_path / f"{desk.video}_data.csv", index_col=0).set_index("name")
    assert table.loc[f"{name}.png", list(meant)].to_dict() == meant

    counted = balance(workspace).videos[desk.video]
    assert counted["labelled"] == 1

    for film in ("film_15", "film_16", "film_17"):  # enough for a split
        for half in (True, False):
            first = 0 if half else FRAMES // 2
            record(workspace, "Ada", film, first, first + FRAMES // 2 - 1, dict.fromkeys(meant, half))
    frames = create_run(workspace, TrainSettings(leaking=True)).frames.set_index("name")
    assert frames.loc[name, list(meant)].to_dict() == meant


def test_an_import_says_what_it_would_change_and_the_desk_shows_it(desk: Desk, tmp_path: Path) -> None:
    table = tmp_path / f"{desk.video}_data.csv"
    table.write_text(
        f",name,good,error,break,length\n0,{desk.video}_0.png,True,False,False,\n", encoding="utf-8"
    )
    page = desk.page
    page.get_by_text("Labels: import and export").click()
    page.locator("input[type=file]").first.set_input_files(table)
    expect(page.get_by_text("Changes to Ada’s labels, 1 frame:")).to_be_visible(timeout=PATIENCE)
    assert desk.stored("good") == [None] * FRAMES
    page.get_by_role("button", name="Import as Ada").click()
    desk.says_saved("good", "saved: yes")
    assert desk.stored("good") == stretch(0, 0, True)

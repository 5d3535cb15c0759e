"""A video that is labelled blind: no suggestion and no other's label, until every frame is answered."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from core.labels.assignments import assign
from core.labels.labels import record
from tests.browser.conftest import PATIENCE
from tests.browser.label_page import Desk, class_of_films

ANSWERS = {"good": False, "error": True, "break": False, "length": False}


def test_finishing_a_blind_video_lifts_the_blind(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., object]
) -> None:
    workspace = class_of_films(tmp_path / "workspace", 2, frames=3)
    record(workspace, "Ben", "film_1", 0, 2, ANSWERS)
    assign(workspace, ["film_1"], ["Ada"], 1)
    desk = Desk(open_page(f"{serve(workspace.path)}/Label?annotator=Ada"), workspace, "Ada")
    page = desk.page
    mine, mark = page.get_by_label("Videos assigned to you"), page.locator(".top .blind")

    desk.shows("film_1")  # what is assigned comes first
    expect(mine).to_contain_text("Next: film_1", timeout=PATIENCE)
    expect(mine).to_contain_text("1 of 1 left, 3 pictures", timeout=PATIENCE)
    expect(mark).to_contain_text("Blind", timeout=PATIENCE)

    page.get_by_label("Suggestions").check()
    expect(page.get_by_text("No suggestions while you label this video blind")).to_be_visible(
        timeout=PATIENCE
    )
    desk.everything_changes()
    desk.says_saved("good", "not saved")
    desk.press("g", "s")
    desk.saved()
    page.get_by_label("Pictures to find").select_option("disputed")
    desk.press(".")
    expect(page.get_by_text("No such picture in this video: others disagree.")).to_be_visible(
        timeout=PATIENCE
    )

    desk.press("n", "s", "n", "s")
    expect(mark).to_be_hidden(timeout=PATIENCE)
    expect(mine).to_contain_text("✓ film_1", timeout=PATIENCE)
    desk.press(".")
    desk.at_frame(0)

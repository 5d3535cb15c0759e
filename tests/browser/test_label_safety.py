"""No label is lost: without a server, over reloads and restarts, from two tabs and two annotators."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.labels.consensus import labels_of
from core.media.library import frame_table
from core.workspace import Workspace
from tests.browser.conftest import PATIENCE, Server
from tests.browser.label_page import FRAMES, Desk, class_of_films, stretch
from tests.helpers.waiting import until

FULL = """() => {
    Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
}"""
fresh = count()
Open = Callable[..., Desk]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return class_of_films(tmp_path_factory.mktemp("safety") / "workspace", 13)


@pytest.fixture(scope="module")
def server(workspace: Workspace, start: Callable[[Path], Server]) -> Server:
    return start(workspace.path)


@pytest.fixture
def open_desk(workspace: Workspace, server: Server, browser: Browser) -> Iterator[Open]:
    """Return a function that opens the Label page; `page` shares its browser's storage, as a second tab does."""
    contexts = []

    def opened(annotator: str = "Ada", beside: Page | None = None) -> Desk:
        if beside is None:
            contexts.append(browser.new_context(viewport={"width": 1400, "height": 900}))
        page = (beside.context if beside else contexts[-1]).new_page()
        page.goto(f"{server.address}/Label?annotator={annotator}")
        return Desk(page, workspace, annotator)

    yield opened
    for context in contexts:
        context.close()


def cut_off(page: Page) -> None:
    """Let no label reach the server."""
    page.route("**/api/labels", lambda route: route.abort())
    page.wait_for_function("() => fetch('/api/labels', {method: 'POST'}).then(() => false, () => true)")


def test_labels_that_wait_are_said_to(open_desk: Open) -> None:
    desk = open_desk().open(next(fresh))
    cut_off(desk.page)
    desk.press("s")
    expect(desk.page.get_by_role("alert")).to_contain_text("4 labels wait in this browser", timeout=PATIENCE)


def test_unsent_labels_outlive_a_reload(open_desk: Open) -> None:
    desk = open_desk().open(next(fresh))
    cut_off(desk.page)
    desk.press("e", "s", "n", "s")
    expect(desk.page.get_by_role("alert")).to_contain_text("8 labels wait", timeout=PATIENCE)
    desk.page.unroute("**/api/labels")
    desk.page.reload()
    desk.at_frame(None)
    desk.saved()
    assert desk.stored("error") == stretch(0, 1, True)


def test_a_stroke_that_never_ended_outlives_a_reload(open_desk: Open) -> None:
    desk = open_desk().open(next(fresh))
    desk.page.keyboard.down("b")
    desk.press("n", "n", "n")
    desk.page.reload()
    desk.at_frame(None)
    until(lambda: desk.stored("break") == stretch(0, 3, True))


def test_kill_in_the_middle_of_typing_loses_and_doubles_nothing(
    open_desk: Open, server: Server, workspace: Workspace
) -> None:
    desk = open_desk().open(next(fresh))
    desk.press("s", "n", "s", "n")
    server.kill()
    desk.press("e", "s", "n", "s", "n")
    expect(desk.page.get_by_role("alert")).to_contain_text("wait", timeout=PATIENCE)
    desk.press("s")
    server.start_again()
    desk.saved()
    assert desk.stored("error") == [False, False, True, True, True] + [None] * (FRAMES - 5)
    assert events_of(workspace, desk) == 5 * len(workspace.attributes)


COUNT_DIALOGS = """() => {
    window.dialogs = 0;
    const count = (changes) => changes.forEach((change) => change.addedNodes.forEach((node) => {
        if (node.querySelector?.("[role=dialog]")) window.dialogs += 1;
    }));
    new MutationObserver(count).observe(document.body, { childList: true });
}"""


def test_the_dialog_of_a_lost_connection_takes_no_keys(
    open_desk: Open, server: Server, workspace: Workspace
) -> None:
    desk = open_desk().open(next(fresh))
    desk.page.evaluate(COUNT_DIALOGS)
    desk.press("s", "n")
    server.kill()
    desk.page.wait_for_function("window.dialogs > 0")
    desk.press("e", "s", "n", "s", "n", "s", "n", "s")
    desk.at_frame(4)
    expect(desk.page.locator("[role=dialog]")).to_have_count(0)
    expect(desk.page.get_by_role("alert")).to_contain_text(
        re.compile("does not answer.* labels wait"), timeout=PATIENCE
    )
    desk.page.get_by_role("button", name="Show all keys").click()  # the mouse is not taken either
    expect(desk.page.locator("dialog.help")).to_be_visible()
    desk.press("?")
    server.start_again()
    desk.saved()
    assert desk.stored("error") == [False, *[True] * 4] + [None] * (FRAMES - 5)
    assert events_of(workspace, desk) == 5 * len(workspace.attributes)


def test_labels_wait_for_a_database_that_another_program_holds(open_desk: Open, workspace: Workspace) -> None:
    desk = open_desk().open(next(fresh))
    with closing(sqlite3.connect(workspace.path / "labels.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        desk.press("s", "n", "e", "s", "n")
        desk.at_frame(2)
        expect(desk.page.locator(".safe")).to_have_text("saving 8 …")
        other.execute("ROLLBACK")
    desk.saved()
    assert desk.stored("error") == [False, True] + [None] * (FRAMES - 2)


def test_the_labeller_waits_for_a_database_that_is_away(open_desk: Open, workspace: Workspace) -> None:
    desk = open_desk().open(next(fresh))
    cut_off(desk.page)
    desk.press("e", "s")
    away = workspace.path / "away"
    away.mkdir()
    files = list(workspace.path.glob("labels.db*"))
    for file in files:
        file.rename(away / file.name)
    desk.page.unroute("**/api/labels")
    desk.page.reload()
    alert = desk.page.locator(".problem")
    expect(alert).to_contain_text(re.compile("labels.db is gone.* 4 labels wait"), timeout=PATIENCE)
    for file in files:
        (away / file.name).rename(file)
    away.rmdir()
    desk.saved()
    assert desk.stored("error") == stretch(0, 0, True)


def events_of(workspace: Workspace, desk: Desk) -> int:
    """Count the events in the log of this desk's video."""
    from sqlalchemy import func, select

    from core.storage import database as db

    query = select(func.count()).select_from(db.events.join(db.videos)).where(db.videos.c.key == desk.video)
    with db.reading(workspace) as connection:
        return connection.scalar(query)


def test_two_tabs_of_one_annotator_agree(open_desk: Open) -> None:
    number = next(fresh)
    one = open_desk().open(number)
    other = open_desk(beside=one.page).open(number)
    one.press("e", "s")
    other.says_saved("error", "saved: yes")
    other.press("n", "b", "s")
    one.press("n")
    one.says_saved("break", "saved: yes")
    other.saved()
    assert one.stored("error")[:2] == [True, False]
    assert one.stored("break")[:2] == [False, True]


def test_undo_in_one_tab_takes_back_what_was_said_in_the_other(open_desk: Open) -> None:
    number = next(fresh)
    one = open_desk().open(number)
    other = open_desk(beside=one.page).open(number)
    one.press("g", "s")
    other.says_saved("good", "saved: yes")
    other.press("z")
    other.saved()
    assert one.stored("good") == [None] * FRAMES
    one.says_saved("good", "not saved")


def test_two_annotators_do_not_see_each_others_labels_but_each_other(
    open_desk: Open, workspace: Workspace
) -> None:
    number = next(fresh)
    ada, ben = open_desk("Ada").open(number), open_desk("Ben").open(number)
    ada.press("e", "s")
    ben.press("n", "s")
    ada.saved()
    ben.saved()
    assert ada.stored("error") == stretch(0, 0, True)
    assert ben.stored("error") == stretch(1, 1, False)
    expect(ada.page.locator(".peer", has_text="Ben")).to_be_visible(timeout=PATIENCE)


def test_a_full_storage_is_said_and_the_labels_arrive_all_the_same(open_desk: Open) -> None:
    desk = open_desk().open(next(fresh))
    desk.page.evaluate(FULL)
    cut_off(desk.page)
    desk.press("s")
    expect(desk.page.get_by_role("alert")).to_contain_text("do not close it", timeout=PATIENCE)
    desk.page.unroute("**/api/labels")
    desk.saved()
    assert desk.stored("good") == stretch(0, 0, False)


def test_a_frame_without_its_file_is_explained_and_can_be_labelled(
    open_desk: Open, workspace: Workspace
) -> None:
    number = next(fresh)
    (workspace.path / frame_table(workspace, f"film_{number}")["file"][1]).unlink()
    desk = open_desk().open(number)
    desk.press("n")
    expect(desk.page.locator(".stage .note")).to_contain_text("Its labels are not affected", timeout=PATIENCE)
    desk.press("s")
    desk.saved()
    assert desk.stored("good") == stretch(1, 1, False)


def test_labels_of_an_attribute_that_is_gone_are_handed_back(open_desk: Open, workspace: Workspace) -> None:
    desk = open_desk().open(next(fresh))
    settings = workspace.path / "workspace.toml"
    before = settings.read_text(encoding="utf-8")
    settings.write_text(re.sub(r'name = "length"', 'name = "pitch"', before), encoding="utf-8")
    try:
        desk.press("s")
        alert = desk.page.get_by_role("alert")
        expect(alert).to_contain_text("1 label was not saved", timeout=PATIENCE)
        with desk.page.expect_download() as download:
            alert.get_by_role("button").click()
    finally:
        settings.write_text(before, encoding="utf-8")
    [handed] = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert handed["event"]["attribute"] == "length"
    assert labels_of(workspace, "Ada", desk.video)["good"][0] is not None

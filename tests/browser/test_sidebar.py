"""The sidebar: it stays where another page is opened, and leaves room for the page in a narrow window."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.workspace import create
from tests.browser.conftest import PATIENCE, settled

STAYED = """() => {
    const name = document.querySelector("[data-testid=stSidebar] [data-testid=stTextInput]");
    window.stay = true;
    new MutationObserver(() => {
        window.stay &&= name.isConnected && document.querySelector("[data-testid=stSidebarLogo]") !== null;
    }).observe(document.body, {childList: true, subtree: true});
}"""
"""Watches whether name and logo are there after each change of the page."""


@pytest.mark.long  # 15 s
def test_it_stays_between_pages_and_makes_room_in_a_narrow_window(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Page]
) -> None:
    expect.set_options(timeout=PATIENCE)
    page = open_page(f"{serve(create(tmp_path / 'workspace').path)}?annotator=Ada")
    sidebar, name = page.get_by_test_id("stSidebar"), page.get_by_role("textbox", name="Your name")
    expect(name).to_have_value("Ada")
    expect(page.get_by_test_id("stSidebarLogo")).to_be_visible()
    page.evaluate(STAYED)
    page.get_by_role("link", name="Train", exact=True).click()
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()
    expect(name).to_have_value("Ada")
    assert page.evaluate("window.stay")

    page.set_viewport_size({"width": 1024, "height": 768})
    expect(sidebar).to_have_attribute("data-collapsed", "true")
    page.get_by_test_id("stExpandSidebarButton").click()
    expect(sidebar).to_have_attribute("data-collapsed", "false")
    assert page.get_by_test_id("stMain").bounding_box()["width"] == 1024  # type: ignore[index]  # below the sidebar
    page.get_by_role("link", name="Videos", exact=True).click()
    expect(page.get_by_role("heading", name="Videos", exact=True)).to_be_visible()
    expect(sidebar).to_have_attribute("data-collapsed", "true")
    page.reload()
    expect(page.get_by_role("heading", name="Videos", exact=True)).to_be_visible()
    expect(sidebar).to_have_attribute("data-collapsed", "true")


@pytest.mark.long
def test_on_a_phone_it_opens_at_the_first_tap(
    tmp_path: Path, serve: Callable[[Path], str], browser: Browser
) -> None:
    expect.set_options(timeout=PATIENCE)
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(serve(create(tmp_path / "workspace").path))
    settled(page)
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role(
        "link", name="Videos", exact=True
    ).click()  # it can be reached only where the sidebar stays open
    expect(page.get_by_role("heading", name="Videos", exact=True)).to_be_visible()
    page.close()

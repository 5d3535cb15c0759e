"""A job that a page has begun: seen on every page, cancelled from any of them, and there again after a reload."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.media.library import videos
from core.workspace import open_workspace
from tests.browser.conftest import PATIENCE, settled


@pytest.mark.long
def test_the_demo_class_goes_on_without_its_page_and_can_be_cancelled_from_another(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Page]
) -> None:
    place = tmp_path / "workspace"
    page = open_page(serve(place))
    expect.set_options(timeout=PATIENCE)
    sidebar, main = page.get_by_test_id("stSidebar"), page.get_by_test_id("stMain")
    begin(page, frames=1000)

    sidebar.get_by_role("link", name="Label").click()
    expect(page.get_by_role("heading", name="Label", exact=True)).to_be_visible()
    expect(sidebar.get_by_text("Creating 6 practice videos")).to_be_visible()
    sidebar.get_by_role("button", name="Cancel").click()
    expect(sidebar.get_by_text("Creating 6 practice videos was cancelled.")).to_be_visible()
    assert not videos(open_workspace(place)) and not any((place / "frames").iterdir())
    assert not [folder.name for folder in place.glob(".*") if folder.is_dir()]

    sidebar.get_by_role("link", name="Home", exact=True).click()
    expect(main.get_by_text("Nothing half-made is left.")).to_be_visible()
    begin(page, frames=20)
    page.reload()
    settled(page)
    expect(main.get_by_text("6 practice videos ready, 120 frames.")).to_be_visible()
    expect(page.get_by_role("heading", name="Your six steps")).to_be_visible()
    expect(sidebar.get_by_text("All 6 videos are practice videos, drawn by SeamLens.")).to_be_visible()
    assert len(videos(open_workspace(place))) == 6


def begin(page: Page, frames: int) -> None:
    """Begin a small demo class."""
    settled(page)
    page.get_by_text("Change the size").click()
    for label, value in (("Videos", 6), ("Frames per video", frames)):
        box = page.get_by_label(label, exact=True)
        box.fill(str(value))
        box.press("Enter")
    expect(page.get_by_text(f"6 videos, {6 * frames:,} frames")).to_be_visible()
    page.get_by_role("button", name="Create 6 practice videos").click()
    expect(page.get_by_test_id("stMain").get_by_text("Creating 6 practice videos")).to_be_visible()

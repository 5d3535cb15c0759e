"""From a bar of the Balance page to the frames behind it, and on to the Label page."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.labels.labels import record
from core.media.library import videos
from tests.browser.conftest import settled
from tests.browser.label_page import Desk, class_of_films


@pytest.mark.long  # 10 s
def test_a_clicked_bar_leads_to_its_frame_and_a_reload_stays_where_one_went(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Page]
) -> None:
    workspace = class_of_films(tmp_path / "workspace", 1)
    key = videos(workspace)[0].key
    record(workspace, "Ada", key, 3, 3, {"good": True})
    page = open_page(f"{serve(workspace.path)}/Balance?annotator=Ada")
    settled(page)
    bar = page.locator(".js-plotly-plot .points .point path").first  # good: true
    bar.hover(force=True)  # plotly lays a sheet over its bars, and takes the click from that
    bar.click(force=True)
    page.get_by_role("link", name=f"{key} · 3").locator("visible=true").click()
    expect(page.locator(".labeller .frame")).to_be_visible()
    desk = Desk(page, workspace, "Ada")
    desk.at_frame(3)
    desk.press("n")
    desk.at_frame(4)
    page.reload()
    desk.at_frame(4)

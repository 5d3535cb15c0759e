"""The instant network on the Label page: a new video, twenty labels, and suggestions that come by themselves."""

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from core import workspace as workspaces
from core.storage import database as db
from core.videos.add_video import add_video
from core.videos.video_writer import write_video
from core.workspace import Workspace
from tests.browser.conftest import PATIENCE
from tests.browser.label_page import Desk

FRAMES = 40
LABELLED = 20


def is_broken(index: int) -> bool:
    return index // 3 % 2 == 1


def pictures() -> Iterator[np.ndarray]:
    """(120, 160, 3) uint8 BGR: a dashed thread, with a gap where it is broken."""
    for index in range(FRAMES):
        made = np.full((120, 160, 3), (60, 90, 60), np.uint8)
        for top in range(index % 12 - 12, 120, 12):
            if not (is_broken(index) and 40 < top < 80):
                cv2.line(made, (80, top), (80, top + 7), (230, 230, 230), 3)
        yield made


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = workspaces.create(tmp_path / "workspace")
    write_video(tmp_path / "film_0.mp4", pictures(), fps=10)
    add_video(made, tmp_path / "film_0.mp4")
    return made


@pytest.mark.long
def test_suggestions_come_by_themselves_and_are_accepted_by_key(
    workspace: Workspace, serve: Callable[[Path], str], open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{serve(workspace.path)}/Label?annotator=Ada")
    desk = Desk(page, workspace, "Ada").open(0)
    expect(page.get_by_label("Suggestions")).not_to_be_checked()
    for index in range(LABELLED):
        desk.at_frame(index)
        if index and is_broken(index) != is_broken(index - 1):
            desk.press("b")
        desk.press("s", "n")
    desk.saved()

    expect(page.get_by_label("Suggestions")).to_be_checked(timeout=PATIENCE)
    said = f"Instant network: {LABELLED} labelled pictures of 1 video, not tested"
    expect(page.get_by_text(said)).to_be_visible(timeout=PATIENCE)
    wanted = "yes" if is_broken(LABELLED) else "no"
    expect(desk.row("break").locator(".saved")).to_contain_text(f"suggests {wanted}", timeout=PATIENCE)

    desk.press("Enter")
    desk.saved()
    assert desk.frame(LABELLED) == {"good": None, "error": None, "break": is_broken(LABELLED), "length": None}
    with db.reading(workspace) as connection:
        query = select(func.count()).select_from(db.events).where(db.events.c.source == "suggestion")
        assert connection.scalar(query) == 1

    page.get_by_label("Where it looks").check()
    expect(page.locator("img.sight")).to_be_visible(timeout=PATIENCE)
    page.get_by_label("Pictures to find").select_option("doubtful")
    desk.press(".")
    expect(page.locator(".frame")).not_to_have_text(f"Frame {LABELLED}", timeout=PATIENCE)

    page.get_by_label("Suggestions").uncheck()  # and stays so, however much is labelled
    desk.press("s")
    desk.saved()
    expect(page.get_by_label("Suggestions")).not_to_be_checked()

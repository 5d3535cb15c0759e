"""Videos on their way in through a browser: uploaded, and recorded from the camera."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core import workspace as workspaces
from core.media.library import Video, videos
from core.workspace import Workspace
from tests.browser.conftest import PATIENCE
from tests.browser.fake_camera import write_y4m
from tests.helpers.page_workspace import FRAMES, picture, video_file


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspaces.create(tmp_path / "workspace")


def only_video(workspace: Workspace) -> Video:
    [video] = videos(workspace)
    return video


def upload(page: Page, file: Path) -> None:
    """Choose a file and add it: the button can be pressed as soon as the server has the file."""
    page.locator("input[type=file]").first.set_input_files(file)
    page.get_by_role("button", name="Add the file").click()


def test_an_upload_becomes_a_video(
    workspace: Workspace, tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{serve(workspace.path)}/Videos")
    upload(page, video_file(tmp_path / "My seam.mp4"))
    expect(page.get_by_role("heading", name="One video")).to_be_visible(timeout=PATIENCE)
    video = only_video(workspace)
    assert (video.key, video.frames) == ("My_seam", FRAMES)


def test_a_text_file_called_mp4_is_refused_in_plain_words(
    workspace: Workspace, tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{serve(workspace.path)}/Videos")
    (tmp_path / "notes.mp4").write_text("no video", encoding="utf-8")
    upload(page, tmp_path / "notes.mp4")
    expect(page.get_by_test_id("stAlert").filter(has_text="cannot be opened as a video")).to_be_visible(
        timeout=PATIENCE
    )
    assert not videos(workspace)


def test_a_recording_becomes_a_video_of_the_camera(
    workspace: Workspace, tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Page]
) -> None:
    film = write_y4m(tmp_path / "camera.y4m", [picture(index, 40) for index in range(FRAMES)])
    page = open_page(f"{serve(workspace.path)}/Videos", camera=film)
    page.get_by_role("tab", name="Record").click()
    page.get_by_label("Note", exact=True).fill("blue denim")
    page.get_by_label("Note", exact=True).press("Enter")
    page.frame_locator("iframe").get_by_role("button", name="Start").click()
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_text(re.compile(r"Recording, [2-9] s"))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Stop and add").click()
    expect(page.get_by_role("heading", name="One video")).to_be_visible(timeout=PATIENCE)
    video = only_video(workspace)
    assert video.origin == "camera"
    assert re.fullmatch(r"video_\d{4}(_\d\d){5}__blue_denim", video.key)
    assert video.frames > 10

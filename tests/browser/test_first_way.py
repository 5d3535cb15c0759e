"""The whole loop once, as a student goes it: from an empty Home to heatmaps on a live picture."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.demo.plan import FRAMES, VIDEOS
from core.labels.consensus import labels_of
from core.media.library import frame_table, read_frame
from core.runs.run_store import get_run
from core.workspace import open_workspace
from tests.browser.conftest import settled
from tests.browser.fake_camera import wait_for_overlay, write_y4m

OpenPage = Callable[..., Page]
Serve = Callable[[Path], str]


@pytest.mark.long  # 50 s on free cores; beside another training ten times as long
@pytest.mark.timeout(1500)
def test_from_an_empty_home_to_a_live_overlay(tmp_path: Path, serve: Serve, open_page: OpenPage) -> None:
    walk(tmp_path, serve, open_page, videos=8, frames=20, network="seam_pretrained", minutes=15)


@pytest.mark.long
@pytest.mark.timeout(2400)
def test_the_same_with_the_demo_class_as_it_is(tmp_path: Path, serve: Serve, open_page: OpenPage) -> None:
    walk(tmp_path, serve, open_page, videos=VIDEOS, frames=FRAMES, network="seam_lite", minutes=25)


def walk(
    tmp_path: Path,
    serve: Serve,
    open_page: OpenPage,
    videos: int,
    frames: int,
    network: str,
    minutes: float,
) -> None:
    place = tmp_path / "workspace"
    address = serve(place)
    page = open_page(address)
    page.set_default_timeout(minutes * 60_000)
    expect.set_options(timeout=minutes * 60_000)
    make_demo(page, videos, frames)
    label_ten(page, place)
    train(page, network)
    read_test(page, place)
    watch(open_page, address, place, tmp_path, minutes)


def make_demo(page: Page, videos: int, frames: int) -> None:
    page.get_by_text("Change the size").click()
    fill(page, "Videos", videos)
    fill(page, "Frames per video", frames)
    expect(page.get_by_text(f"{videos} videos, {videos * frames:,} frames")).to_be_visible()
    page.get_by_role("button", name=f"Create {videos} practice videos").click()
    expect(page.get_by_role("heading", name="Your six steps")).to_be_visible()
    expect(page.get_by_text("practice videos, drawn by SeamLens").first).to_be_visible()


def label_ten(page: Page, place: Path) -> None:
    go(page, "Label")
    name = page.get_by_test_id("stMain").get_by_role("textbox", name="Your name")
    name.fill("Ada")
    name.press("Enter")
    expect(page.locator(".frame")).to_have_text("Frame 0")
    page.keyboard.press("g")
    for frame in range(10):
        page.keyboard.press("s")
        if not frame:  # error and break change in this video, and all stitches are alike
            for key in ("3", "3", "1", "Enter"):
                page.keyboard.press(key)
        page.keyboard.press("n")
        expect(page.locator(".frame")).to_have_text(f"Frame {frame + 1}")
    expect(page.locator(".counted")).to_contain_text("10 of")
    expect(page.locator(".safe")).to_have_text("✓ saved")
    key = page.get_by_label("Video", exact=True).locator("option:checked").inner_text().partition(" · ")[0]
    assert labels_of(open_workspace(place), "Ada", key)["good"].notna().sum() == 10


def train(page: Page, network: str) -> None:
    go(page, "Train")
    # “Fast” takes the network that suits so many labels.
    expect(page.locator(".st-key-train_cards").get_by_text(network)).to_be_visible()
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text(re.compile(r"· done · epoch"))).to_be_visible()
    page.wait_for_selector(".js-plotly-plot .main-svg")


def read_test(page: Page, place: Path) -> None:
    go(page, "Test")
    page.get_by_role("button", name=re.compile("^.*Test on .* unseen videos?$")).click()
    expect(page.get_by_text("that the network has never seen")).to_be_visible()
    page.wait_for_selector(".js-plotly-plot .main-svg")
    assert get_run(open_workspace(place), "latest").test is not None


def watch(open_page: OpenPage, address: str, place: Path, tmp_path: Path, minutes: float) -> None:
    """Hold a held-out demo video under the (fake) camera, and find the heatmaps in what comes back."""
    workspace = open_workspace(place)
    table = get_run(workspace, "latest").frames
    held_out = table.loc[table["part"] == "test", "video"].iloc[0]
    names = frame_table(workspace, held_out)["name"][:40]
    film = write_y4m(tmp_path / "seam.y4m", (read_frame(workspace, name) for name in names))
    page = open_page(f"{address}/Live", camera=film)
    page.set_default_timeout(minutes * 60_000)
    # Every attribute's evidence, whatever the network decides.
    page.get_by_text("Choose myself").click()
    settled(page)
    page.frame_locator("iframe").get_by_role("button", name="Start").click()
    wait_for_overlay(page)
    expect(page.get_by_text(re.compile(r"^A verdict takes \d+ ms"))).to_be_visible()


def go(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    settled(page)


def fill(page: Page, label: str, value: int) -> None:
    box = page.get_by_label(label, exact=True)
    box.fill(str(value))
    box.press("Enter")
    settled(page)

"""The phone page, upright and across, with live video and where a network blocks it; and the Live page where it is blocked."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from core import workspace as workspaces
from core.demo.render import render_frames
from core.demo.sample_plan import video_plan
from core.labels.consensus import labels_of
from core.media.library import videos
from core.workspace import Workspace
from tests.browser.conftest import FLAGS, PATIENCE, Server, settled
from tests.browser.fake_camera import write_y4m
from tests.browser.test_accessibility import AXE, FOUND
from tests.helpers.waiting import until

UPRIGHT, ACROSS = {"width": 390, "height": 844}, {"width": 844, "height": 390}
MISSING = "delete window.RTCPeerConnection; delete window.webkitRTCPeerConnection;"
NEVER = """const Own = RTCPeerConnection;
window.RTCPeerConnection = class extends Own { constructor(given) { super({...given, iceTransportPolicy: "relay"}); } };"""
"""Only by a server that relays, and there is none: it never connects."""
SENT = "least => Number(document.getElementById('sent').dataset.pictures ?? 0) >= least"
SHOWN = "least => document.getElementById('drawn').getVideoPlaybackQuality().totalVideoFrames >= least"
POSTED = """least => Number([...document.querySelectorAll('*')].map(each => each.shadowRoot?.querySelector('.pictures img'))
    .find(Boolean)?.dataset.pictures ?? 0) >= least"""
"""The same on the Live page, where they stand in a component."""
SLOWLY = re.compile("Your network blocks live video, so single pictures are sent: about [0-9]+ a second.")
DECIDED = re.compile("[0-9]+ %")

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


@pytest.fixture(autouse=True)
def patience() -> None:
    expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Without a trained network: the starter decides."""
    return workspaces.create(tmp_path_factory.mktemp("phone") / "workspace")


@pytest.fixture(scope="module")
def server(workspace: Workspace, start: Callable[..., Server]) -> Server:
    return start(workspace.path)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    frames = [cv2.resize(picture, (640, 480)) for picture, _ in render_frames(video_plan(1, 6, 200)[5])]
    return write_y4m(tmp_path_factory.mktemp("film") / "seam.y4m", frames[:100])


@pytest.fixture
def phone(chromium: str, playwright: Playwright, film: Path, server: Server) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page of the server on a phone, on which ``script`` has run before."""
    flags = [*FLAGS, f"--use-file-for-fake-video-capture={film}"]
    running = playwright.chromium.launch(executable_path=chromium, args=flags)
    opened: list[BrowserContext] = []

    def open_page(
        address: str = "phone?annotator=Ada", script: str = "", size: dict[str, int] = UPRIGHT
    ) -> Page:
        context = running.new_context(viewport=size, has_touch=True, is_mobile=True)  # type: ignore[arg-type]
        opened.append(context)
        context.set_default_timeout(PATIENCE)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.goto(f"{server.address}/{address}")
        return page

    yield open_page
    for context in opened:
        context.close()  # which tells the server that the phone is gone
    running.close()


def begin(page: Page) -> None:
    page.get_by_role("button", name="Start the camera").click()


def test_a_phone_sees_the_verdict_by_live_video(phone: Callable[..., Page]) -> None:
    page = phone()
    begin(page)
    page.wait_for_function(SHOWN, arg=20)
    expect(page.get_by_label("Verdict")).to_contain_text(DECIDED)
    expect(page.locator("#sent")).to_be_hidden()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Start the camera")).to_be_visible()


@pytest.mark.parametrize("script", [MISSING, NEVER], ids=["missing", "never"])
def test_where_video_is_blocked_single_pictures_come_by_themselves(
    phone: Callable[..., Page], script: str
) -> None:
    page = phone(script=script)
    begin(page)
    page.wait_for_function(SENT, arg=12)
    expect(page.locator("#note")).to_have_text(SLOWLY)
    expect(page.get_by_label("Verdict")).to_contain_text(DECIDED)
    expect(page.get_by_role("button", name="Try video again")).to_be_visible()


def test_where_the_block_is_gone_video_comes_again(phone: Callable[..., Page]) -> None:
    page = phone(script="window.Blocked = RTCPeerConnection;" + MISSING)
    begin(page)
    page.wait_for_function(SENT, arg=2)
    page.evaluate("() => { window.RTCPeerConnection = window.Blocked; }")
    page.get_by_role("button", name="Try video again").click()
    page.wait_for_function(SHOWN, arg=10)
    expect(page.locator("#note")).to_be_empty()


def test_what_is_held_on_a_phone_is_labelled_by_single_pictures_too(
    phone: Callable[..., Page], workspace: Workspace
) -> None:
    page = phone(script=MISSING)
    page.get_by_role("button", name="Teach").click()
    begin(page)
    button = page.get_by_role("button", name="break")
    expect(button).to_be_enabled()
    box = button.bounding_box()
    assert box is not None and box["height"] >= 44
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    expect(button).to_contain_text(re.compile("([3-9]|[0-9]{2,}) frames"))
    page.mouse.up()
    until(lambda: any(video.origin == "live" for video in videos(workspace)))
    key = next(video.key for video in videos(workspace) if video.origin == "live")
    until(lambda: labels_of(workspace, "Ada", key)["break"].fillna(False).sum() >= 2)


def test_a_phone_records_a_video_into_the_workspace(phone: Callable[..., Page], workspace: Workspace) -> None:
    page = phone()
    page.get_by_role("button", name="Record").click()
    begin(page)
    page.wait_for_function(SHOWN, arg=5)
    page.get_by_label("Note").fill("blue denim")
    page.locator("#main").click()
    expect(page.locator("#recorded")).to_contain_text(re.compile("Recording, ([2-9]|[0-9]{2,}) s"))
    page.get_by_role("button", name="Stop and add").click()
    expect(page.locator("#recorded")).to_contain_text("is ready to label")
    assert any(video.key.endswith("blue_denim") and video.frames > 10 for video in videos(workspace))


def test_a_camera_that_the_background_took_away_comes_back(phone: Callable[..., Page]) -> None:
    page = phone(script=MISSING)
    begin(page)
    page.wait_for_function(SENT, arg=2)
    page.evaluate("document.getElementById('camera').srcObject.getTracks().forEach(track => track.stop())")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function(
        "document.getElementById('camera').srcObject.getVideoTracks()[0].readyState === 'live'"
    )
    page.wait_for_function(SENT, arg=8)


def test_a_phone_that_is_turned_while_live_goes_on(phone: Callable[..., Page]) -> None:
    page = phone()
    begin(page)
    page.wait_for_function(SHOWN, arg=5)
    page.set_viewport_size(ACROSS)  # type: ignore[arg-type]
    page.wait_for_function(
        SHOWN,
        arg=page.evaluate("document.getElementById('drawn').getVideoPlaybackQuality().totalVideoFrames") + 10,
    )
    expect(page.get_by_role("button", name="Stop")).to_be_in_viewport(ratio=1)


def test_a_phone_that_has_no_place_waits_for_its_turn(
    phone: Callable[..., Page], workspace: Workspace
) -> None:
    pages = [phone(script=MISSING) for _ in range(workspace.places + 1)]
    for page in pages:
        begin(page)
        if page is not pages[-1]:
            page.wait_for_function(SENT, arg=1)
    expect(pages[-1].locator("#note")).to_contain_text("You are 1st in line")
    pages[0].get_by_role("button", name="Stop").click()
    pages[-1].wait_for_function(SENT, arg=1)


def test_a_camera_that_is_refused_is_explained(phone: Callable[..., Page]) -> None:
    refused = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); };"
    page = phone(script=refused)
    begin(page)
    expect(page.locator("#note")).to_contain_text("The camera was not allowed")
    expect(page.get_by_role("button", name="Start the camera")).to_be_enabled()


def test_an_address_without_https_is_told_the_right_one(phone: Callable[..., Page]) -> None:
    page = phone(script="Object.defineProperty(window, 'isSecureContext', { value: false });")
    expect(page.get_by_role("link", name=re.compile("^https:"))).to_have_attribute(
        "href", page.url.replace("http:", "https:").partition("?")[0]
    )


def test_the_check_says_what_is_blocked_and_what_to_ask_for(phone: Callable[..., Page]) -> None:
    page = phone(script=NEVER)
    page.get_by_role("button", name="Check this device").click()
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_role("button", name="Check again")).to_be_enabled()
    lines = page.locator(".check li")
    said = [line.inner_text() for line in lines.all()]
    assert [line.startswith("✓") for line in said] == [True, True, True, False, True]
    assert "Live video (WebRTC) blocked" in said[3] and "ms" in said[4]
    expect(page.get_by_label("Text for the network’s owner")).to_have_value(
        re.compile("UDP between the devices")
    )


def test_the_check_of_a_good_network_asks_for_nothing(phone: Callable[..., Page]) -> None:
    page = phone()
    page.get_by_role("button", name="Check this device").click()
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_text("Everything works on this device.")).to_be_visible()


def test_every_page_leads_a_phone_to_the_phone_page_and_no_laptop(phone: Callable[..., Page]) -> None:
    page = phone("?annotator=Ada")
    settled(page)
    link = page.get_by_role("link", name="Open the phone page")
    expect(link).to_be_visible()
    page.set_viewport_size({"width": 1400, "height": 900})
    expect(link).to_be_hidden()
    page.set_viewport_size(UPRIGHT)  # type: ignore[arg-type]
    link.click()
    expect(page.get_by_role("button", name="Start the camera")).to_be_visible()
    assert "annotator=Ada" in page.url
    expect(page.get_by_role("link")).to_have_text(["All pages"])


@pytest.mark.parametrize("script", [MISSING, NEVER], ids=["missing", "never"])
def test_the_live_page_changes_to_single_pictures_by_itself(phone: Callable[..., Page], script: str) -> None:
    page = phone("Live?annotator=Ada", script, {"width": 1400, "height": 900})
    page.frame_locator("iframe").first.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_function(POSTED, arg=8)
    expect(page.get_by_text(SLOWLY)).to_be_visible()
    expect(page.get_by_label("Verdict")).to_contain_text(DECIDED)
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_role("button", name="Continue")).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible()


@pytest.mark.parametrize("size", [UPRIGHT, ACROSS], ids=["upright", "across"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_the_phone_page(
    phone: Callable[..., Page], theme: str, size: dict[str, int]
) -> None:
    if not AXE.is_file() and not os.environ.get("CI"):
        pytest.skip("axe-core is not installed: npm install")
    page = phone(script=MISSING, size=size)
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.evaluate(AXE.read_text(encoding="utf-8"))
    begin(page)
    page.wait_for_function(SENT, arg=1)
    found = []
    for mode in ("Live", "Teach", "Record"):
        page.get_by_role("button", name=mode, exact=True).click()
        expect(page.get_by_role("button", name="Stop", exact=True)).to_be_in_viewport(ratio=1)
        found += [f"{mode}: {violation}" for violation in page.evaluate(FOUND, [])]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Check this device").click()
    found += [f"check: {violation}" for violation in page.evaluate(FOUND, [])]
    assert not found, "\n".join(found)


def test_live_has_its_video_also_where_a_phone_was_the_first_to_be_live(
    chromium: str, playwright: Playwright, workspace: Workspace, start: Callable[..., Server]
) -> None:
    fresh = start(workspace.path)
    running = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS])
    page = running.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{fresh.address}/phone?annotator=Ada")
    expect(page.get_by_role("button", name="Start the camera")).to_be_enabled()
    page.goto(f"{fresh.address}/Live?annotator=Ada")
    expect(page.frame_locator("iframe").first.get_by_role("button", name="Start", exact=True)).to_be_visible()
    running.close()

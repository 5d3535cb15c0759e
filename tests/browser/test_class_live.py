"""A laptop and a phone of one class, over HTTPS: the phone scans the code of the instructor's screen, signs in, and is live."""

from collections.abc import Iterator

import cv2
import pytest
from playwright.sync_api import Browser, Playwright, expect

from core.demo.render import render_frames
from core.demo.sample_plan import video_plan
from tests.browser.class_server import ClassServer, sign_in, visitor
from tests.browser.conftest import FLAGS, PATIENCE
from tests.browser.fake_camera import write_y4m
from tests.browser.test_class_server import scanned
from tests.browser.test_phone import DECIDED, MISSING, SENT, SHOWN, begin
from tests.helpers.page_workspace import small_workspace

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClassServer]:
    place = tmp_path_factory.mktemp("class") / "workspace"
    small_workspace(place)
    running = ClassServer(place, tmp_path_factory.mktemp("private"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def device(
    chromium: str, playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """The browser of a phone that sees a seam."""
    frames = [cv2.resize(picture, (640, 480)) for picture, _ in render_frames(video_plan(1, 6, 200)[5])]
    film = write_y4m(tmp_path_factory.mktemp("film") / "seam.y4m", frames[:100])
    flags = [*FLAGS, f"--use-file-for-fake-video-capture={film}"]
    running = playwright.chromium.launch(executable_path=chromium, args=flags)
    yield running
    running.close()


@pytest.mark.parametrize(("script", "came"), [("", SHOWN), (MISSING, SENT)], ids=["video", "pictures"])
def test_a_phone_scans_signs_in_and_is_live(
    server: ClassServer, browser: Browser, device: Browser, playwright: Playwright, script: str, came: str
) -> None:
    expect.set_options(timeout=PATIENCE)
    screen = visitor(browser)
    sign_in(screen, server.address, "Ms Lee", server.said["instructor_code"])
    link = scanned(screen)
    kind = {
        key: value for key, value in playwright.devices["Pixel 7"].items() if key != "default_browser_type"
    }
    phone = device.new_context(
        ignore_https_errors=True, **{**kind, "viewport": {"width": 390, "height": 844}}
    )
    phone.set_default_timeout(PATIENCE)
    if script:
        phone.add_init_script(script)
    page = phone.new_page()
    page.goto(link)
    page.get_by_label("Your name").fill("Anna")
    page.get_by_label("PIN").fill("1234")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/phone")
    begin(page)
    page.wait_for_function(came, arg=6)
    expect(page.get_by_label("Verdict")).to_contain_text(DECIDED)
    phone.close()
    screen.context.close()

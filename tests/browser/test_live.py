"""The live picture goes on, or comes back, whatever is clicked and whatever the network does; and a server does not grow
with the streams it has had.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Frame, Page, Playwright, TimeoutError, expect

from core.demo.make import make_demo
from core.inspection.panel import LARGEST, banner
from core.jobs import worker
from core.media.library import frame_table, read_frame, videos
from core.runs.run_store import get_run
from core.runs.settings import TrainSettings
from core.training.create_run import create_run
from core.workspace import open_workspace
from tests.browser import failing_network
from tests.browser.conftest import FLAGS, Server, settled
from tests.browser.fake_camera import write_y4m
from tests.helpers.waiting import until
from ui.live import camera_help

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]  # about three minutes on a quiet machine

SHOWN = "() => document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0"
MORE = 15
"""New pictures by which a stream is known to go on: `currentTime` grows also when the picture is frozen."""
FIRST_PATIENCE = 40_000
"""Milliseconds."""
STARTS = 10
THREADS, MEGABYTES = 8, 150
"""By which ten streams may leave a server larger than one did: pools that keep their threads, and what is not given back."""
FAILED = f"The network failed on a picture. ValueError: {failing_network.REASON}"
READ, NOT_READ = 0.4, 0.25  # a small picture is read less well
"""Correlation with letters: with those that stand on the picture at least, with others at most."""


@pytest.fixture(scope="module")
def server(start: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Server:
    """The app on a small demo class with a network that was trained for an epoch, and can be in trouble."""
    workspace = make_demo(tmp_path_factory.mktemp("live") / "class", 1, 8, 20).workspace
    worker.train(create_run(workspace, TrainSettings(seed=1, epochs=1)))
    return start(workspace.path, "tests.browser.failing_network")


@pytest.fixture
def page(server: Server, open_page: Callable[..., Page], tmp_path: Path) -> Iterator[Page]:
    """The Live page, whose camera sees a seam."""
    workspace = open_workspace(server.workspace)
    names = frame_table(workspace, videos(workspace)[-1].key)["name"]
    film = write_y4m(tmp_path / "seam.y4m", (read_frame(workspace, name) for name in names))
    yield open_page(f"{server.address}/Live", camera=film)


@pytest.fixture
def trouble(server: Server) -> Iterator[Callable[[str], None]]:
    """Return a function that brings the network into trouble, or with "" out of it."""
    file = server.workspace / failing_network.TROUBLE

    def brought(kind: str) -> None:
        file.write_text(kind, encoding="utf-8")

    yield brought
    file.unlink(missing_ok=True)


def press(page: Page, button: str) -> None:
    page.mouse.move(0, 0)  # a tooltip of what the pointer was left on may lie over the button
    page.frame_locator("iframe").first.get_by_role("button", name=button, exact=True).click()


def stream(page: Page) -> Frame:
    return next(frame for frame in page.frames if "streamlit_webrtc" in frame.url)


def goes_on(page: Page, patience: float | None = None) -> None:
    """Wait for new pictures."""
    frame = stream(page)
    seen = frame.evaluate(SHOWN)
    frame.wait_for_function(f"seen => ({SHOWN})() > seen + {MORE}", arg=seen, timeout=patience)


def rate(page: Page, seconds: float = 4) -> float:
    """Return the pictures a second that the page shows."""
    before = stream(page).evaluate(SHOWN)
    page.wait_for_timeout(1000 * seconds)
    return float(stream(page).evaluate(SHOWN) - before) / seconds


def begin(page: Page) -> None:
    """Start as a user does: a start in some forty fails in streamlit-webrtc, and is tried once more."""
    press(page, "Start")
    try:
        goes_on(page, FIRST_PATIENCE)
    except TimeoutError:
        press(page, "Stop")
        press(page, "Start")
        goes_on(page)


def on_video(page: Page, words: str) -> float:
    """Return how well ``words`` can be read at the foot of the video: 1 is perfectly."""
    shot = stream(page).locator("video").screenshot()
    picture = cv2.imdecode(np.frombuffer(shot, np.uint8), cv2.IMREAD_GRAYSCALE)
    letters = banner(np.zeros((44, LARGEST[0], 3), np.uint8), words)[..., 0]
    letters = letters[:, : np.flatnonzero(letters.any(axis=0)).max()]
    scale = picture.shape[1] / LARGEST[0]
    wanted = cv2.resize(letters, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return float(cv2.matchTemplate(picture, wanted, cv2.TM_CCOEFF_NORMED).max())


def size(server: Server) -> tuple[int, float]:
    """Return threads and resident megabytes of the server."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    found = dict(line.split(":", 1) for line in status.splitlines())
    return int(found["Threads"]), int(found["VmRSS"].split()[0]) / 1024


def rerun(page: Page, name: str) -> None:
    """Give another name: all of the page runs again."""
    page.get_by_role("textbox", name="Your name").fill(name)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"annotator={name}"))
    settled(page)


def test_eight_reruns_of_the_page_leave_the_picture_alone(page: Page) -> None:
    begin(page)
    for number in range(8):
        rerun(page, f"Ada{number}")
    goes_on(page)


def test_a_network_that_is_loaded_anew_leaves_the_picture_alone(page: Page, server: Server) -> None:
    begin(page)
    os.utime(
        get_run(open_workspace(server.workspace), "latest").model_file
    )  # as after its thresholds were changed
    rerun(page, "Ben")
    goes_on(page)


def test_after_another_page_it_starts_again(page: Page) -> None:
    begin(page)
    page.get_by_role("link", name="Balance", exact=True).first.click()
    expect(page.get_by_role("heading", name="Balance", exact=True)).to_be_visible()
    page.get_by_role("link", name="Live", exact=True).first.click()
    expect(page.get_by_role("heading", name="Live", exact=True)).to_be_visible()
    page.frame_locator("iframe").first.get_by_role("button", name="Start", exact=True).wait_for()
    begin(page)


def test_a_camera_that_is_not_there_is_explained(
    server: Server, playwright: Playwright, chromium: str
) -> None:
    without = playwright.chromium.launch(executable_path=chromium, args=[f for f in FLAGS if "fake" not in f])
    page = without.new_page()
    page.goto(f"{server.address}/Live")
    press(page, "Start")
    expect(page.locator("p[role=status]")).to_have_text(camera_help.ABSENT, timeout=FIRST_PATIENCE)
    without.close()


def test_keys_work_while_the_camera_plays(page: Page) -> None:
    begin(page)  # which leaves the focus in the iframe of the stream
    page.keyboard.press("f")
    expect(page.get_by_role("button", name="Continue")).to_be_visible()
    page.keyboard.press("s")
    expect(page.get_by_text("Sent to labelling.")).to_be_visible()
    page.keyboard.press("f")
    expect(page.get_by_role("button", name="Freeze")).to_be_visible()
    goes_on(page)


def test_a_slow_network_leaves_the_picture_at_the_cameras_rate(
    page: Page, trouble: Callable[[str], None]
) -> None:
    begin(page)
    before = rate(page)
    trouble("slow")
    slow = rate(page)
    trouble("")
    after = rate(page)
    assert slow >= 0.7 * min(before, after)  # the pace may have been lowered meanwhile
    assert slow > 1.2 / failing_network.SLOW


def test_a_network_that_fails_on_every_tenth_picture_says_so_on_the_video_and_recovers(
    page: Page, trouble: Callable[[str], None]
) -> None:
    begin(page)
    assert on_video(page, FAILED) <= NOT_READ
    trouble("tenth")
    until(lambda: on_video(page, FAILED) >= READ)
    goes_on(page)
    expect(page.get_by_text(f"Last error: ValueError: {failing_network.REASON}")).to_be_visible()
    trouble("")
    until(lambda: on_video(page, FAILED) <= NOT_READ)
    goes_on(page)


def test_ten_starts_and_stops_leave_nothing_behind(page: Page, server: Server) -> None:
    sizes = []
    for _ in range(STARTS):
        begin(page)
        press(page, "Stop")
        page.frame_locator("iframe").first.get_by_role("button", name="Start", exact=True).wait_for()
        sizes.append(size(server))
    (threads, memory), (threads_then, memory_then) = sizes[1], sizes[-1]  # the first fills caches
    assert threads_then <= threads + THREADS
    assert memory_then <= memory + MEGABYTES

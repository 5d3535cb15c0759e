"""The live picture goes on, or comes back, whatever is clicked; and a server does not grow with the streams it has had."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, TimeoutError, expect

from core.data.catalogue import frame_table, videos
from core.data.demo.make import make_demo
from core.data.frames import read_frame
from core.model import runs, training
from core.workspace import open_workspace
from tests.browser.camera import write_y4m
from tests.browser.conftest import Server, settled

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]  # about three minutes on a quiet machine

SHOWN = "() => document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0"
MORE = 15
"""New pictures by which a stream is known to go on: `currentTime` grows also when the picture is frozen."""
FIRST_PATIENCE = 40_000
"""Milliseconds."""
STARTS = 10
THREADS, MEGABYTES = 8, 150
"""By which ten streams may leave a server larger than one did: pools that keep their threads, and what is not given back."""


@pytest.fixture(scope="module")
def server(start: Callable[[Path], Server], tmp_path_factory: pytest.TempPathFactory) -> Server:
    """The app on a small demo class with a network that was trained for an epoch."""
    workspace = make_demo(tmp_path_factory.mktemp("live") / "class", 1, 8, 20).workspace
    training.train(runs.create_run(workspace, runs.TrainSettings(seed=1, epochs=1)))
    return start(workspace.path)


@pytest.fixture
def page(server: Server, open_page: Callable[..., Page], tmp_path: Path) -> Iterator[Page]:
    """The Live page, whose camera sees a seam."""
    workspace = open_workspace(server.workspace)
    names = frame_table(workspace, videos(workspace)[-1].key)["name"]
    film = write_y4m(tmp_path / "seam.y4m", (read_frame(workspace, name) for name in names))
    yield open_page(f"{server.address}/Live", camera=film)


def press(page: Page, button: str) -> None:
    page.frame_locator("iframe").first.get_by_role("button", name=button, exact=True).click()


def stream(page: Page) -> Frame:
    return next(frame for frame in page.frames if "streamlit_webrtc" in frame.url)


def goes_on(page: Page, patience: float | None = None) -> None:
    """Wait for new pictures."""
    frame = stream(page)
    seen = frame.evaluate(SHOWN)
    frame.wait_for_function(f"seen => ({SHOWN})() > seen + {MORE}", arg=seen, timeout=patience)


def begin(page: Page) -> None:
    """Start as a user does: a start in some forty fails in streamlit-webrtc, and is tried once more."""
    press(page, "Start")
    try:
        goes_on(page, FIRST_PATIENCE)
    except TimeoutError:
        press(page, "Stop")
        press(page, "Start")
        goes_on(page)


def size(server: Server) -> tuple[int, float]:
    """Return threads and resident megabytes of the server."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    found = dict(line.split(":", 1) for line in status.splitlines())
    return int(found["Threads"]), int(found["VmRSS"].split()[0]) / 1024


def test_eight_reruns_of_the_page_leave_the_picture_alone(page: Page) -> None:
    begin(page)
    for _ in range(8):
        page.keyboard.press("r")  # Streamlit's key: all of the page runs again
        page.wait_for_timeout(300)
    settled(page)
    goes_on(page)


def test_after_another_page_it_starts_again(page: Page) -> None:
    begin(page)
    page.get_by_role("link", name="Balance", exact=True).first.click()
    expect(page.get_by_role("heading", name="Balance", exact=True)).to_be_visible()
    page.get_by_role("link", name="Live", exact=True).first.click()
    expect(page.get_by_role("heading", name="Live", exact=True)).to_be_visible()
    page.frame_locator("iframe").first.get_by_role("button", name="Start", exact=True).wait_for()
    begin(page)


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

"""A real server and a real Chromium, with a camera that plays a file."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)
PATIENCE = 150_000
"""Milliseconds to wait for a condition: generous, for slow machines; a passing test does not wait."""


@pytest.fixture(scope="session")
def chromium() -> str:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None and os.environ.get("CI"):
        pytest.fail(f"no Chromium ({', '.join(NAMES)}), and under CI the browser tests must run")
    if found is None:
        pytest.skip(f"no Chromium on the path ({', '.join(NAMES)})")
    return found


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


def settled(page: Page) -> None:
    """Wait until a page is written to its end: keys pressed before have no button to press."""
    page.wait_for_selector("h1")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


@pytest.fixture(scope="session")
def browser(chromium: str, playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for all pages without a camera of their own; each page is a visitor of its own."""
    running = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
    yield running
    running.close()


@pytest.fixture
def open_page(chromium: str, playwright: Playwright, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page; ``camera`` is a y4m file that the fake camera plays."""
    with ExitStack() as closing:

        def opened(url: str, camera: Path | None = None) -> Page:
            used = browser
            if camera:
                flags = [*FLAGS, f"--use-file-for-fake-video-capture={camera}"]
                used = playwright.chromium.launch(executable_path=chromium, args=flags)
                closing.callback(used.close)
            page = used.new_page(viewport={"width": 1400, "height": 900})
            closing.callback(page.close)
            page.set_default_timeout(PATIENCE)
            page.goto(url)
            settled(page)
            return page

        yield opened


class Server:
    """The app on a workspace, as `streamlit run Home.py` starts it, or another module, or another command elsewhere."""

    def __init__(
        self, workspace: Path, module: str = "streamlit", command: Sequence[str] = (), folder: Path = ROOT
    ) -> None:
        self.workspace, self.folder, self.port = workspace, folder, _free_port()
        self.command = command or (sys.executable, "-m", module, "run", "Home.py")
        self.address = f"http://127.0.0.1:{self.port}"
        self.start_again()

    def start_again(self) -> None:
        """Start it, at the same address as before."""
        command = [*self.command, "--server.port", str(self.port)]
        environment = os.environ | {"SEAMLENS_WORKSPACE": str(self.workspace)}
        self.process = subprocess.Popen(command, cwd=self.folder, env=environment)
        _wait_until_healthy(self.address, self.process)

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait(timeout=20)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)


@pytest.fixture(scope="module")
def start(chromium: str) -> Iterator[Callable[..., Server]]:
    """Return a function that starts the app on a workspace; it ends with the tests of its module, whose cores others need."""
    with ExitStack() as closing:

        def started(workspace: Path, *module: str, **elsewhere: Any) -> Server:
            server = Server(workspace, *module, **elsewhere)
            closing.callback(server.stop)
            return server

        yield started


@pytest.fixture(scope="module")
def serve(start: Callable[..., Server]) -> Callable[[Path], str]:
    """Return a function that starts the app on a workspace and returns its address."""
    return lambda workspace: start(workspace).address


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_healthy(address: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 150
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the app did not start at {address}")

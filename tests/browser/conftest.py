"""A real server and a real Chromium, with a camera that plays a file."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

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
COUNT_MESSAGES = """() => {
    if (window.messages !== undefined) return;
    const send = WebSocket.prototype.send;
    window.messages = 0;
    WebSocket.prototype.send = function (data) { window.messages += 1; return send.call(this, data); };
}"""
MESSAGE_SENT = """async before => {
    for (let turn = 0; turn < 60 && window.messages === before; turn++) await new Promise(r => setTimeout(r, 25));
    return window.messages > before;
}"""
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


def press(page: Page, key: str) -> None:
    """Press a key until the browser tells the server of it: buttons listen only a moment after they show."""
    settled(page)
    page.evaluate(COUNT_MESSAGES)
    for _ in range(120):
        before = page.evaluate("window.messages")
        page.keyboard.press(key)
        if page.evaluate(MESSAGE_SENT, before):
            settled(page)
            return
    pytest.fail(f"nothing listens to the key {key}")


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


@pytest.fixture(scope="session")
def serve(chromium: str) -> Iterator[Callable[[Path], str]]:
    """Return a function that starts the app on a workspace and returns its address."""
    with _servers() as start:
        yield start


@contextmanager
def _servers() -> Iterator[Callable[[Path], str]]:
    processes: list[subprocess.Popen[bytes]] = []

    def start(workspace: Path) -> str:
        port = _free_port()
        command = [sys.executable, "-m", "streamlit", "run", "Home.py", "--server.port", str(port)]
        environment = os.environ | {"SEAMLENS_WORKSPACE": str(workspace)}
        processes.append(subprocess.Popen(command, cwd=ROOT, env=environment))
        address = f"http://127.0.0.1:{port}"
        _wait_until_healthy(address, processes[-1])
        return address

    try:
        yield start
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=20)


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

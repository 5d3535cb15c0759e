"""The app on a workspace, as `streamlit run Home.py` starts it, and its pages in Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--enable-precise-memory-info",  # otherwise the size of the heap is rounded
    "--js-flags=--expose-gc",  # so that what is garbage is not counted as memory
)
FAKE_CAMERA = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
WRITTEN = "[data-testid=stApp][data-test-script-state=notRunning]"
"""Matches when Streamlit has written a page to its end."""
PATIENCE = 150_000  # milliseconds, of a page and of the server


@contextmanager
def app(workspace: Path, script: Path = ROOT / "Home.py") -> Iterator[str]:
    """Start the app on a workspace, or another ``script`` of Streamlit, and yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    environment = os.environ | {"SEAMLENS_WORKSPACE": str(workspace.resolve())}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + PATIENCE / 1000
        while not _is_healthy(address):
            if time.monotonic() > end or process.poll() is not None:
                raise RuntimeError(f"The app did not start at {address}.")
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def _is_healthy(address: str) -> bool:
    try:
        urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()
    except OSError:
        return False
    return True


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """Start a Chromium, with more flags."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise SystemExit(f"No Chromium is on the path ({', '.join(NAMES)}). Install one.")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags])
        yield running
        running.close()


@contextmanager
def visitor(browser: Browser, address: str, script: Path | None = None, **options: object) -> Iterator[Page]:
    """Open ``address`` as a new visitor, whose browser has nothing in its cache yet.

    ``script`` runs in the page before anything else; ``options`` are those of a Playwright context.
    """
    context = browser.new_context(**{"viewport": {"width": 1400, "height": 1000}, **options})
    if script:
        context.add_init_script(path=script)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    yield page
    context.close()

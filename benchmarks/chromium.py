"""The app on a workspace, as `streamlit run Home.py` starts it, and its labelling page in Chromium."""

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
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
SCRIPT = Path(__file__).with_name("labelling.js")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-precise-memory-info",  # otherwise the size of the heap is rounded
    "--js-flags=--expose-gc",  # so that what is garbage is not counted as memory
)
STARTS = 150  # seconds that the server may take
PATIENCE = 120_000  # milliseconds


@contextmanager
def serving(workspace: Path) -> Iterator[str]:
    """Start the app on a workspace and yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "streamlit", "run", "Home.py", "--server.port", str(port)]
    environment = os.environ | {"SEAMLENS_WORKSPACE": str(workspace)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """Start a Chromium, with more flags."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit(f"This benchmark needs a Chromium ({', '.join(NAMES)}); there is none on the path.")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=[*FLAGS, *flags])
        yield running
        running.close()


@contextmanager
def labelling_page(browser: Browser, address: str, annotator: str) -> Iterator[Page]:
    """Open the Label page for an annotator: a visitor of its own, whose browser has nothing in its cache yet.

    The page has ``window.bench`` (`labelling.js`); a frame is in view, of whichever video the page chose.
    """
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.add_init_script(path=SCRIPT)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/Label?annotator={annotator}")
    page.wait_for_selector(".stage canvas")
    page.evaluate("bench.ready()")
    yield page
    context.close()


def saved(page: Page) -> None:
    """Wait until the page says that every label is stored."""
    page.locator(".safe", has_text="✓ saved").wait_for()


def renderer_megabytes(browser: Browser) -> float:
    """Return the resident memory of the largest process that renders pages: the tab."""
    session = browser.new_browser_cdp_session()
    processes: list[dict[str, Any]] = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return max(_resident(process["id"]) for process in processes if process["type"] == "renderer")


def _resident(process: int) -> float:
    answer = subprocess.run(["ps", "-o", "rss=", "-p", str(process)], capture_output=True, text=True)
    return float(answer.stdout or 0) * 1024 / 1e6


def _wait_until_healthy(address: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + STARTS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the app did not start at {address}")

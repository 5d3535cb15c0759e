"""Make the pictures of the README: ``python docs/screenshots.py [WORKSPACE]``.

Without a workspace the demo class is made and a network trained first, which takes some minutes. Needs Chromium and
the packages of requirements-dev.txt.
"""

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core.exchange.lookup_table import read_table
from core.labels.labels import record_table
from core.workspace import open_workspace

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
SIZE = {"width": 1400, "height": 900}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
PAGES = ("Videos", "Label", "Balance", "Train", "Test", "Live")
# The bars of error and break stand beside the live picture; whether one is bright past its middle.
DEFECT = """() => {
    const video = document.querySelector("video");
    if (!video.videoWidth) return false;
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth; canvas.height = video.videoHeight;
    const context = canvas.getContext("2d");
    context.drawImage(video, 0, 0);
    const scale = canvas.width / 872, at = y => context.getImageData(scale * 800, scale * y, 1, 1).data;
    if (at(130)[2] < 170 && at(216)[1] < 130) return false;
    video.pause();
    return true;
}"""
VIDEO_LEFT, DONE = (
    17,
    130,
)  # a video that the demo class leaves to the user, and how much of it the pictures show
PATIENCE = 120_000  # milliseconds


def main() -> None:
    """Prepare a workspace, start the app on it, and take one picture per page."""
    parser = argparse.ArgumentParser(description="Make the pictures of the README.")
    parser.add_argument(
        "workspace", type=Path, nargs="?", help="one with a trained run (default: a new demo class)"
    )
    given = parser.parse_args().workspace
    with tempfile.TemporaryDirectory() as folder:
        workspace = given or demo_class(Path(folder) / "demo-class")
        label_truly(workspace)
        with served(workspace) as address, chromium() as browser:
            for scheme in ("light", "dark"):
                for name in ("", *PAGES):
                    take(browser, address, name, scheme)
        with served(Path(folder) / "empty") as address, chromium() as browser:
            take(browser, address, "", "light", "welcome")


def demo_class(path: Path) -> Path:
    """Make the demo class and train the default network on it."""
    for command in (["demo"], ["train"], ["test", "latest"]):
        subprocess.run([sys.executable, "-m", "core", "--workspace", path, *command], cwd=ROOT, check=True)
    return path


def take(browser: Browser, address: str, name: str, scheme: str, called: str = "") -> None:
    """Open a page, do on it what makes it worth a look, and write its picture."""
    page = browser.new_page(viewport=SIZE, color_scheme=scheme)  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/{name}?annotator={'Ada' if scheme == 'light' else 'Ben'}")
    settle(page)
    if name == "Label":
        label(page, scheme)
    if name == "Live":
        play(page)
    page.mouse.move(0, 0)
    settle(page)
    file = PICTURES / f"{called or name.lower() or 'home'}{'' if scheme == 'light' else '-dark'}.png"
    page.screenshot(path=file)
    page.close()
    print(file.relative_to(ROOT))


def label(page: Page, scheme: str) -> None:
    """Label the video that was left for the user, with what is true of it; take a picture while painting, too."""
    page.locator(".frame").wait_for()
    page.get_by_label("Video", exact=True).select_option(index=VIDEO_LEFT - 1)
    page.get_by_role("img", name=re.compile(f"of seam_{VIDEO_LEFT}$")).wait_for()
    box = page.get_by_label("Timeline").bounding_box()
    page.mouse.click(box["x"] + box["width"] * (DONE - 0.5) / 200, box["y"] + 8)
    page.wait_for_timeout(1500)  # the frames ahead come in
    for key in ("Shift+S", *["ArrowRight"] * 6):
        page.keyboard.press(key)
    page.wait_for_timeout(800)
    if scheme == "light":
        page.screenshot(path=PICTURES / "label-painting.png")
    for key in ("z", "z", "z", "z", "Escape"):
        page.keyboard.press(key)


def label_truly(workspace: Path) -> None:
    """Give two annotators the first labels of the video that was left for the user, as its truth says."""
    opened = open_workspace(workspace)
    key = f"seam_{VIDEO_LEFT}"
    rows = read_table(workspace / "truth" / f"{key}_truth.csv", opened.attributes.names).rows.head(DONE)
    rows = rows[list(opened.attributes.names)].assign(video=key, index=range(DONE))
    for annotator in ("Ada", "Ben"):
        record_table(opened, annotator, rows)


def play(page: Page) -> None:
    """Choose the first held-out video as the source, start it, and wait until the network speaks."""
    page.get_by_role("combobox", name="Source").click()
    page.get_by_role("option", name="held out").first.click()
    page.get_by_text("Press Start,").wait_for()
    page.frame_locator("iframe").get_by_role("button", name="Start").click()
    page.get_by_text("ms old when it is first drawn").wait_for()
    video = next(frame for frame in page.frames if "streamlit_webrtc" in frame.url)
    with suppress(TimeoutError):  # a picture without a defect is better than none
        video.wait_for_function(DEFECT, polling=40, timeout=60_000)


def settle(page: Page) -> None:
    """Wait until the page is written, its charts drawn and its pictures loaded."""
    page.wait_for_selector("h1")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_selector("[data-testid=stSkeleton]", state="detached")
    page.wait_for_load_state("networkidle")
    page.wait_for_function("[...document.images].every(image => image.complete)")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def served(workspace: Path) -> Iterator[str]:
    """Run the app on a workspace and give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "Home.py", "--server.port", str(port)],
        cwd=ROOT,
        env=os.environ | {"SEAMLENS_WORKSPACE": str(workspace.resolve())},
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()
                break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


if __name__ == "__main__":
    main()

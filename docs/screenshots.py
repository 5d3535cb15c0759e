"""Make the pictures of the README: ``python -m docs.screenshots [WORKSPACE]``.

The workspace has a trained run. Without one the demo class is made and a network trained first, which takes some
minutes. Needs Chromium and the packages of requirements-dev.txt.
"""

import os
import re
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Browser, Page, TimeoutError

from benchmarks.chromium import FAKE_CAMERA, ROOT, WRITTEN, app, chromium, visitor
from core.export import engines
from core.labels.labels import record_table
from core.lookup_tables.lookup_table import read_table
from core.workspace import open_workspace

PICTURES = ROOT / "docs" / "pictures"
PAGES = ("Videos", "Label", "Balance", "Train", "Test", "Live", "Workspace")
VIDEO_LEFT, DONE = 17, 130
"""A video that the demo class leaves to the user, and how many of its frames are labelled in the pictures."""


def main(workspace: Path | None) -> None:
    """Prepare a workspace, start the app on it, and take one picture per page."""
    with tempfile.TemporaryDirectory() as folder, chromium(*FAKE_CAMERA) as browser:
        workspace = workspace or demo_class(Path(folder) / "demo-class")
        label_truly(workspace)
        os.environ[engines.VARIABLE] = (
            "keras"  # nothing is looked for meanwhile, beside what the pictures show
        )
        with app(workspace) as address:
            for scheme in ("light", "dark"):
                for name in ("", *PAGES):
                    take(browser, f"{address}/{name}", name.lower() or "home", scheme)
        with app(Path(folder) / "empty") as address:
            take(browser, address, "welcome", "light")


def demo_class(path: Path) -> Path:
    """Make the demo class and train the default network on it."""
    for command in (["demo"], ["train"], ["test", "latest"]):
        subprocess.run([sys.executable, "-m", "core", "--workspace", path, *command], cwd=ROOT, check=True)
    return path


def take(browser: Browser, address: str, name: str, scheme: str) -> None:
    """Open a page, do on it what makes it worth a look, and write its picture."""
    annotator = "Ada" if scheme == "light" else "Ben"
    look = {"viewport": {"width": 1400, "height": 900}, "color_scheme": scheme}
    with visitor(browser, f"{address}?annotator={annotator}", **look) as page:
        settle(page)
        if name == "label":
            label(page, scheme)
        if name == "live":
            play(page)
        if name == "workspace":
            check(page)
        page.mouse.move(0, 0)
        page.locator("h1").first.scroll_into_view_if_needed()
        settle(page)
        page.screenshot(path=PICTURES / f"{name}{'' if scheme == 'light' else '-dark'}.png")
    print(name, scheme)


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
    settle(page)
    page.frame_locator("iframe").get_by_role("button", name="Start").click()
    page.get_by_text("Pictures per s").first.wait_for()
    with suppress(TimeoutError):  # a picture without a defect is better than none
        page.locator(".verdict .word", has_text=re.compile("error|break")).first.wait_for(timeout=60_000)
    page.get_by_role("button", name="Pause / play").click()


def check(page: Page) -> None:
    """Check the workspace, and wait for what is found."""
    page.get_by_role("button", name="Check the workspace").click()
    page.get_by_text("Checked at").wait_for()


def settle(page: Page) -> None:
    """Wait until the page is written, its charts drawn and its pictures loaded."""
    page.wait_for_selector("h1")
    page.wait_for_selector(WRITTEN)
    page.wait_for_selector("[data-testid=stSkeleton]", state="detached")
    page.wait_for_load_state("networkidle")
    page.wait_for_function("[...document.images].every(image => image.complete)")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else None)

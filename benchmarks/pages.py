"""The Train page in Chromium, before and while a training runs on the same cores.

A changed control is the way of the split; the page is written anew from top to bottom. Its time is taken by the clock of the
browser, from the press until the new words stand there and the page is written to its end.

- rerun_ms: of a changed control while nothing trains; median.
- rerun_training_ms: while a training runs; median. Bar: at most 300.
- rerun_training_slowest_ms: the slowest of these.
- first_progress_s: from the press on “Start training” until the page shows a step. Bar: at most 15.

python -m benchmarks.pages [--json] [--rounds N]

A round is two changed controls on each side.
"""

import re
import statistics
import tempfile
from pathlib import Path
from time import perf_counter

from playwright.sync_api import Browser, Page

from benchmarks import chromium
from benchmarks.report import report
from core.demo.make import make_demo
from core.jobs import jobs
from core.labels.consensus import consensus
from core.splits import split
from core.workspace import Workspace

SEED, EPOCHS = 1, 1000
WAYS = {"By blocks": "Stretches of each video train", "By video": "Whole videos train"}
"""The two ways that are chosen in turn, and how the words about each begin."""
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
CHANGED = """([press, words]) => new Promise(resolve => {
    const app = document.querySelector("[data-testid=stApp]"), begun = performance.now();
    const look = () => {
        if (app.dataset.testScriptState === "notRunning" && document.body.innerText.includes(words)) {
            observer.disconnect();
            resolve(performance.now() - begun);
        }
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, {attributes: true, childList: true, characterData: true, subtree: true});
    [...document.querySelectorAll("button")].find(button => button.innerText.trim() === press).click();
})"""


def split_class(folder: Path) -> Workspace:
    """Make a small demo class, split by video."""
    workspace = make_demo(folder, SEED, 8, 100).workspace
    split.store(workspace, split.split_by_video(consensus(workspace)))
    return workspace


def opened(browser: Browser, address: str) -> Page:
    """Open the Train page, written to its end."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(chromium.PATIENCE)
    page.goto(f"{address}/Train")
    page.get_by_role("button", name="Start training").wait_for()
    page.wait_for_selector(SETTLED)
    return page


def changed(page: Page, rounds: int) -> list[float]:
    """Return the milliseconds of each change of the way, ``2 * rounds`` of them, after one round to warm up."""
    found: list[float] = []
    for _ in range(rounds + 1):
        for way, words in WAYS.items():
            page.wait_for_selector(SETTLED)
            found.append(float(page.evaluate(CHANGED, [way, words])))
    return found[len(WAYS) :]


def start(page: Page) -> float:
    """Start a training that does not end by itself; return the seconds until the page shows a step of it."""
    box = page.get_by_label("Epochs", exact=True)
    box.fill(str(EPOCHS))
    box.press("Enter")
    page.wait_for_selector(SETTLED)
    begun = perf_counter()
    page.get_by_role("button", name="Start training").click()
    page.get_by_text(re.compile(r"step [1-9][\d,]* of")).first.wait_for()
    return perf_counter() - begun


def measure(rounds: int) -> dict[str, float]:
    """Measure a page without a training, then with one."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        workspace = split_class(Path(scratch) / "class")
        with chromium.serving(workspace.path) as address, chromium.chromium() as browser:
            page = opened(browser, address)
            alone = changed(page, rounds)
            try:
                first = start(page)
                beside = changed(page, rounds)
            finally:
                for run in jobs.all_active(workspace):
                    jobs.kill(run)
    return {
        "rerun_ms": statistics.median(alone),
        "rerun_training_ms": statistics.median(beside),
        "rerun_training_slowest_ms": max(beside),
        "first_progress_s": first,
    }


if __name__ == "__main__":
    report(__doc__, measure)

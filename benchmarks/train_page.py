"""The Train page in Chromium, before and while a training runs on the same cores.

A changed control is the way of the split; the page is written anew from top to bottom. Its time is taken by the clock of the
browser, from the press until the new words stand there and the page is written to its end.

- rerun_ms: of a changed control while nothing trains; median.
- rerun_training_ms: while a training runs; median. Bar: at most 300.
- rerun_training_slowest_ms: the slowest of these.
- first_progress_s: from the press on “Start training” until the page shows a step. Bar: at most 15.

A round is two changed controls on each side.
"""

import re
from pathlib import Path
from statistics import median

from playwright.sync_api import Page

from benchmarks.chromium import WRITTEN, app, chromium, visitor
from benchmarks.harness import demo_class, main, scratch_folder, seconds
from core.jobs import jobs, slots
from core.labels.consensus import consensus
from core.splits import stored_split
from core.splits.make_split import split_by_video
from core.workspace import Workspace

EPOCHS = 1000  # more than there is time for
WAYS = {"By blocks": "Each video is cut into stretches", "By video": "Each video is used for training"}
"""The two ways that are chosen in turn, and how the words about each begin."""
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
    workspace = demo_class(folder, 8, 100)
    stored_split.store(workspace, split_by_video(consensus(workspace)))
    return workspace


def changed(page: Page, rounds: int) -> list[float]:
    """Return the milliseconds of each change of the way, ``2 * rounds`` of them, after one round to warm up."""
    times: list[float] = []
    for _ in range(rounds + 1):
        for way, words in WAYS.items():
            page.wait_for_selector(WRITTEN)
            times.append(float(page.evaluate(CHANGED, [way, words])))
    return times[len(WAYS) :]


def start(page: Page) -> None:
    """Start the training, and wait until the page shows a step of it."""
    page.get_by_role("button", name="Start training").click()
    page.get_by_text(re.compile(r"step [1-9][\d,]* of")).first.wait_for()


def measure(rounds: int) -> dict[str, float]:
    """Measure a page without a training, then with one that does not end by itself."""
    with scratch_folder() as folder:
        workspace = split_class(folder)
        with (
            app(workspace.path) as address,
            chromium() as browser,
            visitor(browser, f"{address}/Train") as page,
        ):
            page.get_by_role("button", name="Start training").wait_for()
            for folded in ("Which frames train and test", "Advanced"):
                page.get_by_text(folded).first.click()
            alone = changed(page, rounds)
            box = page.get_by_label("Epochs", exact=True)
            box.fill(str(EPOCHS))
            box.press("Enter")
            page.wait_for_selector(WRITTEN)
            try:
                first = seconds(lambda: start(page))
                beside = changed(page, rounds)
            finally:
                for run in slots.all_active(workspace):
                    jobs.kill(run)
    return {
        "rerun_ms": median(alone),
        "rerun_training_ms": median(beside),
        "rerun_training_slowest_ms": max(beside),
        "first_progress_s": first,
    }


if __name__ == "__main__":
    main(__doc__, measure)

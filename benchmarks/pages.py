"""Every page in Chromium, on a class with a trained and tested network: what moves while it is written, and how soon it answers.

- shift: how much of the window moves by itself, by how far, as the Layout Instability API counts it: all of it added up, for a
  new visitor until the page is at rest, and for a page that is reached by the navigation. The larger one. Bar: under 0.05.
- change_ms: from the press on the navigation until the first change of words or elements on the page. Bar: under 250.
- page_ms: from the press on the navigation until the page's own heading stands there.
- widget_ms: the same as `change_ms`, from the press on a switch, a tab or a fold of the page. Bar: under 250.

Figures are medians over the rounds. SEAMLENS_RUN names the folder of a run whose workspace is shown; without it a small network is
trained for a minute.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page

from benchmarks.chromium import FAKE_CAMERA, WRITTEN, app, chromium, visitor
from benchmarks.harness import main, scratch_folder, trained_run
from core.evaluation import evaluate

Figures = dict[str, float]

SCRIPT = Path(__file__).with_suffix(".js")
WIDGETS = {
    "Home": "",
    "Videos": "[role=tab] >> nth=1",
    "Label": ".toggle",
    "Balance": "[role=tab] >> nth=1",
    "Train": "[data-testid=stExpander] summary",
    "Test": "[role=tab] >> nth=1",
    "Live": "[role=radio] >> nth=1",
    "Workspace": "",
}
"""The pages, and what is pressed on each: nothing that begins work."""


@contextmanager
def visited(browser: Browser, address: str, name: str) -> Iterator[Page]:
    """Open a page as a new visitor and wait until it is at rest."""
    path = "" if name == "Home" else name
    with visitor(browser, f"{address}/{path}?annotator=Ada", SCRIPT, permissions=["camera"]) as page:
        at_rest(page)
        yield page


def at_rest(page: Page) -> None:
    """Wait until a page is written, and nothing has changed on it for a second."""
    page.wait_for_selector("h1")
    page.wait_for_selector(WRITTEN)
    page.evaluate("seamlensPages.rest(1000, 10000)")


def measure_page(browser: Browser, address: str, name: str) -> Figures:
    """Measure a page once."""
    with visited(browser, address, name) as page:
        figures = {"shift": page.evaluate("seamlensPages.shift()")}
        if WIDGETS[name]:
            page.locator(f"[data-testid=stMain] {WIDGETS[name]}").first.click()
            figures["widget_ms"] = page.evaluate("seamlensPages.changed()")
    other = "Videos" if name == "Home" else "Home"
    with visited(browser, address, other) as page:
        before = page.evaluate("seamlensPages.shift()")
        page.get_by_test_id("stSidebarNavLink").filter(has_text=name).first.click()
        figures["change_ms"] = page.evaluate("seamlensPages.changed()")
        heading = "SeamLens" if name == "Home" else name
        figures["page_ms"] = page.evaluate("heading => seamlensPages.headed(heading)", heading)
        at_rest(page)
        figures["shift"] = max(figures["shift"], page.evaluate("seamlensPages.shift()") - before)
    return figures


def measure(rounds: int) -> dict[str, Figures]:
    """Measure each page so many times, after one round to warm up."""
    with scratch_folder() as folder:
        run = trained_run(folder)
        if run.test is None:
            evaluate.test(run)
        with app(run.workspace.path) as address, chromium(*FAKE_CAMERA) as browser:
            times = [
                {name: measure_page(browser, address, name) for name in WIDGETS} for _ in range(rounds + 1)
            ]
    return {
        name: {figure: median(each[name][figure] for each in times[1:]) for figure in times[0][name]}
        for name in WIDGETS
    }


if __name__ == "__main__":
    main(__doc__, measure, {"--rounds": {"default": 3, "help": "the figures are medians of so many rounds"}})

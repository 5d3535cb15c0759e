"""What axe-core finds on the pages, in both themes: nothing."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.runs.settings import TrainSettings
from core.training.create_run import create_run
from core.workspace import Workspace, create
from tests.browser.conftest import PATIENCE, ROOT, settled
from tests.helpers import tiny_class
from tests.helpers.fake_predictions import foretell
from tests.helpers.page_files import PAGES

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
ADDRESSES = [page.removesuffix(".py").partition("_")[2] for page in PAGES]
TABS = "[data-testid=stMain] [data-testid=stTabs] [role=tab]"
EXCEPTIONS = [
    # Streamlit gives the place for files a role for drag and drop, and a name beside it.
    ("presentation-role-conflict", "[data-testid=stFileUploaderDropzone]"),
]
"""Rules and selectors of what Streamlit makes and a page cannot mend."""
FOUND = """async (exceptions) => {
    const isExcepted = (id, {element}) => exceptions.some(([rule, selector]) => id === rule && element?.matches(selector));
    const {violations} = await axe.run({resultTypes: ["violations"], elementRef: true});
    return violations.flatMap(({id, nodes}) => nodes.filter(node => !isExcepted(id, node)).map(({target, html}) =>
        `${id}: ${target} ${html.slice(0, 200)}`));
}"""

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]  # a minute: the server loads TensorFlow


@pytest.fixture(scope="module")
def script() -> str:
    if not AXE.is_file() and os.environ.get("CI"):
        pytest.fail("axe-core is not installed, and under CI this test must run")
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm install")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture
def trained(tmp_path: Path) -> Workspace:
    """A class whose tested network is often wrong of spots."""
    workspace = tiny_class.make(tmp_path / "workspace")
    settings = TrainSettings(network="seam_lite", size=(tiny_class.SIDE, tiny_class.SIDE), leaking=True)
    run = create_run(workspace, settings)
    tiny_class.say_always(run, 0.4)
    foretell(run, {(f"video_{video}_{frame}", "spot"): 0.45 for video in range(5) for frame in (0, 3)})
    return workspace


@pytest.mark.parametrize("kind", ["empty", "trained"])
def test_axe_finds_nothing(
    kind: str, script: str, request: pytest.FixtureRequest, tmp_path: Path,
    serve: Callable[[Path], str], open_page: Callable[..., Page],
) -> None:  # fmt: skip
    expect.set_options(timeout=PATIENCE)
    is_trained = kind == "trained"
    workspace = request.getfixturevalue("trained") if is_trained else create(tmp_path / "workspace")
    address = serve(workspace.path)
    page = open_page(address)
    found = []
    for name in ADDRESSES:
        page.emulate_media(color_scheme="light")
        page.goto(f"{address}/{name}?annotator=teacher")
        found += [
            f"{where}: {violation}" for where in views(page, name) for violation in violations(page, script)
        ]
    assert not found, "\n".join(found)


def views(page: Page, name: str) -> Iterator[str]:
    """Show a page in both themes, and then each of its tabs."""
    drawn(page)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        expect(page.locator("[data-testid=stApp]")).to_have_css("color-scheme", theme)
        drawn(page)
        yield f"{name or 'Home'} {theme}"
    tabs = page.locator(TABS)
    for place in range(1, tabs.count()):
        tabs.nth(place).click()
        drawn(page)
        yield f"{name} {tabs.nth(place).inner_text()}"


def drawn(page: Page) -> None:
    """Wait until a page is written, and its pictures are there."""
    settled(page)
    for unfinished in ("stSkeleton", "stSpinner"):
        page.wait_for_selector(f"[data-testid={unfinished}]", state="detached", timeout=PATIENCE)
    page.wait_for_function("[...document.images].every(image => image.complete)", timeout=PATIENCE)


def violations(page: Page, script: str) -> list[str]:
    """Return a line for each violation that is not among the exceptions."""
    page.evaluate(script)
    found: list[str] = page.evaluate(FOUND, EXCEPTIONS)
    return found

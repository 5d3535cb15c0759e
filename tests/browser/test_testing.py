"""The Test page as a student goes it: thresholds first, then the test, then a mistake that was a wrong label."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.evaluation import thresholds
from core.runs.run import Run
from core.runs.settings import TrainSettings
from core.training.create_run import create_run
from tests.browser.conftest import PATIENCE, settled
from tests.helpers import tiny_class

SAID = 0.4


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run that was not tested. Its network, which has learned nothing, says 0.4 of everything."""
    settings = TrainSettings(network="seam_lite", size=(tiny_class.SIDE, tiny_class.SIDE), leaking=True)
    made = create_run(tiny_class.make(tmp_path / "class"), settings)
    tiny_class.say_always(made, SAID)
    return made


@pytest.mark.long  # 40 s: the server loads TensorFlow
@pytest.mark.timeout(600)
def test_from_a_threshold_to_a_label_that_has_changed(
    run: Run, serve: Callable[[Path], str], open_page: Callable[..., Page]
) -> None:
    expect.set_options(timeout=PATIENCE)
    page = open_page(f"{serve(run.workspace.path)}/Test?annotator=teacher")
    choose_threshold(page)
    assert run.test is None
    assert run.thresholds.tolist() == [0.5, 0.2, 0.5]

    page.get_by_role("button", name=re.compile("Test on 12 frames of 1")).click()
    expect(page.get_by_text("Tested on")).to_be_visible()
    assert run.test and run.test.attributes["spot"].metrics["recall"] == 1
    assert thresholds.sentence(run.tuning.changed_after_test).startswith("Thresholds were never changed")

    relabel(page)
    page.get_by_role("tab", name="Result").click()
    expect(page.get_by_text("1 label has changed since")).to_be_visible()


def choose_threshold(page: Page) -> None:
    """Choose the threshold of spot for a missed one that costs a hundred false alarms: all that is said is true then."""
    page.get_by_text("Choose thresholds before the test").click()
    page.get_by_role("radio", name="spot").click()
    expect(page.get_by_text("One missed spot counts as … false alarms")).to_be_visible()
    cost = page.get_by_test_id("stSlider").first
    cost.get_by_role("slider").press("End")
    expect(cost.get_by_test_id("stSliderThumbValue")).to_have_text("100")
    expect(page.get_by_text("cost at each threshold").last).to_be_visible()  # beside one that goes
    settled(page)
    page.get_by_role("button", name="Cheapest: 0.200").click()
    page.get_by_role("button", name="Use 0.200 for “spot”").click()
    expect(page.get_by_text("1 change so far")).to_be_visible()
    settled(page)


def relabel(page: Page) -> None:
    page.get_by_role("tab", name="Mistakes").click()
    page.get_by_role("button", name=re.compile("^Change label to ")).first.click()
    expect(page.get_by_text("now ")).to_be_visible()
    settled(page)

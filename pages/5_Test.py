"""Accuracy per attribute on videos that the network has never seen, and its mistakes with their heatmaps."""

from core.model.run import Run
from ui import calibration, evidence, honesty, mistakes, run_pairing, testing, thresholds, untested
from ui.page import empty, page
from ui.tabs import Sections, tabs

BEFORE = {"Thresholds": thresholds.section, "Calibration": calibration.section}
AFTER = {
    "Accuracy": testing.accuracy,
    "Mistakes": mistakes.section,
    "Heatmaps": evidence.section,
    **BEFORE,
    "Compare": run_pairing.section,
    "Honesty": honesty.section,
}


def fitting(sections: Sections, run: Run) -> Sections:
    """Leave out the thresholds of classes, of which the most probable one is decided."""
    return {
        name: draw for name, draw in sections.items() if name != "Thresholds" or not run.attributes.exclusive
    }


with page("Test", "How well a network does on seams that it has never seen, and where it errs.") as workspace:
    run = testing.choose(workspace)
    if run is None:
        empty("fact_check", "There is nothing to test yet", "Train a network first.", "pages/4_Train.py",
              "Train a network")  # fmt: skip
    elif run.test is None:
        untested.section(run)
        tabs(fitting(BEFORE, run), "untested_tabs", workspace, run)
    else:
        testing.tested_on(run)
        tabs(fitting(AFTER, run), "test_tabs", workspace, run)

"""Accuracy per attribute on videos that the network has never seen, and its mistakes with their heatmaps."""

from core.runs.run import Run
from ui.shell.page import empty, page
from ui.shell.widgets import Sections, tabs
from ui.test import accuracy, calibration, compare, heatmaps, mistakes, not_tested, thresholds, validity

BEFORE = {"Thresholds": thresholds.section, "Calibration": calibration.section}
AFTER = {
    "Accuracy": accuracy.accuracy,
    "Mistakes": mistakes.section,
    "Heatmaps": heatmaps.section,
    **BEFORE,
    "Compare": compare.section,
    "Honesty": validity.section,
}


def fitting(sections: Sections, run: Run) -> Sections:
    """Leave out the thresholds of classes, of which the most probable one is decided."""
    return {
        name: draw for name, draw in sections.items() if name != "Thresholds" or not run.attributes.exclusive
    }


with page("Test", "How well a network does on seams that it has never seen, and where it errs.") as workspace:
    run = accuracy.choose(workspace)
    if run is None:
        empty("fact_check", "There is nothing to test yet", "Train a network first.", "pages/4_Train.py",
              "Train a network")  # fmt: skip
    elif run.test is None:
        not_tested.section(run)
        tabs(fitting(BEFORE, run), "untested_tabs", workspace, run)
    else:
        accuracy.tested_on(run)
        tabs(fitting(AFTER, run), "test_tabs", workspace, run)

"""Accuracy per attribute on videos that the network has never seen, and its mistakes with their heatmaps."""

from ui import calibration, evidence, honesty, mistakes, test_comparing, testing, thresholds, untested
from ui.page import empty, page
from ui.tabs import tabs

BEFORE = {"Thresholds": thresholds.section, "Calibration": calibration.section}
AFTER = {
    "Accuracy": testing.accuracy,
    "Mistakes": mistakes.section,
    "Heatmaps": evidence.section,
    **BEFORE,
    "Compare": test_comparing.section,
    "Honesty": honesty.section,
}

with page("Test", "How well a network does on seams that it has never seen, and where it errs.") as workspace:
    run = testing.choose(workspace)
    if run is None:
        empty("fact_check", "There is nothing to test yet", "Train a network first.", "pages/4_Train.py",
              "Train a network")  # fmt: skip
    elif run.test is None:
        untested.section(run)
        tabs(BEFORE, "untested_tabs", workspace, run)
    else:
        testing.tested_on(run)
        tabs(AFTER, "test_tabs", workspace, run)

"""How accurate a network is on videos that it has never seen, and its mistakes with their heatmaps."""

import streamlit as st

from ui.shell.page import empty, page
from ui.shell.widgets import tabs
from ui.test import (
    accuracy,
    calibration,
    compare_predictions,
    heatmaps,
    mistakes,
    run_header,
    thresholds,
    validity,
)

LEAD = "How well does a network do on seams that it has never seen, and where is it wrong?"

with page("Test", LEAD) as workspace:
    run = run_header.choose(workspace)
    choices = {"Thresholds": thresholds.section, "Calibration": calibration.section}
    if run is not None and run.attributes.exclusive:
        del choices["Thresholds"]  # of classes the most probable one is decided
    if run is None:
        train = "pages/4_Train.py", "Train a network"
        empty("fact_check", "Nothing to test yet", "Train a network first.", *train)
    elif run.test is None:
        run_header.not_tested(run)
        tabs(choices, "untested_tabs", workspace, run)
    else:
        run_header.tested_on(run)
        st.empty()  # moves these tabs below the place of an untested run's, whose open tab the browser would keep
        sections = {
            "Accuracy": accuracy.section,
            "Mistakes": mistakes.section,
            "Heatmaps": heatmaps.section,
            **choices,
            "Compare": compare_predictions.section,
            "Validity": validity.section,
        }
        tabs(sections, "test_tabs", workspace, run)

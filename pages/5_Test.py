"""Accuracy per attribute on videos that the network has never seen, and its mistakes with their heatmaps."""

import streamlit as st

from ui import calibration, evidence, gap, mistakes, models, test_comparing, testing, thresholds
from ui.page import empty, page

with page("Test", "How well a network does on seams that it has never seen, and where it errs.") as workspace:
    found = models.usable(workspace)
    if not found:
        empty("fact_check", "There is nothing to test yet", "Train a network first.", "pages/4_Train.py",
              "Train a network")  # fmt: skip
    else:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            run = models.choose(found, "test_run")
            other = test_comparing.choose(found, run)
            testing.download(run)
        result = testing.result(run)
        testing.accuracy(run, result)
        testing.labels_of_now(run, result)
        testing.origin_of_labels(run)
        if other:
            test_comparing.section(run, other)
        thresholds.section(run)
        calibration.section(run)
        mistakes.section(workspace, run)
        evidence.section(run)
        gap.section(workspace, run)

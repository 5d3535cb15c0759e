"""How good a network is on videos that it has never seen, and its mistakes with their heatmaps."""

import streamlit as st

from ui.elements.widgets import tabs
from ui.shell.page import empty, has_tensorflow, page
from ui.test import expert_sections, mistakes, result, run_header, trust

LEAD = "How good is a network on seams that it has never seen, and where is it wrong?"

with page("Test", LEAD) as workspace:
    has_tensorflow()
    run = run_header.choose(workspace)
    if run is None:
        train = "pages/4_Train.py", "Train a network"
        empty("fact_check", "Nothing to test yet", "Train a network first.", *train)
    elif run.test is None:
        run_header.not_tested(run)
        expert_sections.before_the_test(workspace, run)
    else:
        run_header.tested_on(run)
        st.empty()  # moves these tabs below the place of what an untested run has there
        sections = {
            "Result": result.section,
            "Mistakes": mistakes.section,
            "Trust": trust.section,
            "More": expert_sections.section,
        }
        tabs(sections, "test_tabs", workspace, run)

"""What a network decided of the stitches' length beside the stitch ruler, on the Test page."""

import streamlit as st

from core.evaluation.evaluate import predictions
from core.review.stitch_lengths import length_attribute, said
from core.runs.predictions import column
from core.runs.run import Run
from core.workspace import Workspace
from ui.shell import stitch_lengths as lengths


def section(workspace: Workspace, run: Run) -> None:
    """Write the test videos in which ruler and network differ."""
    length = length_attribute(run.attributes)
    if length is None:
        return
    st.markdown("The stitch ruler knows no network. Where the two differ, one of them is wrong.")
    tested = predictions(run, part="test")
    decided = tested[column(length.name)] >= run.thresholds[run.attributes.names.index(length.name)]
    lengths.section(workspace, length, said(tested["video"], decided), "decided", "Test")

"""How far a result can be trusted, on the Test page: is the test honest, and does the network look at the seam?"""

import streamlit as st

from core.evaluation import thresholds
from core.evaluation.label_changes import changed_labels
from core.runs import run_parts
from core.runs.run import Run
from core.splits import leaks
from core.workspace import Workspace
from ui.elements.numbers import number
from ui.shell.page import errors_shown
from ui.test import cached, heatmaps


@errors_shown()
def section(workspace: Workspace, run: Run) -> None:
    """Write a line for each reason why the result may be too optimistic, then where the network looks."""
    changed, times = changed_labels(run), run.tuning.changed_after_test
    reasons = (
        _split(run),
        cached.suggested(run),
        (not changed.relabelled, changed.sentence() or UNCHANGED),
        (not times, thresholds.sentence(times)),
    )
    is_valid = all(is_fine for is_fine, _ in reasons)
    st.header("Is the test honest?", anchor=False)
    st.markdown(
        "Nothing makes this result too optimistic:" if is_valid else "This result may be too optimistic:"
    )
    for is_fine, sentence in reasons:
        st.markdown(f"{FINE if is_fine else DOUBTFUL} {sentence}")
    heatmaps.section(workspace, run)


UNCHANGED = (
    "No label of the test frames has changed since the training, or after a network was first tested on them."
)
FINE, DOUBTFUL = (
    ":gray[:material/check:]",
    ":orange[:material/warning:]",
)  # an honest test of a bad network is not green


def _split(run: Run) -> tuple[bool, str]:
    if leaking := leaks.sentence(run.leak):
        return False, leaking
    mark, tested = run.config.leak, run_parts.frames_counted(run, "test")
    alike = int(mark["leaking_test_frames"]) if mark else 0
    resemble = (
        f"{number(alike)} of them {'resembles' if alike == 1 else 'resemble'}"
        if alike
        else "None of them resembles"
    )
    duplicates = f" {resemble} a training picture." if mark else ""
    is_unseen = run_parts.is_unseen(run, "test")
    frames = "no frame" if is_unseen else "other frames"
    return is_unseen, f"The network trained on {frames} of the test videos ({tested}).{duplicates}"

"""Why a result may be too optimistic, on the Test page: the split, the labels, and thresholds chosen after the test."""

from typing import Any

import streamlit as st

from core.evaluation import thresholds
from core.evaluation.label_changes import changes_since
from core.labels import provenance
from core.runs import describe
from core.runs.run import Run
from core.splits import leaks
from core.workspace import Workspace
from ui.shell import cache
from ui.shell.page import errors_shown
from ui.test import split_gap


@errors_shown()
def section(workspace: Workspace, run: Run) -> None:
    """Write a line for each reason why the result may be too optimistic, and the gap to a random split."""
    reasons = (_split(run), _suggested(run), _relabelled(run), _thresholds(run))
    is_valid = all(is_fine for is_fine, _ in reasons)
    st.markdown(
        "Nothing suggests that this result is too optimistic:"
        if is_valid
        else "Why this result may be too optimistic:"
    )
    for is_fine, sentence in reasons:
        st.markdown(f"{GOOD if is_fine else DOUBTFUL} {sentence}")
    split_gap.section(workspace, run)


UNCHANGED = (
    "No label of the test frames has changed since the training, or after a network was first tested on them."
)
GOOD, DOUBTFUL = ":green[:material/check_circle:]", ":orange[:material/warning:]"


def _split(run: Run) -> tuple[bool, str]:
    if leaking := leaks.sentence(run.leak):
        return False, leaking
    mark, tested = run.config.leak, describe.counted(run, "test")
    duplicates = (
        f" {mark['leaking_test_frames']:,} of them have a near-duplicate in training." if mark else ""
    )
    if describe.is_unseen(run, "test"):
        return True, f"The network trained on no frame of the test videos ({tested}).{duplicates}"
    return False, f"The network trained on other frames of the test videos ({tested}).{duplicates}"


def _suggested(run: Run) -> tuple[bool, str]:
    return _origin_of_labels(str(run.path), run, cache.data_version(run.workspace))


@st.cache_data(max_entries=8, show_spinner=False)
def _origin_of_labels(path: str, _run: Run, stamp: tuple[Any, ...]) -> tuple[bool, str]:
    tested = _run.frames.loc[_run.frames["part"] == "test", "name"]
    found = provenance.suggested(_run.workspace, tested)
    return not found["suggested"].any(), provenance.sentence(found)


def _relabelled(run: Run) -> tuple[bool, str]:
    changed = changes_since(run)
    return not changed.relabelled, changed.sentence() or UNCHANGED


def _thresholds(run: Run) -> tuple[bool, str]:
    times = run.tuning.changed_after_test
    return not times, thresholds.sentence(times)

"""What may flatter the numbers of a test, on the Test page: the split, the labels, and whoever chose thresholds by it."""

from typing import Any

import streamlit as st

from core.evaluation import thresholds
from core.evaluation.label_changes import relabelled
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
    """Write a line for each thing that can make a test kinder than a new seam, and the gap to a random split."""
    st.markdown("What can make a test kinder than a new seam will be:")
    for kind, sentence in (_split(run), _suggested(run), _relabelled(run), _thresholds(run)):
        st.markdown(f"{GOOD if kind else DOUBTFUL} {sentence}")
    split_gap.section(workspace, run)


UNCHANGED = "No label of the test frames has changed since it was trained, or after a network was first tested on them."
GOOD, DOUBTFUL = ":green[:material/check_circle:]", ":orange[:material/warning:]"


def _split(run: Run) -> tuple[bool, str]:
    if said := leaks.sentence(run.leak):
        return False, said
    mark, tested = run.config.leak, describe.counted(run, "test")
    twins = f"{mark['leaking_test_frames']:,} of them have a twin in training." if mark else ""
    if describe.is_unseen(run, "test"):
        return True, f"No frame of the videos of the test part ({tested}) trained the network. {twins}"
    return False, f"Videos of the test part ({tested}) trained the network with other frames. {twins}"


def _suggested(run: Run) -> tuple[bool, str]:
    return _origin_of_labels(str(run.path), run, cache.stamp(run.workspace))


@st.cache_data(max_entries=8, show_spinner=False)
def _origin_of_labels(path: str, _run: Run, stamp: tuple[Any, ...]) -> tuple[bool, str]:
    tested = _run.frames.loc[_run.frames["part"] == "test", "name"]
    found = provenance.suggested(_run.workspace, tested)
    return not found["suggested"].any(), provenance.sentence(found)


def _relabelled(run: Run) -> tuple[bool, str]:
    changed = relabelled(run)
    return (
        not changed.since_seen,
        changed.sentence() or UNCHANGED,
    )


def _thresholds(run: Run) -> tuple[bool, str]:
    times = run.tuning.changed_after_test
    return not times, thresholds.sentence(times)

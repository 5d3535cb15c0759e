"""What the class does not need first, on the Test page: another network beside this one, thresholds, calibration, the split gap,
the stitch ruler, the export.
"""

from collections.abc import Callable

import streamlit as st

from core.review.stitch_lengths import length_attribute
from core.runs.run import Run
from core.workspace import Workspace
from ui.elements import widgets
from ui.test import calibration, compare_predictions, export, split_gap, stitch_lengths, thresholds

SECTIONS: dict[str, Callable[[Workspace, Run], None]] = {
    "Compare": compare_predictions.section,
    "Thresholds": thresholds.section,
    "Calibration": calibration.section,
    "Split gap": split_gap.section,
    "Stitches": stitch_lengths.section,
    "Export": export.section,
}
BEFORE = {
    "Thresholds": "Choose thresholds before the test (for experts)",
    "Calibration": "Is 80 % really 80 %? (for experts)",
}


def section(workspace: Workspace, run: Run) -> None:
    """Write the choice of a section, and the chosen one."""
    names = [name for name in SECTIONS if _is_for(run, name)]
    SECTIONS[widgets.choice(st, "Section", names, "test_more")](workspace, run)


def before_the_test(workspace: Workspace, run: Run) -> None:
    """Write, folded, what can be chosen on the validation part before the test part was seen."""
    for name, title in BEFORE.items():
        if _is_for(run, name):
            folded = st.expander(
                title, icon=":material/tune:", key=f"untested_{name.lower()}", on_change="rerun"
            )
            if folded.open:
                with folded:
                    SECTIONS[name](workspace, run)


def _is_for(run: Run, name: str) -> bool:
    """Return whether a section makes sense: of classes the most probable one is decided, without a threshold."""
    if name == "Stitches":
        return length_attribute(run.attributes) is not None and not run.attributes.exclusive
    return name != "Thresholds" or not run.attributes.exclusive

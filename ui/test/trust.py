"""How far a result can be trusted, on the Test page: the reasons for and against it, and whether the network looks at the seam."""

import streamlit as st

from core.evaluation.label_changes import changed_labels
from core.evaluation.verdict import TITLES
from core.report.trust import Reason
from core.runs.run import Run
from core.workspace import Workspace
from ui.elements import verdicts
from ui.elements.markdown import Markdown, md
from ui.shell import cache
from ui.shell.page import errors_shown
from ui.test import heatmaps

FINE = ":gray[:material/check:]"  # an honest test of a bad network is not green


@errors_shown()
def section(workspace: Workspace, run: Run) -> None:
    """Write how far the result can be trusted and each reason, then where the network looks."""
    st.header("Can you trust the numbers?", anchor=False)
    trusts = cache.trusts(run)
    for trust in trusts:
        title = Markdown(f"**{TITLES[trust.origin]}**  \n" if len(trusts) > 1 else "")
        st.markdown(f"{md(title)}{md(trust.sentence)}")
        for reason in trust.reasons:
            st.markdown(_line(reason))
    if changed_labels(run).labels:
        st.caption(changed_labels(run).sentence())
    heatmaps.section(workspace, run)


def _line(reason: Reason) -> str:
    mark = FINE if reason.state == "good" else verdicts.TRUST[reason.state]
    return f"{mark} {reason.sentence}."

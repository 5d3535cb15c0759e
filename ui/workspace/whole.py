"""Whether the workspace is whole: the check, what it found, and the repair."""

from collections.abc import Callable
from datetime import datetime

import streamlit as st

from core.files import Progress
from core.maintenance.check import Report, check, repair
from core.maintenance.findings import Finding
from core.text import count
from core.workspace import Workspace
from ui.shell.page import fragment, is_instructor
from ui.shell.widgets import progress_bar

REPORT = "workspace_report"
SHOWN = 50


@fragment
def section(workspace: Workspace) -> None:
    """Write the button of the check and what the last one found."""
    st.header("Is it whole?", anchor=False)
    st.markdown(
        "Compares labels, pictures, originals, runs and the split. It changes nothing, and everyone can work on meanwhile."
    )
    buttons = st.container(horizontal=True)
    if buttons.button("Check the workspace", type="primary", icon=":material/health_and_safety:"):
        _run(workspace, check)
    if REPORT in st.session_state:
        findings = st.container()
        _offer_repair(workspace)
        with findings:
            _show(*st.session_state[REPORT])


def _offer_repair(workspace: Workspace) -> None:
    report: Report = st.session_state[REPORT][0]
    mendable = sum(finding.mend is not None for finding in report.findings)
    if mendable and not is_instructor(workspace):
        st.caption("Only instructors can repair.")
    elif mendable:
        place = st.empty()
        if place.button(f"Repair {count(mendable, 'finding')}", icon=":material/build:", key="repair"):
            _run(workspace, repair)
            place.empty()


def _run(workspace: Workspace, how: Callable[[Workspace, Progress], Report]) -> None:
    bar = st.empty()
    with bar.container():
        report = how(workspace, progress_bar("Pictures"))
    bar.empty()
    st.session_state[REPORT] = report, datetime.now()


def _show(report: Report, when: datetime) -> None:
    at = f"Checked at {when:%H:%M}."
    if report.repaired:
        st.success(f"{count(len(report.repaired), 'finding')} repaired.", icon=":material/build:")
    if report.is_whole:
        st.success(f"The workspace is whole. {at}", icon=":material/check_circle:")
    else:
        st.warning(f"{count(len(report.findings), 'finding')}. {at}", icon=":material/error:")
    for finding in report.findings[:SHOWN]:
        _finding(finding)
    if len(report.findings) > SHOWN:
        st.caption(f"And {len(report.findings) - SHOWN:,} more: `python -m core check` lists all.")
    for note in report.notes:
        st.caption(f":material/info: {note}")


def _finding(finding: Finding) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**`{finding.where}`** {finding.problem}")
        st.caption(f":material/build: {finding.repair}" if finding.repair else finding.advice)

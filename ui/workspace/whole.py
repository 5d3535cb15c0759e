"""Whether the workspace is whole: the check, what it found, and the repair."""

from collections.abc import Callable
from datetime import datetime

import streamlit as st

from core.jobs.background import BACKGROUND, Task
from core.maintenance.check import Report, check_workspace, repair
from core.maintenance.findings import Finding
from core.text import count
from core.workspace import Workspace
from ui.elements.markdown import code, md
from ui.shell import background_jobs
from ui.shell.page import annotator, fragment, is_instructor

KEY = "check"
"""Of the job: a check and a repair never run at the same time."""
SHOWN = 50


@fragment
def section(workspace: Workspace) -> None:
    """Write the button of the check and what the last one found."""
    st.header("Is it whole?", anchor=False)
    st.markdown(
        "Compares labels, pictures, originals, runs and the split. It changes nothing, and everyone can work on meanwhile."
    )
    buttons = st.container(horizontal=True)
    if buttons.button("Check the workspace", type="primary", icon=":material/health_and_safety:",
                      disabled=background_jobs.is_running(workspace, KEY)):  # fmt: skip
        background_jobs.begin_and_rerun(
            workspace, _task(workspace, "Checking the workspace", check_workspace)
        )
    job = BACKGROUND.latest(workspace, KEY)
    if job and job.state == "done" and job.ended_at:
        report: Report = job.result
        findings = st.container()
        _offer_repair(workspace, report)
        with findings:
            at = f"Checked at {datetime.fromtimestamp(job.ended_at):%H:%M}."
            if job in BACKGROUND.ended(workspace, annotator()):  # what came of it stands above
                st.caption(at)
            else:
                _result(report, at)
            _findings(report)


def _offer_repair(workspace: Workspace, report: Report) -> None:
    mendable = sum(finding.mend is not None for finding in report.findings)
    if mendable and not is_instructor(workspace):
        st.caption("Only instructors can repair.")
    elif mendable and st.button(
        f"Repair {count(mendable, 'finding')}", icon=":material/build:", key="repair"
    ):
        background_jobs.begin_and_rerun(workspace, _task(workspace, "Repairing the workspace", repair))


def _task(workspace: Workspace, title: str, how: Callable[..., Report]) -> Task:
    return Task(KEY, title, ("Workspace",), how, (workspace,), _sentences)


def _sentences(report: Report) -> list[str]:
    repaired = [f"{count(len(report.repaired), 'finding')} repaired."] if report.repaired else []
    whole = "The workspace is whole." if report.is_whole else f"{count(len(report.findings), 'finding')}."
    return [" ".join([*repaired, whole])]


def _result(report: Report, at: str) -> None:
    if report.repaired:
        st.success(f"{count(len(report.repaired), 'finding')} repaired.", icon=":material/build:")
    if report.is_whole:
        st.success(f"The workspace is whole. {md(at)}", icon=":material/check_circle:")
    else:
        st.warning(f"{count(len(report.findings), 'finding')}. {md(at)}", icon=":material/error:")


def _findings(report: Report) -> None:
    for finding in report.findings[:SHOWN]:
        _finding(finding)
    if len(report.findings) > SHOWN:
        st.caption(f"And {len(report.findings) - SHOWN:,} more: `python -m core check` lists all.")
    for note in report.notes:
        st.caption(f":material/info: {md(note)}")


def _finding(finding: Finding) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{code(finding.where)}** {md(finding.problem)}")
        st.caption(f":material/build: {md(finding.repair)}" if finding.repair else md(finding.advice))

"""The top of the Test page: the choice of a run, its report, and which frames it was or will be tested on."""

import streamlit as st

from core.evaluation import evaluate, verdict
from core.jobs.background import Task
from core.report import html_report
from core.runs import run_names, run_parts
from core.runs.results import TestResult
from core.runs.run import Run
from core.runs.run_store import damaged_runs
from core.splits import leaks
from core.workspace import Workspace
from ui.elements.markdown import md
from ui.server.downloads import download_link
from ui.shell import background_jobs, downloads, roles, run_choice
from ui.shell.page import errors_shown

SPLITS = {"random": "shuffled at random", "blocks": "divided into blocks of each video"}
WHY = "Press Test."
AGAIN = "It was trained further since its last test. Its test part was seen then, so changes of thresholds are counted."


def choose(workspace: Workspace) -> Run | None:
    """Write the choice of a run and the button of its report; return the run, none where there is none."""
    runs = run_choice.testable(workspace)
    if not runs and not damaged_runs(workspace):
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run = run_choice.choose(workspace, runs, "test_run")
        _rename(run)
        _report(run)
    return run


def _rename(run: Run) -> None:
    if not roles.may_change(run):
        return
    with st.popover("Rename", icon=":material/edit:"):
        run_choice.rename_form(run, "test_run")


@st.fragment
@errors_shown()
def _report(run: Run) -> None:
    """Write the button that has a report written, and the one that downloads it."""
    key = f"report {run.id}"
    if st.button("Report", icon=":material/description:", disabled=background_jobs.is_running(run.workspace, key),
                 help="All of this on paper: one HTML file to read, print and keep."):  # fmt: skip
        background_jobs.begin_and_rerun(run.workspace, _writing(run, key))
    if ready := downloads.prepared(run.workspace, key):
        file, whole, _ = ready
        download_link(f"Download the report of {whole:%H:%M}", file, "text/html", is_primary=True)


def _writing(run: Run, key: str) -> Task:
    name, file = run_names.short(run), downloads.new_file(run.workspace, key, f"{run.id}.html")
    words = [f"The report about {name} is ready to download."]
    return Task(
        key, f"Writing the report about {name}", ("Test",), html_report.write_report, (run, file), lambda _: words,
        downloads.removal_unless_done(file),
    )  # fmt: skip


@errors_shown()
def not_tested(run: Run) -> None:
    """Write the button that tests ``run``, which was not tested yet."""
    if not (run.frames["part"] == "test").any():
        st.info("The test part of this run is empty. Split again and train.", icon=":material/info:")
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="large"):
        with st.container():
            why = AGAIN if run.tuning.seen else WHY
            st.markdown(f"**Not tested yet.** {md(why)}")
            if run.is_alive:
                words = "It is still training: the test is of its best epoch so far."
                st.caption(f":material/hourglass_top: {md(words)}")
        test_button(run)


def test_button(run: Run, key: str = "test_now") -> None:
    """Write the button that tests ``run``."""
    words, job = f"Test on {run_parts.unseen(run, 'test')}", f"test {run.id}"
    if st.button(words, type="primary", icon=":material/fact_check:", key=key,
                 disabled=background_jobs.is_running(run.workspace, job)):  # fmt: skip
        name = run_names.short(run)

        def tell(result: TestResult) -> list[str]:
            return [f"{name} is tested. {verdict.headline(result).sentence}"]

        task = Task(job, f"Testing {name}", ("Test",), evaluate.test, (run,), tell)
        background_jobs.begin_and_rerun(run.workspace, task)


def tested_on(run: Run) -> None:
    """Say which frames the run was tested on, and whether the network can have learned from similar ones."""
    counted = run_parts.frames_counted(run, "test")
    if warning := leaks.sentence(run.leak):
        st.error(f"{md(warning)} The test part: {md(counted)}.", icon=":material/water_drop:")
    elif run_parts.is_unseen(run, "test"):
        st.caption(f"Tested on {md(counted)} that the network has never seen.")
    else:
        how = SPLITS.get(run.config.split.by, "divided by a table")
        st.warning(f"Tested on {md(counted)}. The frames were {md(how)}, so the network may have trained on neighbours of test "
                   "frames: expect less on a new seam.", icon=":material/warning:")  # fmt: skip
    if run.is_alive:
        words = "It is still training: these are the numbers of its best epoch so far."
        st.info(words, icon=":material/hourglass_top:")
    if not run.has_model:
        st.warning("The network of this run is gone: its numbers stay, new heatmaps cannot be made.",
                   icon=":material/cloud_off:")  # fmt: skip

"""The progress of a series of runs, and what to do when it ended early."""

import streamlit as st

from core.evaluation import evaluate
from core.jobs import jobs, series, slots
from core.jobs.background import Task
from core.jobs.series import Kind, Plan, Series
from core.runs.records import RunStatus
from core.text import count, duration, percent
from core.workspace import Workspace
from ui.elements.markdown import md
from ui.shell import background_jobs, roles
from ui.shell.page import annotator, errors_shown


def begin(workspace: Workspace, kind: Kind, plan: Plan, page: str) -> None:
    """Start a series, and write the page anew; making its runs is a job where it takes long."""
    id = series.new_id(kind)

    def at_end(is_done: bool) -> str:
        if not is_done:
            series.withdraw(workspace, kind, id)
        return ""

    given = workspace, kind, plan, annotator(), id
    task = Task(f"start {kind}", "Preparing the networks", (page,), series.start, given, lambda _: [], at_end)
    background_jobs.begin_unless_quick(workspace, task)
    st.rerun()


@st.fragment(run_every=2)
@errors_shown()
def wait(workspace: Workspace, kind: Kind, id: str) -> None:
    """Show how far a series is, and run the page again when it has ended."""
    slots.advance(workspace)
    running = next((each for each in series.find(workspace, kind) if each.id == id), None)
    if running is None or not running.is_going:
        st.rerun()
    number = min(running.of, 1 + sum(run.state == "done" for run in running.runs))
    st.markdown("You can leave this page; training continues.")
    st.progress(
        running.share,
        f"Network {md(number)} of {md(running.of)} · {percent(running.share)}{md(_left(running))}",
    )
    help = f"Stops all {running.of} trainings."
    if roles.may_change(running.runs[0]) and st.button(
        "Stop", icon=":material/stop:", key=f"stop_{kind}", help=help
    ):
        series.stop(running)
        st.rerun()


def tested(workspace: Workspace, done: Series, title: str, page: str) -> bool:
    """Return whether all runs of a series were tested; the networks look at their test parts once, in the background."""
    if all(run.test is not None for run in done.runs):
        return True
    key = f"test {done.id}"

    def tell(many: int) -> list[str]:
        return [f"{title}: done, with {count(many, 'network')}."]

    task = Task(key, title, (page,), evaluate.test_each, (done.runs,), tell)
    if background_jobs.begin_by_itself(workspace, task, "Test the networks"):
        st.caption("The networks look at the videos that they have not seen.")
    return False


def broken(newest: Series) -> None:
    """Say why a series ended early, with the buttons that continue or delete it."""
    run = newest.broken[0]
    words = f"Network {run.series.number} of {newest.of} is {run.state}. {run.status.error or ''}"
    st.warning(words, icon=":material/pause_circle:")
    if not roles.may_change(run):
        return
    row = st.container(horizontal=True)
    if row.button("Continue", type="primary", icon=":material/play_arrow:", key=f"resume_{newest.kind}",
                  help="Finished epochs are kept."):  # fmt: skip
        for stopped in newest.broken:
            jobs.resume(stopped)
        st.rerun()
    if row.button("Cancel and delete", icon=":material/delete:", key=f"remove_{newest.kind}",
                  help="Deletes its networks."):  # fmt: skip
        series.remove(newest)
        st.rerun()


def how_long(workspace: Workspace, network: str, epochs: int) -> str | None:
    """Say how long so many epochs take in all, judged by the last training here; None where there was none."""
    seconds = series.seconds_per_epoch(workspace, network)
    if seconds is None:
        return None
    return f"About {duration(epochs * seconds, roughly=True)}, judging by the last training on this computer."


def _left(running: Series) -> str:
    status = next((run.status for run in running.runs if run.state == "running"), RunStatus())
    left, done = status.remaining, status.done
    if left is None or done >= 1:
        return ""
    waiting = sum(run.state == "queued" for run in running.runs)
    return f" · about {duration(left + waiting * left / (1 - done), roughly=True)} left"

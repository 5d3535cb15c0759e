"""A series of runs on a page: how far it is, and what to do when it ended early."""

import streamlit as st

from core.jobs import jobs, series
from core.jobs.series import Kind, Series
from core.runs.records import RunStatus
from core.text import percent
from core.workspace import Workspace
from ui.shell.page import errors_shown


@st.fragment(run_every=2)
@errors_shown()
def wait(workspace: Workspace, kind: Kind, id: str) -> None:
    """Write how far a series is, and run the page anew when it has ended."""
    jobs.advance(workspace)
    going = next((one for one in series.find(workspace, kind) if one.id == id), None)
    if going is None or not going.is_going:
        st.rerun()
    number = min(going.of, 1 + sum(run.state == "done" for run in going.runs))
    st.markdown("You can leave this page; the networks go on learning.")
    st.progress(going.share, f"Network {number} of {going.of} · {percent(going.share)}{_left(going)}")
    if st.button("Stop", icon=":material/stop:", key=f"stop_{kind}", help=f"Ends all {going.of} networks."):
        series.stop(going)
        st.rerun()


def broken(newest: Series) -> None:
    """Say why a series ended early, with the buttons that go on or give it up."""
    run = newest.broken[0]
    st.warning(
        f"It has ended early: network {run.series.number} of {newest.of} is {run.state}. "
        f"{run.status.error or ''}",
        icon=":material/pause_circle:",
    )
    row = st.container(horizontal=True)
    if row.button(
        "Go on",
        type="primary",
        icon=":material/play_arrow:",
        key=f"resume_{newest.kind}",
        help="What is learned already is kept.",
    ):
        for stopped in newest.broken:
            jobs.resume(stopped)
        st.rerun()
    if row.button(
        "Give it up", icon=":material/delete:", key=f"remove_{newest.kind}", help="Removes its networks."
    ):
        series.remove(newest)
        st.rerun()


def how_long(workspace: Workspace, network: str, epochs: int) -> str | None:
    """Say how long so many epochs take altogether, by the last training here; none where there was none."""
    seconds = series.seconds_per_epoch(workspace, network)
    return (
        None
        if seconds is None
        else f"About {roughly(epochs * seconds)}, by the last training on this computer."
    )


def roughly(seconds: float) -> str:
    """Return seconds in words, to the minute where it is more than one."""
    return (
        duration(seconds if seconds < 60 else 60 * round(seconds / 60))
        .removesuffix(" 0 s")
        .removesuffix(" 0 min")
    )


def duration(seconds: float) -> str:
    """Return seconds in words: ``40 s``, ``2 min 10 s``, ``1 h 5 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _left(going: Series) -> str:
    """Say how long it still takes, as soon as that can be told."""
    status = next((run.status for run in going.runs if run.state == "running"), RunStatus())
    left, done = status.remaining, status.done
    if left is None or done >= 1:
        return ""
    waiting = sum(run.state == "queued" for run in going.runs)
    return f" · about {roughly(left + waiting * left / (1 - done))} left"

"""The training of the Train page: start, watch, stop, and the table of runs."""

from typing import Any

import pandas as pd
import streamlit as st

from core.model import jobs, networks, runs, testing
from core.workspace import Workspace
from ui import charts, splitting
from ui.page import errors_shown, flash

RUNNING = ("running", "starting")
STATES = {
    "running": "learning", "starting": "starting", "waiting": "waiting", "queued": "queued", "done": "done", "stopped": "stopped",
    "failed": "failed", "interrupted": "interrupted",
}  # fmt: skip
ACCURACY = "val_{}_accuracy"


def start_section(workspace: Workspace) -> str:
    """Write the choice of the network and the button that starts the training; return the network's name."""
    st.subheader("2 · Network", anchor=False)
    exclusive = workspace.attributes.exclusive
    offered = [n for n in networks.NETWORKS.values() if n.exclusive <= exclusive]
    left, right = st.columns([2, 3], gap="large")
    with left:
        chosen = st.selectbox("Network", offered, format_func=lambda n: n.name, label_visibility="collapsed")
        st.caption(f"{chosen.description} {chosen.costs}")
    with right, errors_shown():
        row = st.container(horizontal=True, vertical_alignment="bottom")
        epochs = row.number_input(
            "Epochs", 1, 1000, chosen.recipe.epochs, key=f"epochs_{chosen.name}", width=130
        )
        minutes = row.number_input("At most minutes", 0.0, 600.0, 0.0, step=1.0, format="%g", width=150,
                                   help="A lesson has an end: training stops then, its best epoch kept. 0: no limit.")  # fmt: skip
        seed = row.number_input("Seed", 0, 9999, 0, key="train_seed", width=110)
        busy = any(run.state in RUNNING for run in runs.list_runs(workspace))
        started = row.button("Start training", type="primary", icon=":material/play_arrow:", disabled=busy)
        insists = _insists(workspace)
        if started:
            settings = runs.TrainSettings(
                chosen.name, int(epochs), minutes or None, int(seed), leaking=insists
            )
            run = jobs.start(workspace, settings)
            flash(f"Run {run.id} has started.")
            st.rerun()
    return chosen.name


def _insists(workspace: Workspace) -> bool:
    """Ask, where the split leaks, whether to train on it all the same."""
    leak = splitting.leak(workspace)
    if leak is None or not leak.is_leaking:
        return False
    return st.checkbox(
        "Train on a leaking split", key="train_leaking",
        help=f"{leak.meter:.0f} % of the test frames have a twin in training, so the test will say more than the network "
             "can do. The run and its test keep the mark for ever.",
    )  # fmt: skip


def watch_section(workspace: Workspace) -> None:
    """Write the curves of the run that is learning, or of the newest one."""
    jobs.advance(workspace)
    found = runs.list_runs(workspace)
    if not found:
        return
    st.subheader("3 · Learning", anchor=False)
    running = next((run for run in found if run.state in RUNNING), None)
    if running:
        _live(workspace, running.id)
    else:
        _progress(found[0])
        _curves(found[0])
        _table(found)


@st.fragment(run_every=1)
@errors_shown()
def _live(workspace: Workspace, run_id: str) -> None:
    run = runs.get_run(workspace, run_id)
    if run.state not in RUNNING:
        flash(f"Run {run.id}: {STATES[run.state]}.")
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        _progress(run)
        if st.button(
            "Stop", icon=":material/stop:", help="Ends after the current step; the best epoch is kept."
        ):
            jobs.stop(run)
            st.toast("The training ends after its current step.", icon=":material/stop:")
    _curves(run)
    _table(runs.list_runs(workspace))


def _progress(run: runs.Run) -> None:
    status: dict[str, Any] = run.status
    epochs = status.get("epochs") or 1
    done = min(1.0, float(status.get("done", 0) or 0))
    left = status.get("remaining")
    doing = status.get("phase") if run.state == "running" else None
    words = f"**{run.id}** · {doing or STATES.get(run.state, run.state)} · epoch {status.get('epoch', 0)} of {epochs}"
    if run.state in RUNNING and left is not None:
        words += f" · about {duration(left)} left"
    st.progress(done if run.state in RUNNING else 1.0, words)
    if run.state == "failed":
        st.error(status.get("error") or "The training ended with an error; its log tells more.")


def _curves(run: runs.Run) -> None:
    history: pd.DataFrame = run.history
    if history.empty:
        st.caption("The curves begin with the end of the first epoch.")
        return
    left, right = st.columns(2, gap="medium")
    losses = {"loss": ("train", "#8a949b", "dot"), "val_loss": ("validate", "#1b8088", "solid")}
    with left:
        charts.show(charts.curves(history, losses, "loss"), f"loss_{run.id}", 300)
    lines = {ACCURACY.format(a.name): (a.name, a.colour, "solid") for a in run.attributes}
    with right:
        figure = charts.curves(history, lines, "accuracy on validation frames")
        figure.update_yaxes(tickformat=".0%")
        charts.show(figure, f"accuracy_{run.id}", 300)


def _table(found: list[runs.Run]) -> None:
    st.subheader("Runs", anchor=False)
    st.dataframe(
        pd.DataFrame([_row(run) for run in found]), hide_index=True,
        column_config={
            "Frames": st.column_config.NumberColumn(format="localized", help="Labelled frames in all parts"),
            "Accuracy": st.column_config.TextColumn(help="On the test part: the mean over the attributes, or the share of right classes; see Test"),
        },
    )  # fmt: skip


def _row(run: runs.Run) -> dict[str, Any]:
    status, test = run.status, run.test
    accuracy = testing.overall(test) if test else None
    return {
        "Run": run.id, "Network": run.network.name, "State": STATES.get(run.state, run.state),
        "Epochs": f"{status.get('epoch', 0)} of {status.get('epochs', '–')}",
        "Best epoch": (status.get("best") or {}).get("epoch"), "Frames": len(run.frames),
        "Split": run.config["split"]["by"] + (", leaking" if run.leak else ""), "Accuracy": "not tested" if accuracy is None else f"{accuracy:.1%}",
    }  # fmt: skip


def duration(seconds: float) -> str:
    """Return seconds in words: ``40 s``, ``2 min 10 s``, ``1 h 5 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"

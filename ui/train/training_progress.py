"""Trainings while they learn, on the Train page: how far they are, how to end them, and who is next."""

import math

import streamlit as st

from core.cluster.address import AUTO
from core.jobs import jobs, queue, series, slots
from core.runs import run_names
from core.runs import run_store as runs
from core.runs.run import ACTIVE, Run
from core.text import duration
from core.workspace import Workspace
from ui.elements.markdown import md
from ui.shell import roles
from ui.shell.page import errors_shown, flash, rerun_with
from ui.train import curves

STATES = {"running": "learning"}  # states whose word on screen is another

ENDS = {"done": "check_circle", "stopped": "pause_circle", "interrupted": "power_off"}
"""Icons of how a training ended; any other end is an error."""

States = tuple[tuple[str, str], ...]


def section(workspace: Workspace) -> None:
    """Write the trainings and the queue, and keep them fresh; the page runs anew when one begins or ends."""
    slots.advance(workspace)
    every = runs.list_runs(workspace)
    busy = any(run.state in ACTIVE for run in every)
    # Also with nothing to show: somebody may start a training in another browser.
    st.fragment(_live, run_every=1 if busy else 4)(workspace, _states(every))


def announce(run: Run) -> None:
    """Say that a run has been started or queued, and write the page anew."""
    rerun_with(started(run))


def started(run: Run) -> str:
    """Say that a run has been started or queued."""
    place = slots.place(run)
    return f"{run_names.short(run)} {f'is {queue.ordinal(place)} in the queue' if place else 'has started'}."


def _states(every: list[Run]) -> States:
    return tuple((run.id, run.state) for run in every)


@errors_shown()
def _live(workspace: Workspace, before: States) -> None:
    slots.advance(workspace)
    every = runs.list_runs(workspace)
    if (now := _states(every)) != before:
        _tell(dict(before), dict(now), {run.id: run_names.short(run) for run in every})
        st.rerun()
    active, queued = [run for run in every if run.state in ACTIVE], slots.waiting(workspace)
    if not every:
        st.caption("No run yet. Once you start one, you see its curves here and can compare it with others.")
    if active or queued:
        st.header("Learning", anchor=False)
    for run in active:
        _learning(run)
    _queue(workspace, active, queued)


def _tell(before: dict[str, str], now: dict[str, str], called: dict[str, str]) -> None:
    """Say which trainings have ended since the page was written."""
    for id, state in now.items():
        if before.get(id) in ACTIVE and state not in ACTIVE:
            flash(f"{md(called[id])}: {md(state)}.", ENDS.get(state, "error"))


def _learning(run: Run) -> None:
    status = run.status
    doing = "finishing" if run.is_stopping else status.phase if run.state == "running" else None
    with st.container(horizontal=True, vertical_alignment="center"):
        words = _joined(
            f"**{md(run_names.short(run))}**", doing or STATES.get(run.state, run.state),
            f"epoch {status.epoch} of {status.epochs or run.limits.epochs}",
            status.remaining is not None and f"about {duration(status.remaining)} left",
        )  # fmt: skip
        st.progress(min(1.0, status.done), words)
        if roles.may_change(run):
            _ends(run)
    pace = _joined(
        run.network.name, "on the cluster" if status.on else "", (user := run_names.owner(run)) and f"for {user}",
        f"step {status.step:,} of {status.steps:,}" if status.steps else "getting ready; the first step takes a few seconds",
        status.rate and f"{status.rate:,.0f} pictures per second",
        status.seconds and f"trained for {duration(status.seconds)}",
    )  # fmt: skip
    st.caption(pace)
    curves.section(run)


def _joined(*words: object) -> str:
    """Join what is not empty by dots."""
    return " · ".join(str(word) for word in words if word)


def _ends(run: Run) -> None:
    if st.button("Finish here", icon=":material/stop:", key=f"stop_{run.id}", disabled=run.is_stopping,
                 help="Stops now and keeps the best network. You can resume later, after the last finished epoch."):  # fmt: skip
        jobs.stop(run)
        st.toast("The training finishes after its current step.", icon=":material/stop:")
    with st.popover("Cancel", icon=":material/bolt:", type="tertiary"):
        st.markdown("Ends its process at once, for a training that hangs. Finished epochs are kept.")
        if st.button("Cancel the training", type="primary", key=f"kill_{run.id}"):
            jobs.kill(run)
            st.rerun()


def _queue(workspace: Workspace, active: list[Run], queued: list[Run]) -> None:
    if not queued:
        return
    waits = _waits(workspace, active, queued)
    with st.container(border=True, gap="xsmall"):
        for place, run in enumerate(queued, 1):
            row = st.container(horizontal=True, vertical_alignment="center")
            seconds = waits[run.id]
            begins = not math.isinf(seconds) and f"starts in about {duration(seconds, roughly=True)}"
            user = (name := run_names.owner(run)) and f"for {name}"
            row.markdown(
                _joined(
                    f"**{queue.ordinal(place)} in the queue**",
                    md(run_names.short(run)),
                    user and md(user),
                    begins,
                )
            )
            if roles.may_change(run) and row.button(
                "Withdraw", key=f"withdraw_{run.id}", type="tertiary", icon=":material/close:"
            ):
                jobs.stop(run)
                st.rerun()
        if len({run.config.user for run in queued}) > 1:
            st.caption("Users take turns: whoever trained last goes last.")


def _waits(workspace: Workspace, active: list[Run], queued: list[Run]) -> dict[str, float]:
    """Return in how many seconds each queued run will start, by its id: this computer and the cluster have slots of their own."""
    waits: dict[str, float] = {}
    for on in ("", AUTO):
        here, waiting = (
            [run for run in runs if bool(run.status.on) == bool(on)] for runs in (active, queued)
        )
        lengths = [_length(run) for run in waiting]
        seconds = queue.waits([_left(run) for run in here], lengths, slots.slots_on(workspace, on))
        waits |= {run.id: each for run, each in zip(waiting, seconds, strict=True)}
    return waits


def _left(run: Run) -> float:
    """Return how many seconds a training still takes; infinite where nothing says so."""
    left = run.status.remaining
    return _length(run) if left is None else float(left)


def _length(run: Run) -> float:
    """Return how many seconds a queued run takes, by earlier trainings of its network; infinite where there is none."""
    per_epoch = series.seconds_per_epoch(run.workspace, run.config.network)
    by_epochs = math.inf if per_epoch is None else per_epoch * (run.limits.epochs - len(run.history))
    return min(by_epochs, run.limits.minutes * 60 if run.limits.minutes else math.inf)

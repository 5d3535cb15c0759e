"""Jobs on the pages: begun with a click, shown in the sidebar of every page while they run, and told of when they have ended."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import streamlit as st

from core.access.rights import shown_name
from core.errors import SeamLensError
from core.jobs.background import BACKGROUND, Job, Line, Task
from core.runs import run_names
from core.runs.run import ACTIVE, Run
from core.runs.run_store import list_runs
from core.text import duration, percent
from core.workspace import Workspace
from ui.elements.markdown import md, md_lines
from ui.shell.page import HOME_FILE, annotator, errors_shown, flash, page_file, show_error

HOME = "SeamLens"
"""Title of Home."""

SHOWN = "jobs_shown"
"""Key of the session: the numbers of the jobs that the page shows."""

EVERY = 1.0
"""Seconds between two looks while something runs."""

ENDS = {
    "done": ":gray[:material/task_alt:]",  # a test that is done may be that of a network that guesses
    "cancelled": ":gray[:material/cancel:]",
    "failed": ":red[:material/error:]",
}


def begin(workspace: Workspace, task: Task) -> Job:
    """Begin a job for whoever is here; of one that runs already say so."""
    job, is_new = BACKGROUND.start(workspace, replace(task, user=annotator()))
    if not is_new:
        task.at_end(False)  # it needs nothing of what it was given
        whose = f", for {name}" if (name := _other(job)) else ""
        flash(f"This is going on already{md(whose)}: {md(job.task.title)}.", "hourglass_top")
    return job


def begin_and_rerun(workspace: Workspace, task: Task) -> None:
    """Begin a job, and write the page anew."""
    begin(workspace, task)
    st.rerun()


def begin_by_itself(workspace: Workspace, task: Task, again: str) -> bool:
    """Begin a job that a page needs, and write the page anew; return whether it is running.

    Where it has failed, or somebody has cancelled it, it begins with a click on a button called ``again``.
    """
    before = BACKGROUND.latest(workspace, task.key)
    if before and before.is_running:
        return True
    if before is None or st.button(again, icon=":material/refresh:", key=f"again {task.key}"):
        begin_and_rerun(workspace, task)
    return False


def begin_unless_quick(workspace: Workspace, task: Task) -> Any:
    """Do a task at once where that takes but a moment, and return its result; else begin its job, and write the page anew.

    Where the last time took longer it is not tried.
    """
    latest = BACKGROUND.latest(workspace, task.key)
    if (latest is None or latest.is_quick) and (quick := BACKGROUND.do_quickly(workspace, task)):
        return quick.result
    begin_and_rerun(workspace, task)
    return None


def result(
    workspace: Workspace, task: Task, again: str, outdated: float = 0.0, is_press_safe: bool = False
) -> Any:
    """Return what a page needs, of the data as they are (the ``version`` of the task), or none while a job computes it.

    It begins by itself, and the page is written anew. Where it has failed, or somebody has cancelled it, it begins with a click on
    a button called ``again``, if that is not empty.

    Args:
        workspace: of the data.
        task: computes it.
        again: label of the button.
        outdated: what is of earlier data is good enough while a job runs, and for so many seconds after one.
        is_press_safe: the page goes on to its end, or to `show_begun`, so that a press on a button below is not lost.
    """
    job = BACKGROUND.latest(workspace, task.key)
    if job is None or (job.is_quick and job.task.version != task.version):
        if quick := BACKGROUND.do_quickly(workspace, task):
            return quick.result
    elif job.is_running:
        return job.earlier if outdated else None
    elif job.state == "done":
        if job.task.version == task.version or time.time() - (job.ended_at or 0.0) < outdated:
            return job.result
    elif not again or not st.button(again, icon=":material/refresh:", key=f"again {task.key}"):
        return None
    new = begin(workspace, task)
    if not is_press_safe:
        st.rerun()
    return new.earlier if outdated else None


def show_begun(workspace: Workspace, title: str) -> None:
    """Write the page anew where a job was begun that it does not show yet."""
    if _numbers(workspace, title) != st.session_state.get(SHOWN):
        st.rerun()


def is_running(workspace: Workspace, key: str) -> bool:
    """Return whether a job with that key has not ended."""
    job = BACKGROUND.latest(workspace, key)
    return job is not None and job.is_running


def rerun_once(workspace: Workspace, holds: Callable[[], bool]) -> None:
    """Write the page anew as soon as ``holds()`` is true, which a job that runs may bring about."""

    @st.fragment(run_every=2 * EVERY if BACKGROUND.running(workspace) else None)
    def look() -> None:
        if holds():
            st.rerun()

    look()


def here(workspace: Workspace, title: str) -> None:
    """Write the jobs of the page called ``title``, and run it again when one of them has ended."""
    st.session_state[SHOWN] = numbers = _numbers(workspace, title)
    with st.container(key="jobs_here"):  # keeps the place of the fragment
        st.fragment(_here, run_every=EVERY if numbers else None)(workspace, title, numbers)


@errors_shown()
def _here(workspace: Workspace, title: str, before: tuple[int, ...]) -> None:
    if _numbers(workspace, title) != before:
        st.rerun()
    for job in BACKGROUND.ended(workspace, annotator()):
        if title in job.task.pages:
            _end(job)
    for job in _running_here(workspace, title):
        _running(job, "here")


def _running_here(workspace: Workspace, title: str) -> list[Job]:
    return [job for job in BACKGROUND.running(workspace) if title in job.task.pages]


def _numbers(workspace: Workspace, title: str) -> tuple[int, ...]:
    return tuple(job.number for job in _running_here(workspace, title))


def _end(job: Job) -> None:
    """Write what a job tells at its end, with a button that puts it away."""
    row = st.container(horizontal=True, vertical_alignment="center", key=f"end_of_job_{job.number}")
    with row.container():
        for line in job.lines:
            if isinstance(line, SeamLensError):
                show_error(line)
                continue
            st.info(md_lines(line), icon=f":material/{'cancel' if job.state == 'cancelled' else 'task_alt'}:")
    if row.button("Close", key=f"close_job_{job.number}", type="tertiary", icon=":material/close:"):
        job.is_read = True
        st.rerun()


def sidebar(workspace: Workspace, title: str) -> None:
    """Write what runs, for whoever it is, and what has ended for whoever is here and is not told on this page."""
    is_busy = bool(BACKGROUND.running(workspace) or _trainings(workspace))
    st.fragment(_sidebar, run_every=2 * EVERY if is_busy else None)(workspace, title)


@errors_shown()
def _sidebar(workspace: Workspace, title: str) -> None:
    for run in _trainings(workspace):
        _training(run)
    for job in BACKGROUND.running(workspace):
        _running(job, "aside")
    for job in BACKGROUND.ended(workspace, annotator()):
        if title not in job.task.pages and job.lines:
            with st.container(border=True, gap="xsmall", key=f"end_aside_{job.number}"):
                st.markdown(f"{ENDS[job.state]} {md(_words(job.lines[0]))}")
                file = page_file(job.task.pages[0])
                st.page_link(file, label=f"Go to {'Home' if file == HOME_FILE else md(job.task.pages[0])}")


def _trainings(workspace: Workspace) -> list[Run]:
    with suppress(SeamLensError):  # of a damaged run, which the pages of runs tell of
        return [run for run in list_runs(workspace) if run.state in ACTIVE]
    return []


def _training(run: Run) -> None:
    status = run.status
    left = f" · about {duration(status.remaining, roughly=True)} left" if status.remaining else ""
    words = f"{run_names.short(run)} is training: {percent(min(1.0, status.done))}{left}"
    with st.container(border=True, gap="xsmall", key=f"training_{run.id}"):
        st.progress(min(1.0, status.done), words)
        st.page_link(page_file("Train"), label="Watch the training")


def _running(job: Job, where: str) -> None:
    with st.container(border=True, gap="xsmall", key=f"job_{where}_{job.number}"):
        whom = f" for {name}" if (name := _other(job)) else ""
        head = st.container(horizontal=True, vertical_alignment="center")
        head.markdown(f"**{md(job.task.title)}**{md(whom)}", width="stretch")
        st.progress(job.share or 0.0, how_far(job))
        place = head if where == "here" else st  # the sidebar has no room beside the title
        if job.is_mine and place.button("Cancel", key=f"cancel_{where}_{job.number}", type="tertiary", icon=":material/close:",
                        disabled=job.is_cancelled):  # fmt: skip
            job.cancel()
            st.rerun(scope="fragment")


def _other(job: Job) -> str:
    """Return for whom a job is, if it is another person whose name who is here may read."""
    return "" if job.task.user == annotator() else shown_name(job.task.user)


def how_far(job: Job) -> str:
    """Return in words how far a running job is, and how long it will still take."""
    if job.is_cancelled:
        return "Cancelling …"
    if job.state == "waiting":
        return "Waits for its turn"
    if job.share is None:
        return "Getting ready …"
    left = f" · about {duration(job.left, roughly=True)} left" if job.left is not None else ""
    return f"{percent(job.share)}{left}"


def _words(line: Line) -> str:
    return (line.problem if isinstance(line, SeamLensError) else line).splitlines()[0]

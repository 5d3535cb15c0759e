"""Find rare frames on the Balance page: unlabelled frames in which the network expects a rare answer."""

from functools import partial

import streamlit as st

from core.assist import rare_frames, suggestions
from core.assist.rare_frames import RareAnswer, RareStretch
from core.jobs.background import BACKGROUND, Task
from core.runs.run import Run
from core.text import count
from core.workspace import Workspace
from ui.elements import widgets
from ui.elements.markdown import md
from ui.shell import background_jobs, cache, chart_frames, frames
from ui.shell.page import annotator, fragment


@fragment
def section(workspace: Workspace) -> None:
    """Write the button and what it found; nothing where there is no trained network or no rare answer."""
    run, rare = suggestions.suggesting_run(workspace), rare_frames.rare_answers(cache.balance(workspace))
    if run is None or not rare:
        return
    key = f"rare frames {run.id} {annotator()}"
    if st.button("Find rare frames", icon=":material/travel_explore:", disabled=background_jobs.is_running(workspace, key),
                 help=f"{md(run.id)} searches the unlabelled frames for answers that are still rare. The videos that it is "
                      "validated and tested on are left out."):  # fmt: skip
        background_jobs.begin_and_rerun(workspace, _task(workspace, run, rare, key))
    job = BACKGROUND.latest(workspace, key)
    if job is None or job.state != "done":
        return
    stretches: list[RareStretch] = job.result
    st.markdown(rare_frames.sentence(run, rare, stretches))
    widgets.gallery(stretches, rare_frames.MOST, partial(_card, workspace), border=False)
    if job.task.version != cache.data_version(workspace):
        st.caption("Labels have changed since. Search again for what is left.")


def _task(workspace: Workspace, run: Run, rare: list[RareAnswer], key: str) -> Task:
    def tell(stretches: list[RareStretch]) -> list[str]:
        return [f"{count(len(stretches), 'stretch', 'stretches')} of rare frames, below."]

    given = (workspace, run, rare, annotator())
    version = cache.data_version(workspace)
    return Task(
        key, "Searching for rare frames", ("Balance",), rare_frames.find_rare_frames, given, tell, version=version
    )  # fmt: skip


def _card(workspace: Workspace, stretch: RareStretch) -> None:
    table = frames.frames(workspace)
    within = table[(table["video"] == stretch.video) & table["index"].between(stretch.first, stretch.last)]
    file = within["file"].iloc[len(within) // 2] if len(within) else ""  # the video may be removed meanwhile
    frames.small(workspace.path / file, 240, f"A frame of {stretch.video}")
    cells = rare_frames.cells(stretch)
    st.markdown("**{attribute}** {answer} · {frames} frames, {sure} sure".format(**cells))
    chart_frames.label_link(stretch.video, stretch.first, f"Label {stretch.video} from frame {stretch.first}")

"""Find rare frames on the Balance page: unlabelled frames in which the network expects a rare answer."""

from functools import partial

import streamlit as st

from core.assist import rare_frames, suggestions
from core.assist.rare_frames import RareStretch
from core.workspace import Workspace
from ui.shell import cache, chart_frames, frames, widgets
from ui.shell.page import annotator, fragment

FOUND = "rare_frames"  # key of the session


@fragment
def section(workspace: Workspace) -> None:
    """Write the button and what it found; nothing where there is no trained network or no rare answer."""
    run, rare = suggestions.suggesting_run(workspace), rare_frames.rare_answers(cache.balance(workspace))
    if run is None or not rare:
        return
    who, version = (run.id, annotator()), cache.data_version(workspace)
    if st.button("Find rare frames", icon=":material/travel_explore:",
                 help=f"{run.id} searches the unlabelled frames for answers that are still rare. The videos that it is "
                      "validated and tested on are left out."):  # fmt: skip
        bar = widgets.progress_bar("Searching the videos")
        stretches = rare_frames.find_rare_frames(workspace, run, rare, annotator(), bar)
        st.session_state[FOUND] = who, version, rare_frames.sentence(run, rare, stretches), stretches
        st.rerun(scope="fragment")  # the bar goes
    searcher, then, sentence, stretches = st.session_state.get(FOUND, (None, None, "", []))
    if searcher != who:
        return
    st.markdown(sentence)
    widgets.gallery(stretches, rare_frames.MOST, partial(_card, workspace), border=False)
    if then != version:
        st.caption("Labels have changed since. Search again for what is left.")


def _card(workspace: Workspace, stretch: RareStretch) -> None:
    table = frames.frames(workspace)
    within = table[(table["video"] == stretch.video) & table["index"].between(stretch.first, stretch.last)]
    file = within["file"].iloc[len(within) // 2] if len(within) else ""  # the video may be removed meanwhile
    frames.small(workspace.path / file, 240, f"A frame of {stretch.video}")
    cells = rare_frames.cells(stretch)
    st.markdown("**{attribute}** {answer} · {frames} frames, {sure} sure".format(**cells))
    chart_frames.label_link(stretch.video, stretch.first, f"Label {stretch.video} from frame {stretch.first}")

"""Who labels which video, blind to the others, on the Balance page."""

import pandas as pd
import streamlit as st

from core.labels import assignments
from core.labels.labels import DRAWN, annotators
from core.media.library import videos
from core.text import count
from core.workspace import Workspace
from ui.balance.disputes import may_decide
from ui.shell.page import fragment, rerun_with

NONE = (
    "No video is assigned yet. Have some videos labelled by two annotators each, who do not see each other’s answers. "
    "Agreement can only be measured where two people label the same frames."
)


@fragment
def section(workspace: Workspace) -> None:
    """Write who is assigned to which video and how far they are, and let the instructor assign."""
    st.header("Who labels what", anchor=False)
    found = assignments.assigned(workspace)
    if found.empty:
        st.info(NONE, icon=":material/assignment_ind:")
    else:
        _progress(found)
    if not may_decide(workspace):
        return
    with st.expander("Assign videos", icon=":material/assignment_add:"):
        _assign(workspace)
    if not found.empty:
        with st.expander("Take assignments back", icon=":material/assignment_return:"):
            _remove(workspace, found)


def _progress(found: pd.DataFrame) -> None:
    answered = zip(found["answered"], found["frames"], found["finished"], strict=True)
    texts = [
        f"✓ {frames:,}" if finished else f"{some:,} of {frames:,}" for some, frames, finished in answered
    ]
    table = found.assign(text=texts).pivot(index="video", columns="annotator", values="text")
    table = table.reindex(index=found["video"].unique()).fillna("").rename_axis("Video")
    st.dataframe(table, width="stretch", height="content")
    done = int(found["finished"].sum())
    st.caption(
        f"Frames with all answers. {done:,} of {len(found):,} assignments are finished. Until a video is finished, its annotator sees "
        "no suggestions and no labels of others."
    )


def _assign(workspace: Workspace) -> None:
    there = [video.key for video in videos(workspace) if video.frames]
    left, right = st.columns(2, gap="large")
    people = left.multiselect(
        "Annotators", [name for name in annotators(workspace) if name != DRAWN], accept_new_options=True, placeholder="Choose, or write new names",
        help="Spelled as they write their names on the left of every page.",
    )  # fmt: skip
    each = left.number_input("Annotators per video", 1, max(2, len(people)), min(2, max(2, len(people))))
    share = right.slider("Share of the videos, %", 5, 100, 20, 5)
    chosen = right.multiselect(
        "Videos", there, assignments.overlap(workspace, share / 100), key=f"assigned_{share}", wrap=True,
        help="Proposed: short and long ones, at least five, with at least 300 frames together.",
    )  # fmt: skip
    st.caption("Everyone gets about the same number of frames. Whoever has begun a video keeps it.")
    disabled = not chosen or len(people) < each
    if st.button("Assign", type="primary", icon=":material/check:", disabled=disabled):
        given = assignments.assign(workspace, chosen, people, int(each))
        rerun_with(f"{count(len(given), 'video')} assigned to {count(int(each), 'annotator')} each.")


def _remove(workspace: Workspace, found: pd.DataFrame) -> None:
    row = st.container(horizontal=True, vertical_alignment="bottom")
    there = found["video"].unique().tolist()
    chosen = row.multiselect("Videos", there, key="assignments_back", placeholder="Which")
    if row.button("Take back", icon=":material/undo:", disabled=not chosen):
        number = assignments.remove(workspace, chosen)
        rerun_with(f"{count(number, 'assignment')} taken back. The labels stay.")

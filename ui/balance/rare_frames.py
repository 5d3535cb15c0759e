"""Ask the network where scarce answers may be, on the Balance page."""

import streamlit as st

from core.assist import rare_frames, suggestions
from core.assist.rare_frames import Stretch
from core.errors import MediaError
from core.workspace import Workspace
from ui.shell import cache, chart_frames, frames
from ui.shell.frames import thumbnail
from ui.shell.page import annotator, errors_shown
from ui.shell.widgets import progress

ANSWER = "asked_network"


@st.fragment
@errors_shown()
def section(workspace: Workspace) -> None:
    """Write the button and what came of it; nothing where no network has learned or nothing is scarce."""
    run, scarce = suggestions.suggests(workspace), rare_frames.wanted(cache.balance(workspace))
    if run is None or not scarce:
        return
    who, labels = (run.id, annotator()), cache.data_version(workspace)
    if st.button("Ask the network", icon=":material/travel_explore:",
                 help=f"{run.id} looks through all unlabelled frames for answers that are scarce. The videos that it is "
                      "validated and tested on are left out."):  # fmt: skip
        found = rare_frames.expected(workspace, run, scarce, annotator(), progress("Looking through videos"))
        st.session_state[ANSWER] = who, labels, rare_frames.words(run, scarce, found), found
        st.rerun(scope="fragment")  # the bar goes
    asked, then, words, found = st.session_state.get(ANSWER, (None, None, "", []))
    if asked != who:
        return
    st.markdown(words)
    for first in range(0, len(found), rare_frames.MOST):
        for column, stretch in zip(
            st.columns(rare_frames.MOST), found[first : first + rare_frames.MOST], strict=False
        ):
            with column:
                _card(workspace, stretch)
    if then != labels:
        st.caption("Labels have changed since: ask again for what is left.")


def _card(workspace: Workspace, stretch: Stretch) -> None:
    """Write the picture in the middle of a stretch, what is expected there, and the link that opens its beginning."""
    table = frames.frames(workspace)
    within = table[(table["video"] == stretch.video) & table["index"].between(stretch.first, stretch.last)]
    try:
        file = within["file"].iloc[len(within) // 2]
        st.image(thumbnail(cache.picture_path(workspace, file)), width=240)
    except (MediaError, IndexError):  # the video was removed meanwhile
        st.caption(":material/broken_image: no picture")
    cells = rare_frames.cells(stretch)
    st.markdown(
        f"**{cells['attribute']}** {cells['answer']} · {cells['frames']} frames, {cells['sure']} sure"
    )
    chart_frames.label_link(stretch.video, stretch.first, f"Label {stretch.video} from frame {stretch.first}")

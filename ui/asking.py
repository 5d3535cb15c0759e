"""Ask the network where scarce answers may be, on the Balance page."""

import streamlit as st

from core.errors import MediaError
from core.model import asking, suggestions
from core.model.asking import Stretch
from core.workspace import Workspace
from ui import clicked, loaders, stretches
from ui.bars import progress
from ui.page import annotator, errors_shown
from ui.pictures import thumbnail

ANSWER = "asked_network"


@st.fragment
@errors_shown()
def section(workspace: Workspace) -> None:
    """Write the button and what came of it; nothing where no network has learned or nothing is scarce."""
    run, scarce = suggestions.suggests(workspace), asking.wanted(loaders.balance(workspace))
    if run is None or not scarce:
        return
    who, labels = (run.id, annotator()), loaders.stamp(workspace)
    if st.button("Ask the network", icon=":material/travel_explore:",
                 help=f"{run.id} looks through all unlabelled frames for answers that are scarce. The videos that it is "
                      "validated and tested on are left out."):  # fmt: skip
        found = asking.expected(workspace, run, scarce, annotator(), progress("Looking through videos"))
        st.session_state[ANSWER] = who, labels, asking.words(run, scarce, found), found
        st.rerun(scope="fragment")  # the bar goes
    asked, then, words, found = st.session_state.get(ANSWER, (None, None, "", []))
    if asked != who:
        return
    st.markdown(words)
    for first in range(0, len(found), asking.MOST):
        for column, stretch in zip(st.columns(asking.MOST), found[first : first + asking.MOST], strict=False):
            with column:
                _card(workspace, stretch)
    if then != labels:
        st.caption("Labels have changed since: ask again for what is left.")


def _card(workspace: Workspace, stretch: Stretch) -> None:
    """Write the picture in the middle of a stretch, what is expected there, and the link that opens its beginning."""
    table = stretches.frames(workspace)
    within = table[(table["video"] == stretch.video) & table["index"].between(stretch.first, stretch.last)]
    try:
        file = within["file"].iloc[len(within) // 2]
        st.image(thumbnail(loaders.picture_path(workspace, file)), width=240)
    except (MediaError, IndexError):  # the video was removed meanwhile
        st.caption(":material/broken_image: no picture")
    cells = asking.cells(stretch)
    st.markdown(
        f"**{cells['attribute']}** {cells['answer']} · {cells['frames']} frames, {cells['sure']} sure"
    )
    clicked.label_link(stretch.video, stretch.first, f"Label {stretch.video} from frame {stretch.first}")

"""Ask the network where scarce answers may be, on the Balance page."""

import streamlit as st

from core.model import asking, suggestions
from core.model.asking import Stretch
from core.workspace import Workspace
from ui import clicked, loaders
from ui.bars import progress
from ui.page import annotator, errors_shown

ANSWER = "asked_network"


@st.fragment
@errors_shown()
def section(workspace: Workspace) -> None:
    """Write the button and what came of it; nothing where no network has learned or nothing is scarce."""
    run, scarce = suggestions.suggests(workspace), asking.wanted(loaders.balance(workspace))
    if run is None or not scarce:
        return
    stamp = (run.id, loaders.stamp(workspace), annotator())
    if st.button("Ask the network", icon=":material/travel_explore:",
                 help=f"{run.id} looks through all unlabelled frames for answers that are scarce. The videos that it is "
                      "validated and tested on are left out."):  # fmt: skip
        found = asking.expected(workspace, run, scarce, annotator(), progress("Looking through videos"))
        st.session_state[ANSWER] = stamp, found
        st.rerun(scope="fragment")  # the bar goes
    asked, found = st.session_state.get(ANSWER, (None, []))
    if asked == stamp:
        st.markdown(asking.words(run, scarce, found))
        for stretch in found:
            _row(stretch)


def _row(stretch: Stretch) -> None:
    cells = asking.cells(stretch)
    row = st.container(horizontal=True, vertical_alignment="center", gap="small")
    row.markdown(
        f"**{cells['attribute']}** {cells['answer']} · {cells['frames']} frames, {cells['sure']} sure",
        width=300,
    )
    with row:
        clicked.label_link(stretch.video, stretch.first, f"Label {stretch.video} from frame {stretch.first}")

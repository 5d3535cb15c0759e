"""Where the class stands, and the next sensible step."""

import streamlit as st

from core.data.frames import videos
from ui import demo, loaders, steps
from ui.page import page


def main() -> None:
    """Write the page."""
    lead = "Teach a camera to see seam errors and breaks, and watch what it looks at."
    with page("SeamLens", lead) as workspace:
        found = videos(workspace)
        if not found:
            demo.welcome(workspace)
            st.stop()

        standing = steps.standing(workspace, found, loaders.balance(workspace))
        steps.figures(standing)
        steps.next_step(standing)
        steps.way(standing)
        steps.glimpse(workspace, found)


if __name__ == "__main__":  # the processes that render the demo class import this file, and are no page
    main()

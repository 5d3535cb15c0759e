"""Add videos, pictures and lookup tables; see what is there."""

import streamlit as st

from core.jobs.background import BACKGROUND
from core.media.library import videos
from core.workspace import Workspace
from ui.home import demo
from ui.shell import lookup_tables
from ui.shell.page import errors_shown, page
from ui.videos import add, overview

SOURCES = {
    "Upload": add.upload,
    "Record": add.record,
    "Inbox": add.inbox,
    "Import labels": lookup_tables.imports,
}
"""Where videos and labels come from, a tab each."""


def sources(workspace: Workspace, is_empty: bool) -> None:
    """Write the tabs. An empty workspace offers practice videos, another one the export of its labels."""
    practice, export = {"Practice videos": demo.demo_form}, {"Export labels": lookup_tables.exports}
    tabs = SOURCES | (practice if is_empty else export)
    for tab, draw in zip(st.tabs(list(tabs), on_change="rerun"), tabs.values(), strict=True):
        # A camera makes the page run again as soon as it is drawn. Streamlit loses a file that is chosen at that
        # moment, so the camera waits until it is wanted; one that runs stays on behind the other tabs.
        if draw is not add.record or tab.open or add.camera_is_on():
            with tab, errors_shown():
                draw(workspace)


def main() -> None:
    """Write the page."""
    with page("Videos", "Add videos, see what is there, and label whole videos at once.") as workspace:
        add.remember_added(workspace)
        if added := videos(workspace):
            st.markdown(":material/add: [Add more videos](#add-more)")
            overview.table(workspace, added)
            overview.one_video(workspace, added)
            st.header("Add more", anchor="add-more")
        elif not BACKGROUND.running(workspace):
            st.info("No videos yet. Upload or record some, or try practice videos.", icon=":material/movie:")
        sources(workspace, is_empty=not added)


if __name__ == "__main__":  # the processes that render the demo class import this file, and are no page
    main()

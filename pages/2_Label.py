"""Label frames at the speed of watching: by keyboard, by painting, on the timeline."""

import streamlit as st

from core.errors import WorkspaceError
from core.media.library import videos
from core.workspace import Workspace
from ui.balance import assignments, gold
from ui.label.labeller import labeller
from ui.label.sections import ask_name, everyones_pace, frame_in_link
from ui.shell import background_jobs, lookup_tables, navigation
from ui.shell.page import annotator, empty, flash, leads_class, page, show_error


def has_pictures(workspace: Workspace) -> bool:
    """Return whether there is something to label; taken for granted while the database is away: the labeller waits for it."""
    try:
        return any(video.frames for video in videos(workspace))
    except WorkspaceError as error:
        show_error(error)
        return True


with page("Label", "Look at each picture, press what you see, save, next.") as workspace:
    if not has_pictures(workspace):
        empty("movie", "No pictures to label yet", "Add videos, or create the practice videos.",
              "pages/1_Videos.py", "Add videos")  # fmt: skip
        background_jobs.rerun_once(workspace, lambda: has_pictures(workspace))
    elif not annotator():
        ask_name()
    else:
        done = labeller(workspace, annotator(), frame_in_link(workspace), "suggest" in st.query_params)
        if done:
            flash(done)
            navigation.go("Home.py")
        gold.section(workspace)
        lookup_tables.both_ways(workspace)
        if leads_class(workspace):
            everyones_pace(workspace)
            assignments.section(workspace)

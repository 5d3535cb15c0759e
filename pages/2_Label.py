"""Label frames at the speed of watching: by keyboard, by painting, on the timeline."""

import datetime

import streamlit as st

from core.labels.progress import paces
from core.media.library import videos
from core.workspace import Workspace
from ui.balance import assignments, gold
from ui.label.labeller import labeller
from ui.shell import lookup_tables
from ui.shell.page import annotator, empty, flash, name_annotator, page


def ask_name() -> None:
    """Ask for the annotator's name, in the middle of the page."""

    def take() -> None:
        name_annotator(st.session_state["name_asked"])

    with st.container(border=True, key="empty"):
        st.markdown("### :material/badge: What is your name?")
        st.markdown("Your answers are saved under your name, so several people can label the same picture.")
        st.text_input("Your name", key="name_asked", on_change=take, max_chars=40)


def everyone(workspace: Workspace) -> None:
    """Show the instructor how far everyone has come today."""
    with st.expander("Everyone’s pace", icon=":material/speed:"):
        today = datetime.datetime.combine(datetime.date.today(), datetime.time())
        found = paces(workspace, today)
        found["per_minute"] = found["per_minute"].round(1)
        st.dataframe(
            found[["annotator", "labelled", "answered", "per_minute"]], hide_index=True, width="stretch",
            column_config={
                "labelled": "Frames in all", "answered": "Frames today", "per_minute": "Frames per active minute",
            },
        )  # fmt: skip
        st.caption("Only annotators named as instructors in workspace.toml see this.")


def asked(workspace: Workspace) -> tuple[int, int] | None:
    """Return video (id) and index of the frame that a link leads to; none where there is no link, or no such video."""
    key, index = (st.query_params.get(word, "") for word in ("video", "frame"))
    found = [video.id for video in videos(workspace) if video.key == key]
    return (found[0], int(index)) if found and index.isdecimal() else None


with page("Label", "Look at each picture, press what you see, save, next.") as workspace:
    if not any(video.frames for video in videos(workspace)):
        empty("movie", "There is nothing to label yet", "Bring in videos, or make the demo class.",
              "pages/1_Videos.py", "Bring in videos")  # fmt: skip
    elif not annotator():
        ask_name()
    else:
        if result := labeller(workspace, annotator(), asked(workspace), "suggest" in st.query_params):
            flash(result.summary())
            st.switch_page("Home.py")
        gold.section(workspace)
        lookup_tables.both_ways(workspace)
        if annotator() in workspace.instructors:
            everyone(workspace)
            assignments.section(workspace)

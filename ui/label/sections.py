"""What is around the labeller on the Label page."""

import datetime
import re

import streamlit as st

from core import names
from core.labels.progress import paces
from core.media.library import videos
from core.workspace import Workspace
from ui.shell.page import errors_shown, name_annotator


def ask_name() -> None:
    """Ask who labels, in the middle of the page."""

    @errors_shown()
    def take() -> None:
        name_annotator(st.session_state["name_asked"])

    with st.container(border=True, key="empty"):
        st.markdown("## :material/badge: What is your name?")
        st.markdown(
            "Your answers are saved under your name, so that several people can label the same frames."
        )
        st.text_input("Your name", key="name_asked", on_change=take, max_chars=names.LONGEST)


def frame_in_link(workspace: Workspace) -> tuple[int, int] | None:
    """Return video (id) and index of the frame that a link leads to; none where there is no link, or no such video."""
    key, index = (st.query_params.get(word, "") for word in ("video", "frame"))
    if not key:
        return None
    ids = [video.id for video in videos(workspace) if video.key == key]
    return (ids[0], int(index)) if ids and re.fullmatch("[0-9]{1,9}", index) else None


def everyones_pace(workspace: Workspace) -> None:
    """Show the instructor how far everyone has come today."""
    with st.expander("How far everyone is", icon=":material/speed:"):
        today = datetime.datetime.combine(datetime.date.today(), datetime.time())
        table = paces(workspace, today)
        table["per_minute"] = table["per_minute"].round(1)
        st.dataframe(
            table[["annotator", "labelled", "answered", "per_minute"]], hide_index=True, width="stretch",
            column_config={
                "labelled": "Frames in all", "answered": "Frames today", "per_minute": "Frames per minute of labelling",
            },
        )  # fmt: skip
        st.caption("Only instructors see this.")

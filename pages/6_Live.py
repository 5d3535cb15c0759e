"""Hold a seam under the camera, or play a video past it, and see what the network decides and why."""

import streamlit as st

from core.media.library import videos
from core.workspace import Workspace
from ui.elements import shortcuts
from ui.live import actions, camera_help, check, network, new_cloth, sessions, stream, teach, verdict
from ui.live import source as live_source
from ui.shell import run_choice
from ui.shell.page import errors_shown, has_tensorflow, page


def picture(workspace: Workspace) -> None:
    """Write the live picture and what belongs to it."""
    runs = run_choice.usable(workspace) if has_tensorflow() else []
    left, right = st.columns([7, 3], gap="medium")
    with right:
        chosen = network.choose(workspace, runs)
        source = live_source.choose(workspace, chosen.run, videos(workspace))
        stream.controls(chosen, source)
    with left:
        above = st.container(key="live_verdict")
        above.empty()  # a container without anything in it takes no room
        context = stream.section(workspace, chosen, source)
        with above:
            verdict.section(workspace, chosen, source, context)
        new_cloth.section(workspace, chosen, source)
        teach.section(workspace, chosen, source, context)
        actions.section(workspace, chosen, source, context)
        camera_help.section(source, context)
        check.section(source)
    if context is not None:
        with right:
            stream.figures(workspace, context)
    shortcuts.handed_on()


with page("Live", "Show it a seam and see where it looks.") as workspace:
    with errors_shown():
        picture(workspace)
    sessions.section(workspace)

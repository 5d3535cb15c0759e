"""Hold a seam under the camera, or play a video past it, and see what the network decides and why."""

import streamlit as st

from core.media.library import videos
from core.runs.run import Run
from core.runs.run_store import damaged_runs
from core.workspace import Workspace
from ui.live import actions, camera_help, sessions, stream
from ui.live import source as live_source
from ui.shell import run_choice, shortcuts
from ui.shell.page import empty, errors_shown, page


def picture(workspace: Workspace, runs: list[Run]) -> None:
    """Write the live picture and what belongs to it."""
    left, right = st.columns([7, 3], gap="medium")
    with right:
        run = run_choice.choose(workspace, runs, "live_run")
        source = live_source.choose(workspace, run, videos(workspace))
        stream.controls(run, source)
    with left:
        context = stream.section(workspace, run, source)
        actions.section(workspace, source, context)
        camera_help.section(source, context)
    if context is not None:
        with right:
            stream.figures(workspace, context)
    shortcuts.handed_on()


with page("Live", "Show it a seam and see where it looks.") as workspace:
    runs = run_choice.usable(workspace)
    if runs or damaged_runs(workspace):
        with errors_shown():
            picture(workspace, runs)
    else:
        empty("model_training", "No trained network yet", "With the practice videos, training takes a few minutes.",
              "pages/4_Train.py", "Train a network")  # fmt: skip
    sessions.section(workspace)

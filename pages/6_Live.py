"""Hold a seam under the camera, or play a video past it, and see what the network decides and why."""

import streamlit as st

from core.data.frames import videos
from ui import live, live_actions, models, sessions
from ui.page import empty, page

with page("Live", "What the network decides, and which pixels made it decide so.") as workspace:
    found = models.usable(workspace)
    if not found:
        empty("model_training", "There is no trained network yet",
              "Train one first: with the demo class it takes a few minutes.", "pages/4_Train.py", "Train a network")  # fmt: skip
    else:
        left, right = st.columns([7, 3], gap="medium")
        with right:
            run = models.choose(found, "live_run")
            source = live.choose_source(run, videos(workspace))
        with left:
            context = live.stream(workspace, run, source) if live.has_place(workspace) else None
            if context is not None:
                live_actions.section(workspace, source)
                live_actions.events()
        with right:
            live.controls(run, source)
            if context is not None:
                live.figures(workspace, context, source)
    sessions.folded(workspace)

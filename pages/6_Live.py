"""Hold a seam under the camera, or play a video past it, and see what the network decides and why."""

import streamlit as st

from core.data.frames import videos
from ui import keys, live, live_actions, live_source, models, sessions
from ui.page import empty, page

with page("Live", "What the network decides, and which pixels made it decide so.") as workspace:
    found = models.usable(workspace)
    if not found:
        empty("model_training", "There is no trained network yet",
              "Train one first: with the demo class it takes a few minutes.", "pages/4_Train.py", "Train a network")  # fmt: skip
    else:
        left, right = st.columns([7, 3], gap="medium")
        context = None
        with right:
            run = models.choose(found, "live_run")
            source = live_source.choose(workspace, run, videos(workspace))
            live.controls(run, source)
        with left:
            if source.is_missing:
                st.info("Choose a video, or pictures, at the right.", icon=":material/upload_file:")
            elif source.is_single:
                live_source.single(run, live.stage().look)
                live_source.advise_on_camera()
            else:
                live.stage().turn_to(f"{run.id} {source.key}")
                context = live.stream(workspace, run, source) if live.has_place(workspace) else None
                plays = context is not None and context.state.playing
                if live.stage().screen is not None:
                    live_actions.section(workspace, plays)
                    live_actions.events(source)
                elif context is not None:
                    live_actions.first_words(source)
                if source.is_camera and context is not None and not plays:
                    live_source.advise_on_camera()
        if context is not None:
            with right:
                live.figures(workspace, context)
        keys.handed_on()
    sessions.section(workspace)

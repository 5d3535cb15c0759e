"""Hold a seam under the camera, or play a video past it, and see what the network decides and why."""

import streamlit as st

from core.media.library import videos
from ui.live import actions, sessions, stream
from ui.live import source as live_source
from ui.shell import run_choice, shortcuts
from ui.shell.page import empty, page

with page("Live", "What the network decides, and which pixels made it decide so.") as workspace:
    found = run_choice.usable(workspace)
    if not found:
        empty("model_training", "There is no trained network yet",
              "Train one first: with the demo class it takes a few minutes.", "pages/4_Train.py", "Train a network")  # fmt: skip
    else:
        left, right = st.columns([7, 3], gap="medium")
        context = None
        with right:
            run = run_choice.choose(found, "live_run")
            source = live_source.choose(workspace, run, videos(workspace))
            stream.controls(run, source)
        with left:
            if source.is_missing:
                st.info("Choose a video, or pictures, at the right.", icon=":material/upload_file:")
            elif source.is_single:
                live_source.single(run, stream.stage().look)
                live_source.advise_on_camera()
            else:
                stream.stage().turn_to(f"{run.id} {source.key}")
                context = stream.stream(workspace, run, source) if stream.has_place(workspace) else None
                plays = context is not None and context.state.playing
                if stream.stage().screen is not None:
                    actions.section(workspace, plays)
                    actions.events(source)
                elif context is not None:
                    actions.first_words(source)
                if source.is_camera and context is not None and not plays:
                    live_source.advise_on_camera()
        if context is not None:
            with right:
                stream.figures(workspace, context)
        shortcuts.handed_on()
    sessions.section(workspace)

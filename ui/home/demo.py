"""The welcome of an empty workspace: create practice videos, or add videos of one's own."""

from pathlib import Path

import streamlit as st

from core.demo.make import Demo, make_demo
from core.demo.plan import FRAMES, VIDEOS
from core.jobs.background import Task
from core.text import count
from core.workspace import Workspace
from ui.elements.markdown import md
from ui.shell import background_jobs, navigation
from ui.shell.background_jobs import begin_and_rerun
from ui.shell.page import errors_shown

PICTURE = Path(__file__).parents[1] / "shell" / "assets" / "welcome.svg"
STEPS = (
    ("label", "Label", "Look at each picture and press what you see."),
    ("balance", "Balance", "Are there enough labels of each kind?"),
    ("model_training", "Train", "Let a network learn, and watch its curves."),
    ("fact_check", "Test", "Read its accuracy on videos it has never seen."),
    ("videocam", "Live", "Show it a seam and see where it looks."),
)
DEMO = "demo"
"""Key of the job."""
SECONDS_PER_FRAME = (0.02, 0.04)
"""To render and add a frame, on two quiet cores and on two slow or busy ones; for an estimate only."""


def welcome(workspace: Workspace) -> None:
    """Write the two ways to begin."""
    with st.container(key="welcome"):
        st.image(str(PICTURE), width="stretch", alt="Three seams under their heatmaps: good, error and break")
    st.header("Two ways to begin", anchor=False)
    left, right = st.columns(2, gap="medium")
    with left.container(border=True, height="stretch"):
        st.markdown("### :material/animated_images: Try everything with practice videos")
        st.markdown(
            "SeamLens draws seam videos of its own, each with another fabric, thread and light: good seams, errors, breaks, "
            "and both stitch lengths. Most come labelled; two are left for you to label."
        )
        demo_form(workspace)
    with right.container(border=True, height="stretch"):
        st.markdown("### :material/videocam: Begin with your own seams")
        st.markdown(
            "Upload videos from a phone, record them with the camera of this computer, "
            "or import the pictures and lookup tables of an earlier class."
        )
        if st.button("Add videos", icon=":material/arrow_forward:"):
            navigation.go("pages/1_Videos.py")
    st.header("Then, step by step", anchor=False)
    for column, (icon, title, words) in zip(st.columns(len(STEPS)), STEPS, strict=True):
        column.markdown(f":material/{md(icon)}: **{md(title)}**")
        column.caption(words)


@errors_shown()
def demo_form(workspace: Workspace) -> None:
    """Write the button that creates practice videos, their number and size."""
    videos = int(st.session_state.get("demo_videos", VIDEOS))
    words = f"Create {videos} practice videos"
    start = st.button(words, type="primary", icon=":material/auto_awesome:", key="demo_make",
                      disabled=background_jobs.is_running(workspace, DEMO))  # fmt: skip
    with st.expander(f"Change the size ({md(videos)} videos)", icon=":material/tune:", key="demo_size"):
        left, middle, right = st.columns(3)
        left.number_input("Videos", 6, 60, VIDEOS, key="demo_videos",
                          help="At least 6, so that every part of a split gets some.")  # fmt: skip
        frames = int(middle.number_input("Frames per video", 20, 1000, FRAMES, step=20))
        seed = int(right.number_input("Seed", 1, 9999, 1, help="The same seed draws the same videos."))
    total = videos * frames
    st.caption(f"Drawn on this computer: {md(videos)} videos, {total:,} frames, {md(_estimate(total))}.")
    if start:
        begin_and_rerun(workspace, _task(workspace, seed, videos, frames))


def _task(workspace: Workspace, seed: int, videos: int, frames: int) -> Task:
    title = f"Creating {count(videos, 'practice video')}"
    given = (workspace.path, seed, videos, frames)
    return Task(DEMO, title, (background_jobs.HOME, "Videos"), make_demo, given, _ready)


def _ready(made: Demo) -> list[str]:
    return [f"{count(made.videos, 'practice video')} ready, {count(made.frames, 'frame')}."]


def _estimate(frames: int) -> str:
    least, most = (frames * seconds for seconds in SECONDS_PER_FRAME)
    if most < 100:
        return f"about {max(10, round(least, -1)):.0f} to {max(20, round(most, -1)):.0f} s"
    return f"about {max(1, least / 60):.0f} to {most / 60:.0f} min"

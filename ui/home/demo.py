"""The welcome of an empty workspace: make the demo class, or bring in videos."""

from pathlib import Path

import streamlit as st

from core.demo.make import make_demo
from core.demo.plan import FRAMES, VIDEOS
from core.workspace import Workspace
from ui.shell.page import errors_shown, flash

PICTURE = Path(__file__).parents[1] / "shell" / "assets" / "welcome.svg"
STEPS = (
    ("label", "Label", "Say of each frame what is true, key by key."),
    ("balance", "Balance", "See whether the network gets enough of everything."),
    ("model_training", "Train", "Let a network learn, and watch its curves."),
    ("fact_check", "Test", "Read its accuracy on videos it has never seen."),
    ("videocam", "Live", "Hold a seam under the camera, see what it looks at."),
)
SECONDS_PER_FRAME = (0.02, 0.04)
"""What rendering and adding a frame takes on two quiet cores, and on two slow or busy ones; only to say about how long it
will be."""


def welcome(workspace: Workspace) -> None:
    """Write the two ways to begin."""
    st.image(str(PICTURE), width="stretch")
    st.subheader("Two ways to begin", anchor=False)
    left, right = st.columns(2, gap="medium")
    with left.container(border=True, height="stretch"):
        st.markdown("#### :material/animated_images: Try everything with a demo class")
        st.markdown(
            "SeamLens renders seam videos of its own: another fabric, thread and light in each, good seams, "
            "errors, breaks and both stitch lengths. Most come labelled, two are left for you to label."
        )
        demo_form(workspace)
    with right.container(border=True, height="stretch"):
        st.markdown("#### :material/videocam: Begin with your own seams")
        st.markdown(
            "Upload videos from a phone, record them with the camera of this computer, "
            "or import frames with the lookup tables of an earlier class."
        )
        if st.button("Bring in videos", icon=":material/arrow_forward:"):
            st.switch_page("pages/1_Videos.py")
    st.subheader("Then, step by step", anchor=False)
    for column, (icon, title, words) in zip(st.columns(len(STEPS)), STEPS, strict=True):
        column.markdown(f":material/{icon}: **{title}**")
        column.caption(words)


@errors_shown()
def demo_form(workspace: Workspace) -> None:
    """Write the button that makes the demo class, the size of the class, and the progress while it is made."""
    start = st.button("Make the demo class", type="primary", icon=":material/auto_awesome:")
    with st.expander("Size of the class", icon=":material/tune:"):
        left, middle, right = st.columns(3)
        count = left.number_input(
            "Videos", 6, 60, VIDEOS, help="At least 6, so that every part of a split gets some."
        )
        frames = middle.number_input("Frames per video", 20, 1000, FRAMES, step=20)
        seed = right.number_input("Seed", 1, 9999, 1, help="The same seed renders the same videos.")
    st.caption(
        f"Rendered on this computer: {count} videos, {count * frames:,} frames, {_about(count * frames)}."
    )
    if start:
        _make(workspace, int(seed), int(count), int(frames))
        st.switch_page("Home.py")


def _make(workspace: Workspace, seed: int, count: int, frames: int) -> None:
    bar = st.progress(0.0, "Rendering the first video …")

    def show(done: int, total: int | None) -> None:
        total = total or 2 * count
        doing = "Rendering seams" if done < total // 2 else "Adding the videos to the workspace"
        bar.progress(min(1.0, done / total), f"{doing} … {100 * done // total} %")

    made = make_demo(workspace.path, seed, count, frames, progress=show)
    flash(f"The demo class is ready: {made.videos} rendered videos, {made.frames:,} frames.")


def _about(frames: int) -> str:
    least, most = (frames * seconds for seconds in SECONDS_PER_FRAME)
    if most < 100:
        return f"about {max(10, round(least, -1)):.0f} to {max(20, round(most, -1)):.0f} s"
    return f"about {max(1, least / 60):.0f} to {most / 60:.0f} min"

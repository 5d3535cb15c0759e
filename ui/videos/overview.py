"""What is in the workspace: the table of videos, and one video to play, to label as a whole, or to remove."""

import pandas as pd
import streamlit as st

from core.attributes import Answer
from core.labels import labels
from core.media.library import Video, remove_video
from core.text import count
from core.workspace import Workspace
from ui.shell import cache
from ui.shell.chips import SAID
from ui.shell.frames import thumbnail
from ui.shell.page import annotator, errors_shown, flash

ORIGINS = {"live": "live session", "rendered": "practice video", "video": "file"}
"""Words for origins that are not called as in the database."""


def table(workspace: Workspace, videos: list[Video]) -> None:
    """Write one row per video."""
    counts = cache.balance(workspace).videos
    rows = pd.DataFrame(
        {
            "": thumbnail(cache.picture_path(workspace, cache.frame_table(workspace, v)["file"].iloc[0])),
            "Video": v.key,
            "Frames": v.frames,
            "Length": f"{v.seconds:.1f} s" if v.seconds else "–",
            "Size": f"{v.width} × {v.height}",
            "Origin": ORIGINS.get(v.origin, v.origin),
            "Labelled": 100 * counts[v.key]["labelled"] / max(1, v.frames),
        }
        for v in videos
    )
    st.dataframe(
        rows, hide_index=True, row_height=52, height=min(380, 40 + 52 * len(rows)),
        column_config={
            "": st.column_config.ImageColumn("", width=72),
            "Video": st.column_config.TextColumn(width="medium"),
            "Frames": st.column_config.NumberColumn(format="localized"),
            "Origin": st.column_config.TextColumn(help="“practice video”: drawn by SeamLens, not a real seam"),
            "Labelled": st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100),
        },
    )  # fmt: skip


@st.fragment
@errors_shown()
def one_video(workspace: Workspace, videos: list[Video]) -> None:
    """Write a video with what can be done with all of it."""
    st.subheader("One video", anchor=False)
    left, right = st.columns([3, 2], gap="large")
    with right:
        key = st.selectbox("Video", [video.key for video in videos])
        video = next(video for video in videos if video.key == key)
        _label(workspace, video)
        with st.popover("Remove from the workspace", icon=":material/delete:"):
            st.markdown(f"Hides **{video.key}** and its labels. Its files stay on the disk.")
            if st.button("Remove", type="primary", key="remove"):
                remove_video(workspace, video.key)
                flash(f"{video.key} was removed.")
                st.rerun()
    with left:
        _play(workspace, video)


def _play(workspace: Workspace, video: Video) -> None:
    """Write the video, or the first pictures of a folder."""
    if video.file is not None:
        st.video(str(workspace.path / video.file))
        return
    files = cache.frame_table(workspace, video)["file"].head(12)
    st.image([str(cache.picture_path(workspace, file)) for file in files], width=150)
    if video.frames > len(files):
        st.caption(f"The first {len(files)} of {video.frames:,} pictures.")


def _label(workspace: Workspace, video: Video) -> None:
    """Set one attribute, or the class, for every frame of a video."""
    exclusive = workspace.attributes.exclusive
    st.markdown("**Label the whole video**")
    name = st.selectbox(
        "Class" if exclusive else "Attribute", workspace.attributes.names, key="whole_attribute"
    )
    answer = True if exclusive else _answer(workspace, name)
    frames = "its frame" if video.frames == 1 else f"all {count(video.frames, 'frame')}"
    if st.button(f"Set for {frames}", disabled=not annotator(), icon=":material/select_all:"):
        index = cache.frame_table(workspace, video)["index"]
        labels.record(workspace, annotator(), video.key, int(index.min()), int(index.max()), {name: answer},
                      source="paint")  # fmt: skip
        flash(f"{name} is {SAID[answer]} in {frames} of {video.key}.")
        st.rerun()
    if not annotator():
        st.caption("Write your name on the left first.")


def _answer(workspace: Workspace, name: str) -> Answer:
    attribute = workspace.attributes[name]
    choices: dict[str, Answer] = {word: answer for answer, word in SAID.items()}
    word = st.segmented_control("Answer", list(choices), default="true", required=True)
    meaning = {"true": attribute.true, "false": attribute.false}.get(word, "")
    st.caption(
        f"{name} {word}{f': {meaning}' if meaning else ''}. This replaces your labels of {name} in this video."
    )
    return choices[word]

"""Bring in videos, pictures and lookup tables; look at what is there."""

import pandas as pd
import streamlit as st

from core.attributes import Answer
from core.labels import labels
from core.media.library import Video, remove_video, videos
from core.workspace import Workspace
from ui.home import demo
from ui.shell import cache, lookup_tables
from ui.shell.chips import SAID
from ui.shell.frames import thumbnail
from ui.shell.page import annotator, errors_shown, flash, page
from ui.videos import add

ORIGINS = {
    "camera": "camera",
    "live": "live session",
    "pictures": "pictures",
    "rendered": "rendered",
    "video": "file",
}


def table(workspace: Workspace, found: list[Video]) -> None:
    """One row per video."""
    counts = cache.balance(workspace).videos
    rows = pd.DataFrame(
        {
            "first": thumbnail(
                cache.picture_path(workspace, cache.frame_table(workspace, v)["file"].iloc[0])
            ),
            "video": v.key,
            "frames": v.frames,
            "length": f"{v.seconds:.1f} s" if v.seconds else "–",
            "size": f"{v.width} × {v.height}",
            "origin": ORIGINS.get(v.origin, v.origin),
            "labelled": 100 * counts[v.key]["labelled"] / max(1, v.frames),
        }
        for v in found
    )
    st.dataframe(
        rows, hide_index=True, row_height=52, height=min(380, 40 + 52 * len(rows)),
        column_config={
            "first": st.column_config.ImageColumn("", width=72),
            "video": st.column_config.TextColumn("Video", width="medium"),
            "frames": st.column_config.NumberColumn("Frames", format="localized"),
            "length": "Length", "size": "Size",
            "origin": st.column_config.TextColumn("Origin", help="“rendered”: made by SeamLens, no real seam"),
            "labelled": st.column_config.ProgressColumn("Labelled", format="%.0f %%", min_value=0, max_value=100),
        },
    )  # fmt: skip


@st.fragment
@errors_shown()
def one_video(workspace: Workspace, found: list[Video]) -> None:
    """Play a video and label all of it at once."""
    st.subheader("One video", anchor=False)
    left, right = st.columns([3, 2], gap="large")
    with right:
        key = st.selectbox("Video", [video.key for video in found])
        video = next(video for video in found if video.key == key)
        whole_video(workspace, video)
        with st.popover("Remove from the workspace", icon=":material/delete:"):
            st.markdown(f"**{video.key}** and its labels will be hidden. Its files stay on the disk.")
            if st.button("Remove", type="primary", key="remove"):
                remove_video(workspace, video.key)
                flash(f"{video.key} is removed.")
                st.rerun()
    with left:
        play(workspace, video)


def play(workspace: Workspace, video: Video) -> None:
    """Show the video, or the first pictures of a folder."""
    if video.file is not None:
        st.video(str(workspace.path / video.file))
        return
    files = cache.frame_table(workspace, video)["file"].head(12)
    st.image([str(cache.picture_path(workspace, file)) for file in files], width=150)
    if video.frames > len(files):
        st.caption(f"The first {len(files)} of {video.frames} pictures.")


def whole_video(workspace: Workspace, video: Video) -> None:
    """Set one attribute, or the class, for every frame of a video."""
    exclusive = workspace.attributes.exclusive
    st.markdown("**Label the whole video**")
    name = st.selectbox(
        "Class" if exclusive else "Attribute", workspace.attributes.names, key="whole_attribute"
    )
    answer = True if exclusive else _answer(workspace, name)
    frames = "its frame" if video.frames == 1 else f"all {video.frames} frames"
    if st.button(f"Set for {frames}", disabled=not annotator(), icon=":material/select_all:"):
        index = cache.frame_table(workspace, video)["index"]
        labels.record(workspace, annotator(), video.key, int(index.min()), int(index.max()), {name: answer},
                      source="paint")  # fmt: skip
        flash(f"{name} is {SAID[answer]} in {frames} of {video.key}.")
        st.rerun()
    if not annotator():
        st.caption("Write your name on the left first.")


def _answer(workspace: Workspace, name: str) -> Answer:
    """Ask what is said of an attribute."""
    attribute = workspace.attributes[name]
    choices: dict[str, Answer] = {said: answer for answer, said in SAID.items()}
    said = st.segmented_control("Answer", list(choices), default="true", required=True)
    meant = {"true": attribute.true, "false": attribute.false}.get(said, "")
    st.caption(f"{name} {said}{f': {meant}' if meant else ''}. Your labels of it in this video are replaced.")
    return choices[said]


def ways_in(workspace: Workspace, empty: bool) -> None:
    """The tabs through which videos and labels come and go."""
    titles = ["Upload", "Record", "Inbox", "Import lookup tables"]
    doors = [add.upload, add.record, add.inbox, lookup_tables.imports]
    if empty:
        titles, doors = [*titles, "Demo class"], [*doors, demo.demo_form]
    else:
        titles, doors = [*titles, "Export lookup tables"], [*doors, lookup_tables.exports]
    for tab, door in zip(st.tabs(titles, on_change="rerun"), doors, strict=True):
        # A camera makes the page run again as soon as it is drawn. Streamlit loses a file that is chosen at that
        # moment, so the camera waits until it is wanted; one that runs goes on behind the other tabs.
        if door is not add.record or tab.open or add.camera_is_on():
            with tab, errors_shown():
                door(workspace)


def main() -> None:
    """Write the page."""
    with page("Videos", "Bring in videos, see what is there, and label whole videos at once.") as workspace:
        found = videos(workspace)
        if found:
            table(workspace, found)
            one_video(workspace, found)
            st.subheader("Bring in more", anchor=False)
        else:
            words = "There are no videos yet. Upload or record some, bring in pictures, or let SeamLens render a demo class."
            st.info(words, icon=":material/movie:")
        ways_in(workspace, empty=not found)


if __name__ == "__main__":  # the processes that render the demo class import this file, and are no page
    main()

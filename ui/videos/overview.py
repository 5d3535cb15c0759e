"""What is in the workspace: the table of videos, and one video to play, to label as a whole, or to remove."""

import pandas as pd
import streamlit as st

from core.access.rights import Right
from core.attributes import Answer
from core.labels import labels
from core.media.library import Video, first_pictures, remove_video
from core.review.balance import COUNTED
from core.text import count
from core.videos.forecast import unplayable
from core.workspace import Workspace
from ui.elements.answer_chips import SAID
from ui.elements.markdown import md
from ui.shell import cache, roles
from ui.shell.frames import small, thumbnail
from ui.shell.page import annotator, fragment, rerun_with

ORIGINS = {"live": "live session", "rendered": "practice video", "video": "file"}
"""Words for origins that are not called as in the database."""


PAGE = 100
"""Rows of the table at once."""


def table(workspace: Workspace, videos: list[Video]) -> None:
    """Write one row per video; of many those of one page."""
    found = cache.balance(workspace)
    st.caption(f"{md(found.sentence)} {COUNTED}")
    videos = _page(videos)
    pictures = first_pictures(workspace, [video.key for video in videos])
    rows = pd.DataFrame(
        {
            "Picture": thumbnail(pictures[v.key]) if v.key in pictures else None,
            "Video": v.key,
            "Frames": v.frames,
            "Length": f"{v.seconds:.1f} s" if v.seconds else "–",
            "Size": f"{v.width} × {v.height}",
            "Origin": ORIGINS.get(v.origin, v.origin),
            "Labelled": 100 * found.videos[v.key]["labelled"] / max(1, v.frames),
            "Fully labelled": 100 * found.complete[v.key] / max(1, v.frames),
        }
        for v in videos
    )
    st.dataframe(
        rows, hide_index=True, row_height=52, height=min(380, 40 + 52 * len(rows)),
        column_config={
            "Picture": st.column_config.ImageColumn(width=72),
            "Video": st.column_config.TextColumn(width="medium"),
            "Frames": st.column_config.NumberColumn(format="localized"),
            "Origin": st.column_config.TextColumn(help="“practice video”: drawn by SeamLens, not a real seam"),
            **{name: st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100, help=COUNTED)
               for name in ("Labelled", "Fully labelled")},
        },
    )  # fmt: skip


def _page(videos: list[Video]) -> list[Video]:
    """Return the videos of the page that is chosen, among those whose name is looked for."""
    if len(videos) <= PAGE:
        return videos
    left, right = st.columns([3, 1])
    wanted = left.text_input("Find", placeholder="part of a name", key="videos_find").strip().casefold()
    chosen = [video for video in videos if wanted in video.key.casefold()]
    pages = max(1, -(-len(chosen) // PAGE))
    page = int(right.number_input(f"Page of {md(pages)}", 1, pages, key=f"videos_page_{pages}"))
    st.caption(f"{count(len(chosen), 'video')}, {PAGE} on a page.")
    return chosen[(page - 1) * PAGE : page * PAGE]


@fragment
def one_video(workspace: Workspace, videos: list[Video]) -> None:
    """Write a video with what can be done with all of it."""
    st.header("One video", anchor=False)
    left, right = st.columns([3, 2], gap="large")
    with right:
        key = st.selectbox("Video", [video.key for video in videos])
        video = next(video for video in videos if video.key == key)
        _label(workspace, video)
        if roles.only_instructors(Right.DELETE, "remove videos"):
            _remove(workspace, video)
    with left:
        _play(workspace, video)


def _remove(workspace: Workspace, video: Video) -> None:
    with st.popover("Remove from the workspace", icon=":material/delete:"):
        st.markdown(f"Hides **{md(video.key)}** and its labels. Its files stay on the disk.")
        if st.button("Remove", type="primary", key="remove"):
            remove_video(workspace, video.key)
            rerun_with(f"{video.key} was removed.")


def _play(workspace: Workspace, video: Video) -> None:
    files = cache.frame_table(workspace, video)["file"].head(12)
    if video.file is not None:
        path = workspace.path / video.file
        if words := _unplayable(path):
            st.image(
                thumbnail(workspace.path / files.iloc[0], 640), alt=f"The first frame of {md(video.key)}"
            )
            st.info(words, icon=":material/videocam_off:")
        else:
            st.video(str(path))
        return
    row = st.container(horizontal=True)
    with row:
        for place, file in enumerate(files, 1):
            small(workspace.path / file, 150, f"Picture {place} of {video.key}")
    if video.frames > len(files):
        st.caption(f"The first {len(files)} of {video.frames:,} pictures.")


_unplayable = st.cache_data(max_entries=1000, show_spinner=False)(unplayable)


def _label(workspace: Workspace, video: Video) -> None:
    exclusive = workspace.attributes.exclusive
    st.markdown("**Label the whole video**")
    what = "Class" if exclusive else "Attribute"
    name = st.selectbox(what, workspace.attributes.names, key="whole_attribute")
    answer = True if exclusive else _answer(workspace, name)
    frames = "its frame" if video.frames == 1 else f"all {count(video.frames, 'frame')}"
    if st.button(f"Set for {md(frames)}", disabled=not annotator(), icon=":material/select_all:"):
        index = cache.frame_table(workspace, video)["index"]
        labels.record(workspace, annotator(), video.key, int(index.min()), int(index.max()), {name: answer},
                      source="paint")  # fmt: skip
        rerun_with(f"{name} is {SAID[answer]} in {frames} of {video.key}.")
    if not annotator():
        st.caption("Write your name on the left first.")


def _answer(workspace: Workspace, name: str) -> Answer:
    attribute = workspace.attributes[name]
    answer: Answer = st.segmented_control(
        "Answer", [*SAID], default=True, required=True, format_func=SAID.__getitem__
    )
    meaning = {True: attribute.true, False: attribute.false, None: ""}[answer]
    words = f"{name} {SAID[answer]}{f': {meaning}' if meaning else ''}"
    st.caption(f"{md(words)}. This replaces your labels of {md(name)} in this video.")
    return answer

"""Label frames by keyboard: toggle what is true, save, go on."""

import pandas as pd
import streamlit as st

from core.data.frames import Video, videos
from core.workspace import Workspace
from ui import chips
from ui.labeller import POSITION, Labeller, labeller, style
from ui.loaders import picture_path
from ui.page import annotator, empty, errors_shown, flash, name_annotator, page

# Pixels on screen into which a frame is fitted: frame and keys fit 1400x900 without scrolling.
PICTURE_WIDTH, PICTURE_HEIGHT = 720, 560
ONE_COLUMN = 6  # attributes; more of them stand in two columns


@st.fragment
@errors_shown()
def desk(workspace: Workspace, found: list[Video]) -> None:
    """The frame with its keys; only this part of the page runs again when a key is pressed."""
    at = labeller(workspace, found)
    left, right = st.columns([9, 5], gap="medium")
    with left:
        picture(at)
    with right:
        choose_video(at, found)
        keys(at)


def choose_video(at: Labeller, found: list[Video]) -> None:
    """Write the choice of the video; each is opened where it was left."""
    videos_by_key = {video.key: video for video in found}

    def change() -> None:
        at.open(videos_by_key[st.session_state["label_video"]])

    st.selectbox("Video", list(videos_by_key), index=list(videos_by_key).index(at.video.key), key="label_video",
                 on_change=change, label_visibility="collapsed")  # fmt: skip


def picture(at: Labeller) -> None:
    """Show the frame as large as fits, and the slider below it."""
    frame = at.frames.iloc[at.position]
    width = min(PICTURE_WIDTH, round(PICTURE_HEIGHT * at.video.width / at.video.height))
    st.image(str(picture_path(at.workspace, frame["file"])), width=width)
    if len(at.frames) > 1:
        st.slider("Frame", 0, len(at.frames) - 1, key=POSITION, width=width, label_visibility="collapsed")


def keys(at: Labeller) -> None:
    """Write where we are, what is stored, the toggles and the commands."""
    attributes = at.workspace.attributes
    stored = at.stored()
    mine = labels_at(stored, at.position)
    committed = mine == at.toggles
    done = int(stored.notna().any(axis=1).sum())
    st.markdown(f"**Frame {at.index}** :gray[· {done} of {len(stored)} labelled by you]")
    st.progress(done / len(stored))
    columns = st.columns(2) if len(attributes) > ONE_COLUMN else [st.container()]
    for place, attribute in enumerate(attributes):
        columns[place % len(columns)].button(
            chips.meaning(attribute, at.toggles[attribute.name]), key=f"toggle_{place}", shortcut=attribute.key,
            on_click=at.toggle, args=(attribute.name,), width="stretch",
        )  # fmt: skip
    st.html(style(attributes, at.toggles, committed))
    commands(at)
    answers(at, mine, committed)


def labels_at(stored: pd.DataFrame, position: int) -> dict[str, bool | None]:
    """Return the stored answers of the frame at ``position``."""
    return {name: None if pd.isna(said) else bool(said) for name, said in stored.iloc[position].items()}


def commands(at: Labeller) -> None:
    """Write the four commands and what eases them."""
    moves_on = bool(st.session_state.get("moves_on", False))
    left, right = st.columns(2)
    left.button(
        "Save", type="primary", key="save", shortcut="s", width="stretch", on_click=save, args=(at, moves_on)
    )
    right.button("Next", key="next", shortcut="n", width="stretch", on_click=at.move, args=(1,))
    left.button("Back", key="back", shortcut="p", width="stretch", on_click=at.move, args=(-1,))
    if right.button("Quit", key="quit", shortcut="q", width="stretch"):
        flash(f"{len(at.saved)} frames labelled in this sitting." if at.saved else "Nothing was changed.")
        st.switch_page("Home.py")
    st.button(
        "Next unlabelled frame", icon=":material/skip_next:", width="stretch", on_click=at.next_unlabelled
    )
    st.toggle("Save moves on to the next frame", key="moves_on")


def save(at: Labeller, moves_on: bool) -> None:
    """Store the answers; an error is shown on the page, not lost in a callback."""
    with errors_shown():
        at.save(moves_on)


def answers(at: Labeller, mine: dict[str, bool | None], committed: bool) -> None:
    """Say what is stored of this frame, and warn of what a rule finds odd."""
    for warning in at.workspace.attributes.warnings(at.toggles):
        st.warning(f"{warning}. It will be stored as it is.", icon=":material/warning:")
    if all(value is None for value in mine.values()):
        st.caption("Nothing stored for this frame yet: pale answers count once you save.")
    else:
        st.caption("Stored for this frame:" if committed else "Stored for this frame, other than above:")
        chips.chips(at.workspace.attributes, mine)


def ask_name() -> None:
    """Ask who labels, in the middle of the page."""

    def take() -> None:
        name_annotator(st.session_state["name_asked"])

    with st.container(border=True, key="empty"):
        st.markdown("### :material/badge: Who labels?")
        st.markdown("Labels are stored under your name, so that several may label the same frame.")
        st.text_input("Your name", key="name_asked", on_change=take, max_chars=40)


with page("Label", "Say of every frame which attributes are true: toggle, save, go on.") as workspace:
    found = [video for video in videos(workspace) if video.frames]
    if not found:
        empty("movie", "There is nothing to label yet", "Bring in videos, or make the demo class.",
              "pages/1_Videos.py", "Bring in videos")  # fmt: skip
    elif not annotator():
        ask_name()
    else:
        desk(workspace, found)

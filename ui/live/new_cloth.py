"""What to do about a cloth that the network has not learned: judge it all the same, send frames of it to labelling, or teach it."""

from time import monotonic

import streamlit as st

from core.errors import SeamLensError
from core.events.send_to_labelling import send_back
from core.live.viewer import Viewer
from core.media.library import videos
from core.runs.run import Run
from core.text import count
from core.workspace import Workspace
from ui.elements.markdown import md
from ui.live.actions import session_of
from ui.live.network import SKETCH, LiveNetwork
from ui.live.session_events import say_sent
from ui.live.source import ChosenSource
from ui.live.stream import JUDGE_KEY, live_state
from ui.shell.page import annotator, show_error

STAYS = 6.0
"""Seconds for which it stays after the last unfamiliar picture: buttons must not vanish under a finger."""


def section(workspace: Workspace, network: LiveNetwork, source: ChosenSource) -> None:
    """Explain an unfamiliar cloth below the picture, while one is seen."""
    if network.run and not (source.is_single or source.is_missing):
        with (
            st.container()
        ):  # keeps the place when Streamlit drops what a fragment has written and writes it anew
            _explained(workspace, network.run, source.is_camera)


@st.fragment(run_every=2)
def _explained(workspace: Workspace, run: Run, is_camera: bool) -> None:
    viewer = live_state().viewer
    if viewer is None or viewer.options.judge_all or not _is_new(viewer):
        return
    with st.container(border=True):
        st.markdown(f"**This cloth is new:** {md(learned_from(workspace, run))}")
        with st.container(horizontal=True):
            chosen = st.button(
                "Judge all the same", icon=":material/visibility:", key="new_judge", on_click=_judge_all
            )
            frames = len(viewer.new_frames)
            send = st.button(f"Send {count(frames, 'frame')} to labelling", icon=":material/label:", key="new_send",
                             help="Half a second apart. Label them, train again, and the network knows this cloth.")  # fmt: skip
            chosen |= is_camera and st.button("Teach it", icon=":material/school:", key="new_teach", on_click=_teach,
                                              help="Changes to the instant network, which learns while you hold a key.")  # fmt: skip
        if chosen:
            st.rerun()
        if send:
            _send(workspace, viewer)


def learned_from(workspace: Workspace, run: Run) -> str:
    """Return from how many videos the network learned, and how many of them are no practice videos."""
    frames = run.frames
    learned = set(frames.loc[frames["part"] == "train", "video"])
    rendered = {video.key for video in videos(workspace) if video.origin == "rendered"} & learned
    words = f"the network learned from {count(len(learned), 'video')}"
    if not rendered:
        return f"{words}."
    return f"{words}, {len(learned - rendered) or 'none'} of yours."


def _is_new(viewer: Viewer) -> bool:
    """Return whether an unfamiliar picture was seen for a second, of late."""
    if viewer.verdict.state == "new" and len(viewer.new_frames) > 1:
        st.session_state["live_new_at"] = monotonic()
    return monotonic() - st.session_state.get("live_new_at", -STAYS) < STAYS


def _judge_all() -> None:
    st.session_state[JUDGE_KEY] = live_state().options.judge_all = True


def _teach() -> None:
    st.session_state["live_run"] = SKETCH


def _send(workspace: Workspace, viewer: Viewer) -> None:
    session = session_of(viewer)
    if session is None:
        return
    try:
        sent = [
            send_back(workspace, session, f.inspection.reading(f.index, f.time), f.picture, by=annotator())
            for f in tuple(viewer.new_frames)
        ]
        say_sent(sent)
    except SeamLensError as error:
        show_error(error)

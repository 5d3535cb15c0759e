"""Single pictures in the place of live video, on the Live page, where the network lets no video through: see `post.js`."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import streamlit as st

from ui.elements.components import api_address, component, own_address
from ui.server.look import VISITS

HERE = Path(__file__).parent
POSTS = "live_posts"
"""Key of the session: whether this page sends single pictures."""


def are_sent() -> bool:
    """Return whether this page sends single pictures, for live video did not connect."""
    return bool(st.session_state.get(POSTS))


def watch(begin: Callable[[], None]) -> None:
    """Change to single pictures by itself where the live video of this page does not connect; ``begin`` begins a visit."""

    def change() -> None:
        st.session_state[POSTS] = True
        begin()

    component(HERE / "fallback.js")(key="fallback", data={}, height="content", on_blocked_change=change)


def section(token: str, begin: Callable[[], None]) -> SimpleNamespace:
    """Write the pictures of the visit with that ``token``; return what stands for a connection of streamlit-webrtc."""

    def try_video() -> None:
        st.session_state[POSTS] = False
        VISITS.end(token)

    plays = VISITS.find(token) is not None
    data = {
        "address": api_address("/look"),
        "script": own_address("/phone/files/post.js"),
        "token": token,
        "plays": plays,
    }
    component(HERE / "pictures.js")(
        key="posted_pictures", data=data, height="content",
        on_start_change=begin, on_stop_change=lambda: VISITS.end(token), on_video_change=try_video,
    )  # fmt: skip
    plays = VISITS.find(token) is not None
    return SimpleNamespace(state=SimpleNamespace(playing=plays, signalling=False))

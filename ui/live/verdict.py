"""The verdict, large above the picture, and a bar and a strip per attribute. They run in the browser, see `verdict.js`."""

from pathlib import Path
from urllib.parse import quote

import streamlit as st
from streamlit_webrtc import WebRtcStreamerContext

from core.workspace import Workspace
from ui.live.network import LiveNetwork
from ui.live.new_cloth import learned_from
from ui.live.source import ChosenSource
from ui.live.stream import live_state

HERE = Path(__file__).parent
IDLE = "Press Start, and the verdict stands here."


def section(
    workspace: Workspace, network: LiveNetwork, source: ChosenSource, context: WebRtcStreamerContext | None
) -> None:
    """Write what the network says of the picture before the visitor."""
    if source.is_single or source.is_missing or context is None:
        return
    component = st.components.v2.component(
        "seamlens_verdict",
        css=(HERE / "verdict.css").read_text(encoding="utf-8"),
        js=(HERE / "verdict.js").read_text(encoding="utf-8"),
    )
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    data = {
        "address": quote(f"/{base}/api/live" if base else "/api/live"),
        "token": live_state().token,
        "plays": context.state.playing,
        "shows": live_state().shows,
        "idle": IDLE,
        "learned": _learned(workspace, network),
        "rows": [{"name": each.name, "colour": each.colour} for each in network.attributes],
    }
    component(key="verdict", data=data, height="content")


def _learned(workspace: Workspace, network: LiveNetwork) -> str:
    """Say below the verdict why a picture is not judged; what to do stands below the picture."""
    return f"This cloth is new: {learned_from(workspace, network.run)}" if network.run else ""

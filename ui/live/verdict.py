"""The verdict, large above the picture, and a bar and a strip per attribute. They run in the browser, see `verdict.js`."""

from pathlib import Path

from streamlit_webrtc import WebRtcStreamerContext

from core.workspace import Workspace
from ui.elements.components import api_address, component
from ui.live import pictures
from ui.live.network import LiveNetwork
from ui.live.new_cloth import learned_from
from ui.live.source import CAMERA, ChosenSource
from ui.live.stream import live_state

SCRIPT = Path(__file__).with_suffix(".js")
IDLE = "Press Start, and the verdict stands here."


def section(
    workspace: Workspace, network: LiveNetwork, source: ChosenSource, context: WebRtcStreamerContext | None
) -> None:
    """Write what the network says of the picture before the visitor."""
    if source.is_single or source.is_missing or context is None:
        return
    data = {
        "address": api_address("/live"),
        "token": live_state().token,
        "plays": context.state.playing,
        "posts": pictures.are_sent() and source.key == CAMERA,
        "shows": live_state().shows,
        "idle": IDLE,
        "learned": _learned(workspace, network),
        "rows": [{"name": each.name, "colour": each.colour} for each in network.attributes],
    }
    component(SCRIPT)(key="verdict", data=data, height="content")


def _learned(workspace: Workspace, network: LiveNetwork) -> str:
    """Say below the verdict why a picture is not judged; what to do stands below the picture."""
    return f"This cloth is new: {learned_from(workspace, network.run)}" if network.run else ""

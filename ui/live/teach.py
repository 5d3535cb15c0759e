"""Teach from the camera: buttons to hold, or their keys, while the seam passes. They run in the browser, see `teach.js`."""

from pathlib import Path
from typing import Any

import streamlit as st
from streamlit_webrtc import WebRtcStreamerContext

from core.assist.instant_network import LEAST
from core.attributes import Attribute
from core.live.teaching import RATE, HeldAnswer, held_answers
from core.text import listed
from core.workspace import Workspace
from ui.elements.components import api_address, component
from ui.live.network import LiveNetwork
from ui.live.source import ChosenSource
from ui.live.stream import live_state
from ui.server.labelling_api import workspace_id
from ui.shell.page import annotator

SCRIPT = Path(__file__).with_suffix(".js")
RATES = (1, 2, int(RATE), 8)
"""Pictures a second to choose from."""
ACROSS = 3
"""Buttons beside one another in a wide window: the style of the page keeps room for their rows."""


def section(
    workspace: Workspace, network: LiveNetwork, source: ChosenSource, context: WebRtcStreamerContext | None
) -> None:
    """Write the buttons, below the picture of a camera."""
    if source.source is not None or source.is_single or source.is_missing or context is None:
        return
    st.markdown("**Teach**")
    if not annotator():
        st.info("Write your name on the left to teach from the camera.", icon=":material/badge:")
        return
    data = {
        "address": api_address("/teach"),
        "workspace": workspace_id(workspace),
        "annotator": annotator(),
        "answers": shown_answers(workspace),
        "token": live_state().token,
        "plays": context.state.playing,
        "rates": RATES,
        "rate": int(RATE),
        "least": LEAST,
        "follows": network.run is None,
    }
    with st.container(key="teach_rows" if len(data["answers"]) > ACROSS else "teach_row"):
        component(SCRIPT)(key="teach", data=data, height="content")


def shown_answers(workspace: Workspace) -> list[dict[str, Any]]:
    """Return what `teach.js` shows of each answer that can be held."""
    return [_shown(workspace, each) for each in held_answers(workspace.attributes)]


def _shown(workspace: Workspace, held: HeldAnswer) -> dict[str, Any]:
    """Return what the page shows of an answer."""
    attribute = workspace.attributes[held.attribute]
    others = [
        name for name in workspace.attributes.implied(held.attribute, held.value) if name != held.attribute
    ]
    also = f"also: not {listed(others, word='or')}" if others and not workspace.attributes.exclusive else ""
    return {
        "name": held.attribute,
        "value": held.value,
        "title": _meaning(attribute, held.value)
        if attribute.false
        else (held.attribute if held.value else f"no {held.attribute}"),
        "key": attribute.key,
        "colour": attribute.colour,
        "meaning": " – ".join(part for part in (_meaning(attribute, held.value), also) if part),
    }


def _meaning(attribute: Attribute, value: bool) -> str:
    return attribute.true if value else attribute.false

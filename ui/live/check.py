"""What works on this device: a list with one sentence for each thing that does not. It runs in the browser, see `check.js`."""

from pathlib import Path

import streamlit as st

from ui.elements.components import component, own_address
from ui.live.source import ChosenSource


def section(source: ChosenSource) -> None:
    """Write the check, below the picture of a camera of this browser."""
    if not source.is_camera or source.server_camera:
        return
    with st.expander("Check this device", icon=":material/network_check:"):
        st.markdown("Does this device reach the camera and the server? Stop the live picture first.")
        component(Path(__file__).with_suffix(".js"))(
            key="check", data={"address": own_address("/phone")}, height="content"
        )

"""Why a camera does not start, in plain words: streamlit-webrtc shows only the name that the browser has for it."""

from urllib.parse import urlsplit

import streamlit as st
from streamlit_webrtc import WebRtcStreamerContext

from ui.live.source import SINGLE, ChosenSource
from ui.server.guard import THIS_MACHINE

REFUSED = "The camera was not allowed. Allow it next to the page’s address, then reload."
ABSENT = "No camera was found. Plug one in, then reload."
BUSY = "Another program uses the camera, perhaps a video call. Close it, then press Start again."

OF_ERRORS = {"NotAllowedError": REFUSED, "NotFoundError": ABSENT, "NotReadableError": BUSY}
"""By the name of the browser's error."""
OF_STREAM = {"select_device": "Choose camera", "device_ask_permission": "Allow the camera next to the page’s address.",
             "device_not_available": f"{ABSENT} Or: {BUSY}", "device_access_denied": REFUSED,
             "media_api_not_available": "Browsers give no camera to pages on plain HTTP from another machine."}  # fmt: skip
"""By the name of the words in streamlit-webrtc."""

# Writes what an error of the camera on this page means, as soon as there is one.
SCRIPT = """
export default function ({ parentElement, data }) {
  const look = () => {
    const inside = document.querySelector('iframe[src*="streamlit_webrtc"]')?.contentDocument;
    const alert = inside?.querySelector("[role=alert]")?.textContent ?? "";
    const name = Object.keys(data).find((name) => alert.startsWith(name));
    parentElement.querySelector("p").textContent = name ? data[name] : "";
  };
  const timer = setInterval(look, 500);
  return () => clearInterval(timer);
}
"""


def section(source: ChosenSource, context: WebRtcStreamerContext | None) -> None:
    """Say why a camera cannot work here, where that is known, and else what to do if it does not start."""
    is_idle = (
        source.is_camera and not source.server_camera and context is not None and not context.state.playing
    )
    if not (source.is_single or is_idle):
        return
    parts = urlsplit(address())
    if parts.scheme == "http" and parts.hostname not in THIS_MACHINE:
        st.warning(
            "**No browser gives its camera to this address**: it is plain HTTP from another machine. Open the app on the "
            "machine it runs on (`http://localhost…`), or serve it by HTTPS (`server.sslCertFile` and "
            "`server.sslKeyFile`). Until then choose a video or a file as the source.",
            icon=":material/no_photography:",
        )
        return
    component = st.components.v2.component(
        "seamlens_camera_help", html="<p role=status></p>", js=SCRIPT,
        css="p { margin: 0; font: 600 1rem var(--st-font); color: var(--st-text-color); }",
    )  # fmt: skip
    component(key="camera_help", data=OF_ERRORS, height="content")
    with st.expander("Camera problems?", icon=":material/help:"):
        st.markdown(
            f"- {REFUSED}\n- {ABSENT}\n- {BUSY}\n"
            "- You have several cameras: press *Choose camera* below the picture.\n"
            f"- It starts but shows no picture: a firewall blocks it. Choose *{SINGLE}*, a video or a file as the source."
        )


def address() -> str:
    """Return under which address this visitor opened the app."""
    return st.context.url or ""

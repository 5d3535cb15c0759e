"""Why a camera does not start, in plain words: streamlit-webrtc shows only the name that the browser has for it."""

import streamlit as st

REFUSED = "The camera was refused: allow it beside the address of the page, then reload."
ABSENT = "There is no camera: plug one in, then reload."
BUSY = "Another program has the camera, a video call perhaps: close that one, then press Start once more."

OF_ERRORS = {"NotAllowedError": REFUSED, "NotFoundError": ABSENT, "NotReadableError": BUSY}
"""By the name of the browser's error."""
OF_STREAM = {"select_device": "Choose camera", "device_ask_permission": "Allow the camera beside the address of the page.",
             "device_not_available": f"{ABSENT} Or: {BUSY}", "device_access_denied": REFUSED,
             "media_api_not_available": "This browser gives no camera to pages on plain HTTP from another machine."}  # fmt: skip
"""By the name of the words in streamlit-webrtc."""

SCRIPT = """
export default function ({ parentElement, data }) {
  const look = () => {
    const inside = document.querySelector('iframe[src*="streamlit_webrtc"]')?.contentDocument;
    const said = inside?.querySelector("[role=alert]")?.textContent ?? "";
    const name = Object.keys(data).find((name) => said.startsWith(name));
    parentElement.querySelector("p").textContent = name ? data[name] : "";
  };
  const timer = setInterval(look, 500);
  return () => clearInterval(timer);
}
"""


def explained() -> None:
    """Write what an error of the camera on this page means, as soon as there is one."""
    component = st.components.v2.component(
        "seamlens_camera_words", html="<p role=status></p>", js=SCRIPT,
        css="p { margin: 0; font: 600 1rem var(--st-font); color: var(--st-text-color); }",
    )  # fmt: skip
    component(key="camera_words", data=OF_ERRORS, height="content")

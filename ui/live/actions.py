"""What one can do with the picture on the Live page, and the events of the session."""

from functools import partial

import cv2
import numpy as np
import streamlit as st
from streamlit_webrtc import WebRtcStreamerContext

from core.events.detector import UNFAMILIAR
from core.events.send_to_labelling import send_back
from core.events.session import Session
from core.inspection.panel import draw_view
from core.live.playback import Playback
from core.live.recording import ListedEvent
from core.live.viewer import Viewer
from core.media.images import data_address
from core.text import percent
from core.workspace import Workspace
from ui.elements.markdown import md
from ui.live.network import LiveNetwork
from ui.live.session_events import WITHIN, event_name
from ui.live.source import ChosenSource
from ui.live.stream import live_state
from ui.shell import chart_frames
from ui.shell.page import annotator, fragment

SHOWN = 6  # events on the screen; the session keeps all
NOTHING = np.zeros((480, 640, 3), np.uint8)


def section(
    workspace: Workspace, network: LiveNetwork, source: ChosenSource, context: WebRtcStreamerContext | None
) -> None:
    """Write the buttons below the picture and the newest events; before anything has played, what to do."""
    if source.is_missing or source.is_single:
        return
    if live_state().viewer is not None:
        _buttons(workspace, network, plays=context is not None and context.state.playing)
        _events(source)
    elif context is not None:
        first = ("allow the camera, and hold a seam before it, as close as in your videos"
                 if source.is_camera else "and the network inspects every frame, at the speed of the video")  # fmt: skip
        st.markdown(
            f"Press **Start**, {md(first)}. Above the picture you read the verdict, and how probable each attribute is, now and in "
            "the last ten seconds. Colours on the seam show the pixels behind each defect."
        )


@fragment
def _buttons(workspace: Workspace, network: LiveNetwork, plays: bool) -> None:
    now = live_state()
    if now.viewer is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if now.playback is not None:
            _steps(now.playback, plays)
        else:
            _freezing(now.viewer, plays)
        # The instant network keeps no session that a frame could be sent from.
        send = network.run and st.button("Send to labelling", icon=":material/label:", key="live_send", shortcut="S",
                         help="Was the network wrong or unsure? Label this picture, and train with it.")  # fmt: skip
        st.download_button("Save picture", partial(_picture, now.viewer), "live.png", "image/png", icon=":material/download:",
                           on_click="ignore", key="live_save", help="With its heatmaps, as PNG.")  # fmt: skip
    if send:
        _send(workspace, now.viewer)


def _freezing(viewer: Viewer, plays: bool) -> None:
    frozen = viewer.frozen is not None
    st.button("Continue" if frozen else "Freeze", icon=":material/resume:" if frozen else ":material/pause_presentation:",
              type="primary" if frozen else "secondary", key="live_freeze", shortcut="F", disabled=not plays,
              on_click=lambda: viewer.unfreeze() if frozen else viewer.freeze(),
              help="Keeps this picture on the screen; the session continues.")  # fmt: skip


def _steps(playback: Playback, plays: bool) -> None:
    # One name for both: at the end of a video it pauses by itself, and the button would not know.
    st.button("Pause / play", icon=":material/play_pause:", key="live_pause", shortcut="P", disabled=not plays,
              on_click=_pause, args=(playback,), help="At the end: plays it again from the start, as a new session.")  # fmt: skip
    steps = ("skip_previous", "Left", -1, "One frame back"), ("skip_next", "Right", 1, "One frame forward")
    for icon, key, count, tip in steps:
        st.button("", icon=f":material/{icon}:", key=f"live_{key}", shortcut=key, disabled=not plays,
                  on_click=playback.step, args=(count,), help=tip)  # fmt: skip


def _send(workspace: Workspace, viewer: Viewer) -> None:
    frame, session = viewer.seen, session_of(viewer)
    if frame is None or session is None:
        return
    reading = frame.inspection.reading(frame.index, frame.time)
    sent = send_back(workspace, session, reading, frame.picture, by=annotator())
    part = f" It is in the {sent.part} part of the split." if sent.part else ""
    done = "Sent to labelling." if sent.new else "It was sent to labelling before."
    st.success(f"{md(done)}{md(part)}", icon=":material/label:")
    if frame.inspection.region != viewer.inspector.region:
        st.caption(WITHIN)
    chart_frames.label_link(sent.video, sent.index, f"Label {sent.video} · {sent.index}")


def session_of(viewer: Viewer) -> Session | None:
    """Return the session from which frames can be sent; without one say why there is none."""
    recording = viewer.recording
    if viewer.latest is None or recording is None or recording.writer is None:
        st.caption("There is no picture yet.")
        return None
    session = recording.writer.session
    if not session.path.is_dir():
        st.caption("The session was short and had no event, so it was not kept. Press **Start** again.")
        return None
    return session


def _picture(viewer: Viewer) -> bytes:
    """Return the picture before the viewer, as it is drawn, as PNG; called by the browser, outside of a run."""
    frame, attributes, options = viewer.seen, viewer.inspector.attributes, viewer.options
    drawn = (draw_view(frame.picture, attributes, frame.inspection, options) if frame
             else draw_view(NOTHING, attributes, None, options, note="no picture yet"))  # fmt: skip
    return cv2.imencode(".png", drawn)[1].tobytes()


@st.fragment(run_every=1)
def _events(source: ChosenSource) -> None:
    viewer = live_state().viewer
    if viewer is None:
        return
    events = viewer.events.newest_first
    st.markdown("**Events**" + (f" · {len(events):,}" if events else ""))
    if not events:
        st.caption("Defects and seams that the network does not recognise are listed here.")
        return
    for column, event in zip(st.columns(SHOWN, gap="small"), events, strict=False):
        column.markdown(_line(event, by_clock=source.source is None))
        if event.thumbnail:
            # Not as a file of Streamlit's: it would be gone when the next run of the page comes in between.
            alt = f"{event_name(event.event.attribute)} at its peak"
            column.image(data_address(event.thumbnail), width="stretch", alt=alt)


def _line(listed: ListedEvent, by_clock: bool) -> str:
    event = listed.event
    start = f"{listed.began:%H:%M:%S}" if by_clock else f"{event.start:.1f} s"
    lasts = f"{event.end - event.start:.1f} s" if listed.is_over else "still there"
    peak = "" if event.attribute == UNFAMILIAR else f" · {percent(event.peak)}"
    return f"**{md(event_name(event.attribute))}** {start}  \n:gray[:small[{lasts}{peak}]]"


def _pause(playback: Playback) -> None:
    if playback.paused:
        playback.play()
    else:
        playback.paused = True

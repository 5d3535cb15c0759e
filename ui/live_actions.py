"""What one can do with the picture before one's eyes on the Live page, and the events of the session."""

import cv2
import streamlit as st

from core.live import look
from core.live.events import UNFAMILIAR
from core.live.film import Seen
from core.live.observer import reading_of
from core.live.recording import Listed
from core.live.screen import Screen
from core.live.sendback import send_back
from core.workspace import Workspace
from ui import clicked
from ui.live import by_whom, stage
from ui.live_source import Chosen
from ui.page import errors_shown
from ui.pictures import data_address

SHOWN = 6
"""Events on the screen; the session keeps all."""
SPEEDS = {"¼": 0.25, "½": 0.5, "1": 1.0, "2": 2.0}


@st.fragment
@errors_shown()
def section(workspace: Workspace, source: Chosen) -> None:
    """Write the buttons below the picture."""
    row = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with row:
        frozen = free = False
        if source.source is not None:
            _pace()
        else:
            frozen = st.button("Freeze", icon=":material/pause_presentation:", key="live_freeze",
                               help="Keep this picture on the screen; the session goes on.")  # fmt: skip
            free = st.button(
                "Go on", icon=":material/resume:", key="live_go_on", help="Show the newest picture again."
            )
        send = st.button("Send to labelling", icon=":material/label:", key="live_send",
                         help="The network was wrong, or in doubt: label this picture, and train with it.")  # fmt: skip
        save = st.button("Save picture", icon=":material/photo_camera:", key="live_save")
    screen = stage().screen
    if screen is None or screen.latest is None:
        if frozen or free or send or save:
            st.caption("There is no picture yet: press **Start**.")
        return
    if frozen:
        screen.freeze()
    if free:
        screen.go_on()
    seen = screen.frozen or screen.latest
    if send:
        _send(workspace, screen, seen)
    if save:
        _offer(screen, seen)


def _pace() -> None:
    playback = stage().playback
    paused = playback is not None and playback.paused
    toggle = st.button("Play" if paused else "Pause", icon=":material/play_arrow:" if paused else ":material/pause:",
                       key="live_pause")  # fmt: skip
    back = st.button("", icon=":material/skip_previous:", key="live_back", help="One frame back")
    on = st.button("", icon=":material/skip_next:", key="live_on", help="One frame on")
    speed = st.segmented_control("Speed", list(SPEEDS), default="1", required=True, key="live_speed", label_visibility="collapsed",
                                 help="Times the speed of the video.")  # fmt: skip
    if playback is None:
        return
    playback.speed = SPEEDS[speed]
    if back or on:
        playback.step(1 if on else -1)
    elif toggle and paused:
        playback.play()
    elif toggle:
        playback.paused = True
    if toggle or ((back or on) and not paused):
        st.rerun(scope="fragment")  # the button says the other thing now


def _send(workspace: Workspace, screen: Screen, seen: Seen) -> None:
    recording = screen.session()
    if recording is None or recording.writer is None:
        return
    reading = reading_of(seen.inspection, seen.index, seen.time)
    sent = send_back(workspace, recording.writer.session, reading, seen.picture, by=by_whom())
    part = f" It is in the {sent.part} part of the split." if sent.part else ""
    said = "Sent to labelling." if sent.new else "It was sent to labelling before."
    st.success(f"{said}{part}", icon=":material/label:")
    clicked.label_link(sent.video, sent.index, f"Label {sent.video} · {sent.index}")


def _offer(screen: Screen, seen: Seen) -> None:
    """Write the picture as it is drawn, to be downloaded."""
    drawn = look.draw(seen.picture, screen.inspector.attributes, seen.inspection, screen.look)
    content = cv2.imencode(".png", drawn)[1].tobytes()
    st.download_button("Download the picture with its heatmaps", content, f"live_{seen.index:06d}.png", "image/png",
                       icon=":material/download:", on_click="ignore", key="live_download")  # fmt: skip


@st.fragment(run_every=1)
def events() -> None:
    """Write the newest events of the session that goes on."""
    screen = stage().screen
    recording = screen.session() if screen else None
    listed = recording.listed() if recording else []
    st.markdown("**Events**" + (f" · {len(listed)}" if listed else ""))
    if not listed:
        st.caption(
            "A stretch in which the network sees a defect, or a picture that it does not know, is listed here."
        )
        return
    columns = st.columns(SHOWN, gap="small")
    for column, one in zip(columns, listed, strict=False):
        if one.picture:
            # Not as a file of Streamlit's: it would be gone when the next run of the page comes in between.
            column.image(data_address(one.picture), width="stretch")
        column.markdown(_words(one))


def _words(one: Listed) -> str:
    """Say what was seen when, for how long and how surely."""
    is_unknown = one.event.attribute == UNFAMILIAR
    lasts = f"{one.event.end - one.event.start:.1f} s" if one.is_over else "goes on"
    sure = "" if is_unknown else f" · {one.event.peak:.0%}".replace("%", " %")
    return f"**{'unknown picture' if is_unknown else one.event.attribute}** {one.at:%H:%M:%S}  \n:gray[{lasts}{sure}]"

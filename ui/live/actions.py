"""What one can do with the picture before one's eyes on the Live page, and the events of the session."""

from functools import partial

import cv2
import numpy as np
import streamlit as st

from core.events.detector import UNFAMILIAR
from core.events.observer import reading_of
from core.events.send_to_labelling import send_back
from core.inspection import compose
from core.live.playback import Playback
from core.live.recording import Listed
from core.live.viewer import Screen
from core.media.images import data_address
from core.text import percent
from core.workspace import Workspace
from ui.live.session_events import WITHIN
from ui.live.source import Chosen
from ui.live.stream import stage
from ui.shell import chart_frames
from ui.shell.page import annotator, errors_shown

SHOWN = 6
"""Events on the screen; the session keeps all."""
NOTHING = np.zeros((480, 640, 3), np.uint8)


@st.fragment
@errors_shown()
def section(workspace: Workspace, plays: bool) -> None:
    """Write the buttons below the picture, with their keys."""
    now = stage()
    if now.screen is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if now.playback is not None:
            _steps(now.playback, plays)
        else:
            _freezing(now.screen, plays)
        send = st.button("Send to labelling", icon=":material/label:", key="live_send", shortcut="S",
                         help="The network was wrong, or in doubt: label this picture, and train with it.")  # fmt: skip
        st.download_button("Save picture", partial(_picture, now.screen), "live.png", "image/png", icon=":material/download:",
                           on_click="ignore", key="live_save", help="With its heatmaps, as PNG.")  # fmt: skip
    if send:
        _send(workspace, now.screen)


def first_words(source: Chosen) -> None:
    """Write what to do before anything has played, and what there will be to see."""
    what = ("allow the camera, and hold a seam before it, as large as in the frames that the network learned from"
            if source.source is None else "and every frame goes past the network, at the speed of the video")  # fmt: skip
    st.markdown(
        f"Press **Start**, {what}. Beside the picture stands how probable each attribute is, now and in the last ten "
        "seconds. Colours on the seam are the pixels that made the network decide so."
    )


def _freezing(screen: Screen, plays: bool) -> None:
    frozen = screen.frozen is not None
    st.button("Go on" if frozen else "Freeze", icon=":material/resume:" if frozen else ":material/pause_presentation:",
              type="primary" if frozen else "secondary", key="live_freeze", shortcut="F", disabled=not plays,
              on_click=_freeze, args=(screen,), help="Keep this picture on the screen; the session goes on.")  # fmt: skip


def _steps(playback: Playback, plays: bool) -> None:
    # One name for both: at the end of a video it pauses by itself, and the button would not know.
    st.button("Pause / play", icon=":material/play_pause:", key="live_pause", shortcut="P", disabled=not plays,
              on_click=_pause, args=(playback,), help="At the end: once more from the start, as a new session.")  # fmt: skip
    for icon, key, count, words in (
        ("skip_previous", "Left", -1, "One frame back"),
        ("skip_next", "Right", 1, "One frame on"),
    ):
        st.button("", icon=f":material/{icon}:", key=f"live_{key}", shortcut=key, disabled=not plays,
                  on_click=playback.step, args=(count,), help=words)  # fmt: skip


def _send(workspace: Workspace, screen: Screen) -> None:
    seen, recording = screen.frozen or screen.latest, screen.session()
    if seen is None or recording is None or recording.writer is None:
        st.caption("There is no picture yet.")
        return
    if not recording.writer.session.path.is_dir():
        st.caption(
            "This session was short and saw no event, so nothing was kept of it: press **Start** once more."
        )
        return
    reading = reading_of(seen.inspection, seen.index, seen.time)
    sent = send_back(workspace, recording.writer.session, reading, seen.picture, by=annotator())
    part = f" It is in the {sent.part} part of the split." if sent.part else ""
    said = "Sent to labelling." if sent.new else "It was sent to labelling before."
    st.success(f"{said}{part}", icon=":material/label:")
    if seen.inspection.region != screen.inspector.region:
        st.caption(WITHIN)
    chart_frames.label_link(sent.video, sent.index, f"Label {sent.video} · {sent.index}")


def _picture(screen: Screen) -> bytes:
    """Return the picture before the viewer, as it is drawn, as PNG; called by the browser, outside of a run."""
    seen, attributes = screen.frozen or screen.latest, screen.inspector.attributes
    if seen is None:
        drawn = compose.draw(NOTHING, attributes, None, screen.look, note="no picture yet")
    else:
        drawn = compose.draw(seen.picture, attributes, seen.inspection, screen.look)
    return cv2.imencode(".png", drawn)[1].tobytes()


@st.fragment(run_every=1)
def events(source: Chosen) -> None:
    """Write the newest events of the session that goes on, or that was the last."""
    screen = stage().screen
    if screen is None:
        return
    recording = screen.session()
    listed = recording.listed() if recording else []
    st.markdown("**Events**" + (f" · {len(listed)}" if listed else ""))
    if not listed:
        st.caption(
            "A stretch in which the network sees a defect, or a picture that it does not know, is listed here."
        )
        return
    for column, one in zip(st.columns(SHOWN, gap="small"), listed, strict=False):
        column.markdown(_words(one, by_clock=source.source is None))
        if one.picture:
            # Not as a file of Streamlit's: it would be gone when the next run of the page comes in between.
            column.image(data_address(one.picture), width="stretch")


def _words(one: Listed, by_clock: bool) -> str:
    """Say what was seen when, for how long and how surely."""
    event = one.event
    begun = f"{one.at:%H:%M:%S}" if by_clock else f"{event.start:.1f} s"
    lasts = f"{event.end - event.start:.1f} s" if one.is_over else "goes on"
    sure = "" if event.attribute == UNFAMILIAR else f" · {percent(event.peak)}"
    return f"**{event.attribute}** {begun}  \n:gray[:small[{lasts}{sure}]]"


# Called before the section is written anew.


def _freeze(screen: Screen) -> None:
    screen.go_on() if screen.frozen else screen.freeze()


def _pause(playback: Playback) -> None:
    if playback.paused:
        playback.play()
    else:
        playback.paused = True

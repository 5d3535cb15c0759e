"""The parts of the Live page: source, stream, what is drawn, and how fast it is."""

from functools import partial

import streamlit as st
from streamlit_webrtc import WebRtcMode, WebRtcStreamerContext, webrtc_streamer

from core.data.frames import Video
from core.model import runs
from core.workspace import Workspace
from ui import models
from ui.camera import LiveView, Look
from ui.replay import Replay

DECIDED = "Decided"
CHOSEN = "My choice"
CAMERA = "Camera of this browser"
NO_CAMERA = (
    "Browsers give a camera only to pages on **localhost** or over **HTTPS**, and only with your permission. "
    "Without a camera, choose a video as the source: it takes the same way through the network."
)
VIDEO_ATTRIBUTES = {"autoPlay": True, "controls": False, "muted": True,
                    "style": {"width": "100%", "borderRadius": "0.6rem"}}  # fmt: skip


def held_out(run: runs.Run) -> set[str]:
    """Return the videos none of whose frames trained or validated the run."""
    parts = run.frames.groupby("group")["part"].agg(set)
    return {str(group) for group, part in parts.items() if part == {"test"}}


def held_out_first(run: runs.Run, found: list[Video]) -> list[Video]:
    """Return the videos that can be played, those that the run has not learned from first."""
    unseen = held_out(run)
    return sorted((v for v in found if v.file is not None), key=lambda v: v.key not in unseen)


def choose_source(run: runs.Run, found: list[Video]) -> Video | None:
    """Write the choice of the source; none is the camera."""
    unseen = held_out(run)
    playable = {video.key: video for video in held_out_first(run, found)}

    def name(key: str) -> str:
        video = playable.get(key)
        if video is None:
            return CAMERA
        notes = [note for note, holds in (("held out", key in unseen), ("rendered", video.origin == "rendered"))
                 if holds]  # fmt: skip
        return " · ".join([key, *notes])

    chosen = st.selectbox("Source", [CAMERA, *playable], format_func=name, key="live_source",
                          help="“held out”: a test video, which the network has never seen.")  # fmt: skip
    return playable.get(chosen)


def stream(workspace: Workspace, run: runs.Run, source: Video | None) -> WebRtcStreamerContext:
    """Write the live picture and return its connection."""
    inspector = models.inspector(run)
    common = {
        "rtc_configuration": {"iceServers": []},  # one machine or one LAN, no internet needed
        "video_processor_factory": partial(LiveView, inspector.inspect, run.attributes, look()),
        "video_html_attrs": VIDEO_ATTRIBUTES,
    }
    if source is None:
        return webrtc_streamer(
            key=f"camera-{run.id}", mode=WebRtcMode.SENDRECV, **common,
            media_stream_constraints={"video": {"width": {"ideal": 640}, "height": {"ideal": 480}}, "audio": False},
        )  # fmt: skip
    assert source.file is not None
    return webrtc_streamer(
        key=f"replay-{run.id}-{source.id}", mode=WebRtcMode.RECVONLY, **common,
        player_factory=partial(Replay, workspace.path / source.file),
        media_stream_constraints={"video": True, "audio": False},
    )  # fmt: skip


def look() -> Look:
    """Return what this visitor wants to see: one object, which controls change and the stream reads."""
    kept: Look = st.session_state.setdefault("live_look", Look())
    return kept


@st.fragment
def controls(run: runs.Run) -> None:
    """Write which heatmaps are drawn, and how strongly."""
    names = [attribute.name for attribute in run.attributes]
    what = st.segmented_control("Heatmaps", [DECIDED, CHOSEN], default=DECIDED, required=True,
                                help="Decided: of what the network decided; a good seam stays as it is.")  # fmt: skip
    chosen = None
    if what == CHOSEN:
        chosen = tuple(
            st.pills("Attributes", names, selection_mode="multi", default=names, label_visibility="collapsed")
        )
        st.caption("Also of attributes that the network did not decide: what would have spoken for them.")
    wanted = look()
    wanted.chosen = chosen
    wanted.opacity = st.slider("Opacity", 0.0, 1.0, 0.5, 0.05)


@st.fragment(run_every=2)
def figures(context: WebRtcStreamerContext, source: Video | None) -> None:
    """Write rates and delay, and errors where there were any; before the start what to do."""
    # Asked anew each time: the page itself does not always run again when a stream starts.
    view = context.video_processor
    if view is None:
        st.caption(
            f"Press **Start**. {NO_CAMERA}" if source is None else "Press **Start** to play the video."
        )
        return
    now = view.figures()
    left, right = st.columns(2)
    left.metric("Pictures per s", f"{now.shown:.0f}", border=True)
    right.metric("Inspected per s", f"{now.inspected:.0f}", border=True)
    if now.delay is not None:
        st.caption(
            f"A result is {now.delay:.0f} ms old when it is first drawn; it is drawn on the newest picture."
        )
    if now.errors:
        st.error(f"{now.errors} frames failed. The last: {now.last_error}", icon=":material/error:")

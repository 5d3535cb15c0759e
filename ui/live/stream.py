"""The Live page: the source, a place on the server, the stream, and what is drawn."""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import streamlit as st
from streamlit_webrtc import WebRtcMode, WebRtcStreamerContext, webrtc_streamer

from core.events import signals as alarms
from core.events.rules import default_rules
from core.inspection.compose import Look
from core.inspection.inspector import Inspector
from core.inspection.panel import LARGEST, PANEL
from core.jobs.queue import ordinal
from core.live.playback import Playback
from core.live.recording import Recording
from core.live.viewer import Begin, Screen
from core.live.waiting_line import Places
from core.media import add_frames
from core.networks.preprocessing import Region
from core.runs.run import Run
from core.workspace import Workspace
from ui.live import camera_help
from ui.live.camera import LiveView
from ui.live.replay import Replay
from ui.live.source import Chosen
from ui.shell import run_choice, widgets
from ui.shell.page import flash

DECIDED = "Decided"
CHOSEN = "My choice"
VIDEO_ATTRIBUTES = {"autoPlay": True, "controls": False, "muted": True,
                    "style": {"width": "100%", "borderRadius": "0.6rem", "background": "#15191b",
                              "aspectRatio": f"{LARGEST[0] + PANEL} / {LARGEST[1]}"}}  # fmt: skip
"""The height of the picture is known before it comes, so nothing below it moves; the ground is that of the panel."""

SPEEDS = {"¼": 0.25, "½": 0.5, "1": 1.0, "2": 2.0}


@dataclass
class Stage:
    """What one visitor has before him; the same object for all runs of the page.

    Args:
        look: what the visitor wants to see.
        shows: what it is of; another one begins with an empty stage.
        screen: of the stream that plays, or played last.
        playback: where that is no camera.
        speed: of playbacks.
    """

    look: Look = field(default_factory=Look)
    shows: str = ""
    screen: Screen | None = None
    playback: Playback | None = None
    speed: float = 1.0

    def turn_to(self, what: str) -> None:
        """Clear the stage where it is of something else."""
        if self.shows != what:
            self.shows, self.screen, self.playback = what, None, None


def stage() -> Stage:
    """Return the stage of this visitor."""
    kept: Stage = st.session_state.setdefault("live_stage", Stage())
    return kept


@st.cache_resource
def _places(path: str, count: int) -> Places:
    return Places(count)


def places(workspace: Workspace) -> Places:
    """Return the live places of a workspace, shared by all visitors."""
    return _places(str(workspace.path), workspace.places)


def visitor() -> str:
    """Return who this is: a tab of a browser."""
    context = st.runtime.scriptrunner.get_script_run_ctx()
    return context.session_id if context else "nobody"


def has_place(workspace: Workspace) -> bool:
    """Ask for a live place; where there is none, write how many are before this visitor, until there is one."""
    if places(workspace).ask(visitor()) == 0:
        return True
    _wait_for_place(workspace)
    return False


@st.fragment(run_every=3)
def _wait_for_place(workspace: Workspace) -> None:
    line = places(workspace).ask(visitor())
    if line == 0:
        flash("It is your turn: press Start.")
        st.rerun()
    st.info(
        f"Each live view takes a part of the server, so {places(workspace).count} may be live at a time. "
        f"**You are {ordinal(line)} in line**. When it is your turn, the button **Start** appears here by itself; press it "
        "within half a minute, before it is the next one’s turn.", icon=":material/hourglass_top:",
    )  # fmt: skip


def ringing(workspace: Workspace, chosen: Chosen) -> alarms.Signals | None:
    """Return what is told of events; of a replay nobody is: what it shows is long past."""
    return None if chosen.source else alarms.from_settings(workspace)


def sessions_of(run: Run, chosen: Chosen, inspector: Inspector, signals: alarms.Signals | None) -> Begin:
    """Return what begins the sessions of one stream. Of a camera they have one origin: they may show the same seam."""
    name = chosen.source.name if chosen.source else "camera"
    live = None if chosen.source else add_frames.stream()

    def begin(smooth: float) -> Recording:
        rules = default_rules(run.attributes, run.thresholds, smooth=smooth)
        return Recording(run, name, rules, inspector, file=chosen.file, live=live, signals=signals)

    return begin


def stream(workspace: Workspace, run: Run, chosen: Chosen) -> WebRtcStreamerContext:
    """Write the live picture and return its connection."""
    now, use = stage(), partial(places(workspace).use, visitor())
    (inspector, problem), source = run_choice.live_inspector(run), chosen.source
    run_choice.warn(problem)
    signals = ringing(workspace, chosen)  # what is wrong with them is said now, not at an event

    def screen() -> Screen:
        begin = sessions_of(run, chosen, inspector, signals)
        now.playback, now.screen = None, Screen(inspector, now.look, begin, use)
        return now.screen

    def replay() -> Replay:
        assert source is not None
        shown = screen()
        now.playback = Playback(source.frames, shown)
        now.playback.speed = now.speed
        return Replay(now.playback)

    common: dict[str, Any] = {
        "rtc_configuration": {"iceServers": []},  # one machine or one LAN, no internet needed
        "video_html_attrs": VIDEO_ATTRIBUTES,
        "translations": camera_help.OF_STREAM,
    }
    if source is None:
        return webrtc_streamer(
            key=f"camera-{run.id}", mode=WebRtcMode.SENDRECV, **common,
            video_processor_factory=lambda: LiveView(screen()),
            media_stream_constraints={"video": {"width": {"ideal": 640}, "height": {"ideal": 480}}, "audio": False},
        )  # fmt: skip
    return webrtc_streamer(
        key=f"replay-{run.id}-{chosen.key}", mode=WebRtcMode.RECVONLY, **common,
        player_factory=replay, media_stream_constraints={"video": True, "audio": False},
    )  # fmt: skip


@st.fragment
def controls(run: Run, source: Chosen) -> None:
    """Write which heatmaps are drawn, how strongly, how calm the numbers are, and where the network looks."""
    names = [attribute.name for attribute in run.attributes]
    what = st.segmented_control("Heatmaps", [DECIDED, CHOSEN], default=DECIDED, required=True,
                                help="Decided: of what the network decided; a good seam stays as it is.")  # fmt: skip
    chosen = None
    if what == CHOSEN:
        chosen = tuple(
            st.pills("Attributes", names, selection_mode="multi", default=names, label_visibility="collapsed")
        )
        st.caption("Also of attributes that the network did not decide: what would have spoken for them.")
    wanted = stage().look
    before = replace(wanted)
    wanted.chosen = chosen
    wanted.opacity = st.slider("Opacity", 0.0, 1.0, 0.5, 0.05)
    if not source.is_single:
        wanted.smooth = st.slider("Smoothing, seconds", 0.0, 2.0, 0.0, 0.1, help="Means over about so long make calm numbers "
                                  "and fewer false events, and see a defect that much later. 0: off.")  # fmt: skip
    if source.source is not None:
        _pace()
    elif source.is_camera:
        wanted.mirrored = st.toggle("Mirrored", help="For who moves the seam by hand. The network sees the picture as it is.")  # fmt: skip
    wanted.region = _region(run)
    if source.is_single and wanted != before:
        st.rerun()  # no stream draws it anew


def _pace() -> None:
    """Write how fast a video is played."""
    now = stage()
    chosen = st.segmented_control("Speed", list(SPEEDS), default="1", required=True, key="live_speed",
                                  help="Times that of the video. Every frame is inspected at any speed.")  # fmt: skip
    now.speed = SPEEDS[chosen]
    if now.playback is not None:
        now.playback.speed = now.speed


def _region(run: Run) -> Region | None:
    """Write where in the picture the network looks, from the run's own region; none is that one."""
    with st.expander("Region of interest", icon=":material/crop:"):
        chosen = widgets.sliders(f"live_{run.id}", run.region, "the run’s own region is used instead.")
        st.caption("The seam should be as large in it as in the frames that the network learned from.")
    return chosen


@st.fragment(run_every=2)
def figures(workspace: Workspace, context: WebRtcStreamerContext) -> None:
    """Write rates, delay and errors where there were any."""
    if places(workspace).ask(visitor()):
        st.rerun()  # nothing played here, and somebody waited
    screen, playback = stage().screen, stage().playback
    if screen is not None and screen.is_over:
        places(workspace).rest(visitor())
    if playback is not None and playback.problem:
        st.error(f"The video stopped: {playback.problem}", icon=":material/error:")
    if screen is None or not context.state.playing:
        return
    now = screen.figures()
    left, right = st.columns(2)
    left.metric("Pictures per s", f"{now.shown:.0f}", border=True)
    right.metric("Inspected per s", f"{now.inspected:.0f}", border=True)
    if now.delay is not None:
        dropped = f"; {now.dropped:,} pictures were shown and not inspected" if now.dropped else ""
        st.caption(
            f"A result is {now.delay:.0f} ms old when it is first drawn{dropped}. "
            f"The network takes {now.network:.0f} ms, drawing and events {now.overhead:.0f} ms."
        )
    if now.errors:
        st.error(
            f"The network failed on {now.errors:,} of the pictures. The last time: {now.last_error}",
            icon=":material/error:",
        )
    _session_problems(screen.session())


def _session_problems(recording: Recording | None) -> None:
    if recording and recording.problem:
        st.error(f"The session could not be written: {recording.problem}", icon=":material/error:")
    if recording and recording.unheard:
        st.error(recording.unheard, icon=":material/notifications_off:")

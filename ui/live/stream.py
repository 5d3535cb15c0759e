"""The Live page: the picture, what is drawn on it, and how fast it is."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import streamlit as st
from streamlit_webrtc import WebRtcMode, WebRtcStreamerContext, webrtc_streamer

from core.access.person import carried
from core.errors import WorkspaceError
from core.events.detector import default_rules
from core.events.signals import Signals
from core.events.trust import trusted_settings
from core.inspection.inspector import Inspector
from core.inspection.panel import LARGEST, DisplayOptions, draw_view, fitted
from core.jobs import slots
from core.jobs.queue import ordinal
from core.live.camera_feed import CameraFeed
from core.live.playback import Playback
from core.live.priority import LivePriority, jobs_of
from core.live.recording import Recording, begin_recording
from core.live.server_camera import ServerCamera
from core.live.teaching import Teacher
from core.live.viewer import Viewer
from core.live.visits import Visit
from core.live.waiting_line import Places
from core.media import add_frames
from core.media.add_frames import Origin
from core.media.incoming_pictures import read_content
from core.runs.run import Run
from core.text import count
from core.workspace import Workspace
from ui.elements import widgets
from ui.elements.markdown import md
from ui.live import camera_help, pictures
from ui.live.capture_clock import follow_captures
from ui.live.network import LiveNetwork, NewestInspector
from ui.live.source import ChosenSource
from ui.live.webrtc import CameraView, ReplayTrack, hand_on_newest_only, return_at_once
from ui.server import live_view, teaching
from ui.server.instant_learning import LEARNER
from ui.server.look import VISITS
from ui.server.webrtc_component import register_component
from ui.shell import run_choice
from ui.shell.page import rerun_with, show_error

JUDGE_ALL, JUDGE_KEY = "Judge what is new to it, too", "live_judge_all"
DECIDED, CHOSEN = "What it found", "Choose myself"
SINGLE_WIDTH = 420  # pixels of the camera that takes single pictures: the result fits above it on the screen
TALLEST = (
    560  # pixels of an upright picture, so that a laptop shows all of it; others are as wide as the page
)
VIDEO_ATTRIBUTES = {"autoPlay": True, "controls": False, "muted": True,
                    "style": {"width": "100%", "maxHeight": TALLEST, "borderRadius": "0.6rem", "background": "#15191b",
                              "aspectRatio": f"auto {LARGEST[0]} / {LARGEST[1]}"}}  # fmt: skip
"""The height of the picture is known before it comes, so nothing below it moves."""

CAMERA = {"width": {"ideal": 640}, "height": {"ideal": 480}, "facingMode": {"ideal": "environment"}}
"""What is asked of a camera: of a phone the one at the back, where it has one."""
BESIDE_TRAINING = (
    ":material/model_training: A training runs on this computer. It has the lowest priority while you are live, so it is slower, "
    "and there may be fewer pictures a second; the delay does not grow."
)
SPEEDS = {"¼": 0.25, "½": 0.5, "1": 1.0, "2": 2.0}


@dataclass
class LiveState:
    """What one visitor has on the Live page; the same object for all runs of the page."""

    options: DisplayOptions = field(default_factory=DisplayOptions)
    token: str = field(default_factory=lambda: uuid4().hex)  # by which this page teaches
    shows: str = ""  # network and source; with others the page begins without a viewer
    viewer: Viewer | None = None  # of the stream that plays, or played last; see `begin`
    playback: Playback | None = None  # where that is no camera
    speed: float = 1.0  # of playbacks

    def begin(self, viewer: Viewer, playback: Playback | None = None) -> Viewer:
        """Show ``viewer`` from now on."""
        self.viewer, self.playback = viewer, playback
        live_view.register(self.token, viewer)
        return viewer


def live_state() -> LiveState:
    """Return the state of this visitor."""
    state: LiveState = st.session_state.setdefault("live_state", LiveState())
    return state


@st.cache_resource(hash_funcs={Workspace: lambda workspace: (str(workspace.path), workspace.places)})
def live_places(workspace: Workspace) -> Places:
    """Return the live places of a workspace, shared by all visitors."""
    return Places(workspace.places, used=LivePriority(jobs_of(workspace)).tell)


def _visitor() -> str:
    """Return who this is: a tab of a browser."""
    context = st.runtime.scriptrunner.get_script_run_ctx()
    return context.session_id if context else "nobody"


def section(workspace: Workspace, network: LiveNetwork, source: ChosenSource) -> WebRtcStreamerContext | None:
    """Write the live picture, and return its connection; none without a source or a place, and for single pictures."""
    if source.is_missing:
        st.info("Choose a video or pictures on the right.", icon=":material/upload_file:")
    elif source.is_single:
        _single(workspace, network, live_state().options)
    else:
        now, shows = live_state(), f"{network.key} {source.key}"
        if now.shows != shows:
            now.shows, now.viewer, now.playback = shows, None, None
            VISITS.end(now.token)
        if live_places(workspace).ask(_visitor()) == 0:
            with st.container(key="live_picture"):
                return _stream(workspace, network, source)
        _wait_for_place(workspace)
    return None


def _single(workspace: Workspace, network: LiveNetwork, options: DisplayOptions) -> None:
    place = st.container()
    words = "Hold the seam before the camera, then take a picture."
    taken = st.camera_input(words, key="live_single", width=SINGLE_WIDTH)
    if taken is None:
        return
    picture = read_content(taken.getvalue(), Path(taken.name))
    inspector = _inspector(network.run) if network.run else NewestInspector(workspace)()
    if inspector is None:
        st.info(
            "The instant network has not learned anything yet: label pictures, or teach it from the camera."
        )
        return
    inspection = inspector.inspect(picture, options.region)
    drawn = draw_view(fitted(picture), inspector.attributes, inspection, options)
    place.image(drawn, channels="BGR", width="stretch", alt="The picture that was taken, with its heatmaps")


def _inspector(run: Run) -> Inspector:
    """Return the inspector of a run; warn where it cannot measure what is unfamiliar, or what its heatmaps lack."""
    inspector, problem = run_choice.live_inspector(run)
    run_choice.warn(problem)
    if inspector.note:
        st.caption(md(inspector.note))
    return inspector


@st.fragment(run_every=3)
def _wait_for_place(workspace: Workspace) -> None:
    line = live_places(workspace).ask(_visitor())
    if line == 0:
        rerun_with("It is your turn: press Start.")
    st.info(
        f"Each live view takes a part of the server, so {md(live_places(workspace).count)} may be live at a time. "
        f"**You are {ordinal(line)} in line**. When it is your turn, the button **Start** appears here by itself. Press it "
        "within half a minute, or the next one in line gets your turn.", icon=":material/hourglass_top:",
    )  # fmt: skip


def signals_of(workspace: Workspace, source: ChosenSource) -> Signals | None:
    """Return the signals of events; a replay sends none: what it shows is long past.

    Nor does a workspace whose program nobody has allowed: that is said, and everything else works.
    """
    if source.is_replay:
        return None
    try:
        return trusted_settings(workspace)
    except WorkspaceError as error:
        show_error(error)
        return None


def sessions_of(
    run: Run,
    source: ChosenSource,
    inspector: Inspector,
    signals: Signals | None,
    origin: Origin | None = None,
) -> Callable[[float], Recording]:
    """Return what begins the sessions of one stream. Those of a camera have one ``origin``: they may show the same seam."""
    live = None if source.is_replay else origin or add_frames.stream_origin()

    def begin(smooth: float) -> Recording:
        rules = default_rules(run.attributes, run.thresholds, smooth=smooth)
        return begin_recording(
            run, source.name, rules, inspector, file=source.file, live=live, signals=signals
        )

    return carried(begin)  # by a thread that nobody knows


def _viewers(
    workspace: Workspace, network: LiveNetwork, source: ChosenSource
) -> Callable[[Origin | None], Viewer]:
    """Return what makes the viewer of a stream, of that origin where it is a camera's."""
    options, run = live_state().options, network.run
    if run is None:

        def of_sketch(origin: Origin | None) -> Viewer:
            newest = NewestInspector(workspace)
            return Viewer(newest.inspector, options, newest.begin, newest)

        return of_sketch
    # What is wrong with the network or the signals is said now, not when the stream begins or at an event.
    inspector, signals = _inspector(run), signals_of(workspace, source)
    return lambda origin: Viewer(inspector, options, sessions_of(run, source, inspector, signals, origin))


@dataclass(frozen=True)
class _Beginning:
    """Begins the stream of a visitor, of whichever kind, as soon as it is asked for: by streamlit-webrtc, or by a button.

    Args:
        workspace: where it is taught.
        chosen: the source.
        now: what the visitor has on the page.
        viewer: makes the viewer of a stream, of an origin where it is a camera's.
        use: to be called with every picture.
    """

    workspace: Workspace
    chosen: ChosenSource
    now: LiveState
    viewer: Callable[[Origin | None], Viewer]
    use: Callable[[], None]

    def camera(self) -> CameraView:
        hand_on_newest_only()
        return_at_once()
        follow_captures()
        origin = add_frames.stream_origin()
        return CameraView(self.now.begin(self.viewer(origin)), self.use, self._teacher(origin))

    def single_pictures(self) -> None:
        places = live_places(self.workspace)
        VISITS.begin(Visit(self.now.token, self._feed(), places, visitor=_visitor()))

    def server_camera(self) -> SimpleNamespace:
        hand_on_newest_only()
        camera = ServerCamera(self.workspace, self.chosen.server_camera, self._feed())
        return _player(ReplayTrack(camera, self.use))

    def replay(self) -> SimpleNamespace:
        hand_on_newest_only()
        assert self.chosen.source is not None
        playback = Playback(self.chosen.source.frames, self.viewer(None))
        playback.speed = self.now.speed
        self.now.begin(playback.viewer, playback)
        return _player(ReplayTrack(playback, self.use))

    def _feed(self) -> CameraFeed:
        origin = add_frames.stream_origin()
        return CameraFeed(self.now.begin(self.viewer(origin)), self._teacher(origin))

    def _teacher(self, origin: Origin) -> Teacher:
        teacher = Teacher(self.workspace.path, origin, LEARNER.tell)
        teaching.register(self.now.token, teacher)
        return teacher


def _player(track: ReplayTrack) -> SimpleNamespace:
    """Return what streamlit-webrtc calls a player: a source of pictures without sound."""
    return SimpleNamespace(video=track, audio=None)


def _stream(workspace: Workspace, network: LiveNetwork, chosen: ChosenSource) -> WebRtcStreamerContext:
    now, use = live_state(), partial(live_places(workspace).use, _visitor())
    beginning = _Beginning(workspace, chosen, now, _viewers(workspace, network, chosen), use)
    register_component()
    common: dict[str, Any] = {
        "rtc_configuration": {"iceServers": []},  # one machine or one LAN, no internet needed
        "video_html_attrs": VIDEO_ATTRIBUTES,
        "translations": camera_help.OF_STREAM,
    }
    if chosen.source is None and not chosen.server_camera:
        if pictures.are_sent():
            return pictures.section(now.token, beginning.single_pictures)
        pictures.watch(beginning.single_pictures)
        return webrtc_streamer(
            key=f"camera-{network.key}", mode=WebRtcMode.SENDRECV, **common, video_processor_factory=beginning.camera,
            async_processing=False, media_stream_constraints={"video": CAMERA, "audio": False},
        )  # fmt: skip
    return webrtc_streamer(
        key=f"replay-{network.key}-{chosen.key}", mode=WebRtcMode.RECVONLY, **common,
        player_factory=beginning.replay if chosen.source else beginning.server_camera,
        media_stream_constraints={"video": True, "audio": False},
    )  # fmt: skip


@st.fragment
def controls(network: LiveNetwork, source: ChosenSource) -> None:
    """Write which heatmaps are drawn, how strongly, how steady the numbers are, and where the network looks."""
    names = network.attributes.names
    heatmaps = st.segmented_control("Heatmaps", [DECIDED, CHOSEN], default=DECIDED, required=True,
                                    help="What it found: heatmaps of the defects it sees. A good seam stays as it is.")  # fmt: skip
    options = live_state().options
    before = replace(options)
    options.chosen = None
    if heatmaps == CHOSEN:
        wanted = st.pills(
            "Attributes", names, selection_mode="multi", default=names, label_visibility="collapsed"
        )
        options.chosen = tuple(wanted)
        st.caption("Where the network says no, the heatmap shows what would have spoken for it.")
    options.opacity = st.slider("Opacity", 0.0, 1.0, 0.5, 0.05, key="live_opacity")
    if not source.is_single:
        options.smooth = st.slider("Smoothing, seconds", 0.0, 2.0, 0.0, 0.1, key="live_smooth",
                                   help="Averages over this many seconds: steadier, slower to react. 0: off.")  # fmt: skip
    if source.is_replay:
        _pace()
    elif source.is_camera:
        options.mirrored = st.toggle("Mirrored", help="For moving the seam by hand. The network sees the picture as it is.")  # fmt: skip
    options.judge_all = network.run is not None and st.toggle(
        JUDGE_ALL, key=JUDGE_KEY, help="Otherwise it does not judge a cloth that it has not learned."
    )
    with st.expander("Region of interest", icon=":material/crop:"):
        options.region = widgets.sliders(
            f"live_{network.key}", network.region, "the network’s own is used instead."
        )
        st.caption("The seam should be as close in it as in your videos.")
    if source.is_single and options != before:
        st.rerun()  # no stream draws it anew


def _pace() -> None:
    now = live_state()
    chosen = st.segmented_control("Speed", list(SPEEDS), default="1", required=True, key="live_speed",
                                  help="2 is twice as fast. Every frame is inspected at any speed.")  # fmt: skip
    now.speed = SPEEDS[chosen]
    if now.playback is not None:
        now.playback.speed = now.speed


@st.fragment(run_every=2)
def figures(workspace: Workspace, context: WebRtcStreamerContext) -> None:
    """Write rates, delay and errors of a stream."""
    if live_places(workspace).ask(_visitor()):
        st.rerun()  # nothing played here, and somebody waited
    viewer, playback = live_state().viewer, live_state().playback
    if viewer is not None and viewer.is_over:
        live_places(workspace).rest(_visitor())
    if playback is not None and playback.problem:
        st.error(f"The video stopped. {md(playback.problem)}", icon=":material/error:")
    if viewer is None or not context.state.playing:
        return
    now = viewer.figures()
    left, right = st.columns(2)
    left.metric("Pictures per s", f"{now.shown:.0f}", border=True)
    right.metric("Inspected per s", f"{now.inspected:.0f}", border=True)
    if now.delay is not None:
        skipped = f" · {count(now.dropped, 'picture')} skipped" if now.dropped else ""
        tip = f"The network takes {now.network:.0f} ms a picture, drawing and events {now.overhead:.0f} ms."
        st.caption(f"A verdict takes {now.delay:.0f} ms{md(skipped)}", help=tip)
    if slots.trainings(workspace):
        st.caption(BESIDE_TRAINING)
    if now.errors:
        problem = f"The network failed on {count(now.errors, 'picture')}. Last error: {now.last_error}"
        st.error(problem, icon=":material/error:")
    if (recording := viewer.recording) and recording.problem:
        st.error(md(recording.problem), icon=":material/error:")
    if recording and recording.signals is not None and recording.signals.problem:
        st.error(md(recording.signals.problem), icon=":material/notifications_off:")

"""The Live page before a stream: what it offers, who waits, and a single picture."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import workspace as workspaces
from core.assist.instant_network import InstantNetwork
from core.attributes import SEAM, named
from core.errors import RunError
from core.evaluation.verdict import headline
from core.events.send_to_labelling import Sent
from core.events.signals import Signals
from core.exchange.uploads import Upload
from core.inspection.inspector import InspectedFrame, Inspection
from core.inspection.panel import DisplayOptions
from core.live.camera_feed import CameraFeed
from core.live.recording import EventList, begin_recording
from core.live.viewer import Viewer
from core.live.visits import Visit
from core.live.waiting_line import Places
from core.networks.pretrained.forward import CHANNELS
from core.networks.pretrained.head import Head
from core.runs.run import Run
from core.runs.run_names import short
from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)
from tests.helpers.in_loop import in_loop
from tests.helpers.tiny_videos import film
from tests.helpers.uploaded import whole
from tests.pages.conftest import words
from ui.live import camera_help, network, pictures, stream
from ui.live import source as live_source
from ui.live.webrtc import ReplayTrack
from ui.server.look import VISITS


@pytest.fixture
def place(place: Path, trained: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace of a network that has learned; tests only read it."""
    monkeypatch.setenv("SEAMLENS_WORKSPACE", str(trained.workspace.path))
    return trained.workspace.path


@pytest.fixture
def page(place: Path, visit: Callable[..., AppTest]) -> AppTest:
    return visit("6_Live.py")


def test_a_fresh_workspace_is_live_with_the_starter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visit: Callable[..., AppTest]
) -> None:
    monkeypatch.setenv("SEAMLENS_WORKSPACE", str(tmp_path / "fresh"))
    page = visit("6_Live.py")
    assert not page.exception
    assert page.selectbox(key="live_run").options == ["Instant network"]
    assert "Starter (rendered seams): the instant network before your first labels" in words(page)
    assert "Press **Start**" in words(page)
    assert "Write your name on the left to teach" in words(page)
    page = visit("6_Live.py", "Ada")
    assert not page.exception
    assert "**Teach**" in words(page)


def test_who_has_a_name_is_offered_to_teach_and_a_video_cannot_be_taught(
    place: Path, visit: Callable[..., AppTest]
) -> None:
    page = visit("6_Live.py", "Ada")
    assert "**Teach**" in words(page)
    assert "Write your name on the left to teach" not in words(page)
    assert "**Teach**" not in words(choose(page, "video_0"))


def test_of_other_attributes_nothing_is_learned_yet_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visit: Callable[..., AppTest]
) -> None:
    fruit = workspaces.create(tmp_path / "fruit", named(["apple", "pear"], exclusive=True))
    monkeypatch.setenv("SEAMLENS_WORKSPACE", str(fruit.path))
    page = visit("6_Live.py", "Ada")
    assert not page.exception
    assert "It has not learned anything yet" in words(page)
    assert network.NewestInspector(fruit)() is None


def test_the_instant_network_comes_after_the_runs_and_is_the_same_until_it_learns(
    trained: Run, page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert page.selectbox(key="live_run").options[:2] == [short(trained), "Instant network"]
    page = page.selectbox(key="live_run").set_value("sketch").run()
    assert not page.exception
    newest = network.NewestInspector(workspaces.create(tmp_path / "seam"))
    first = newest()
    assert first is not None and newest() is first
    head = Head(np.ones((CHANNELS, 1), np.float32), np.zeros(1, np.float32))
    learned = InstantNetwork(
        named(["break"]), head, np.zeros(CHANNELS, np.float32), "Instant network", "10 labelled pictures"
    )
    monkeypatch.setattr(network, "newest", lambda workspace: learned)
    second = newest()
    assert second is not None and second.attributes.names == ("break",)
    assert newest.begin(0.0).writer is None


def choose(page: AppTest, source: str) -> AppTest:
    return page.selectbox(key="live_source").set_value(source).run()


def test_how_right_the_network_is_stands_under_its_name(page: AppTest, trained: Run) -> None:
    said = "It was not tested yet" if trained.test is None else headline(trained.test).sentence
    assert said in words(page)


def test_it_offers_cameras_picture_sets_and_own_files(page: AppTest) -> None:
    assert not page.exception
    offered = page.selectbox(key="live_source").options
    assert offered[:2] == ["Camera of this browser", "Single pictures of the camera"]
    assert any(name.endswith("pictures") for name in offered[2:-1])
    assert offered[-1] == "A file of yours …"


def test_a_camera_of_this_browser_can_be_checked_and_a_video_needs_no_check(page: AppTest) -> None:
    def offered(shown: AppTest) -> bool:
        return "Check this device" in [expander.label for expander in shown.expander]

    assert offered(page)
    assert not offered(choose(page, "video_0"))


def test_where_video_is_blocked_pictures_are_sent_until_another_network_is_chosen(page: AppTest) -> None:
    page.session_state[pictures.POSTS] = True
    page.run()
    assert not page.exception
    state, begun = page.session_state["live_state"], lambda smooth: None
    feed = CameraFeed(state.begin(Viewer(SimpleNamespace(attributes=SEAM), DisplayOptions(), begun)))  # type: ignore[arg-type]
    VISITS.begin(Visit(state.token, feed, Places(1)))
    assert not page.run().exception
    assert VISITS.find(state.token) is not None
    assert not page.selectbox(key="live_run").set_value("sketch").run().exception
    assert VISITS.find(state.token) is None


def test_a_file_that_is_still_to_come_is_asked_for(page: AppTest) -> None:
    assert "Choose a video or pictures" in "".join(info.value for info in choose(page, live_source.OWN).info)


def test_uploaded_pictures_are_played_in_the_order_of_their_names(
    trained: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def upload(name: str, value: int) -> Upload:
        content = cv2.imencode(".png", np.full((8, 8, 3), value, np.uint8))[1]
        return whole(trained.workspace, name, content.tobytes())

    monkeypatch.setattr(live_source.st, "session_state", {})
    chosen = live_source.uploaded(trained.workspace, [upload("10.png", 10), upload("9.png", 9)])
    assert chosen.source is not None
    assert [int(frame.picture[0, 0, 0]) for frame in chosen.source.frames()] == [9, 10]


def test_who_finds_all_places_taken_is_told_his_place_in_line(
    place: Path, visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = Places(2)
    assert taken.ask("Ada") == taken.ask("Bo") == 0
    monkeypatch.setattr(stream, "live_places", lambda workspace: taken)
    page = visit("6_Live.py")
    assert "You are 1st in line" in "".join(info.value for info in page.info)


def test_plain_http_from_another_machine_is_explained(
    place: Path, visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_help, "address", lambda: "http://192.168.0.7:8501/Live")
    page = visit("6_Live.py")
    assert "No browser gives its camera to this address" in words(page)


def test_https_is_not_warned_of(
    place: Path, visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_help, "address", lambda: "https://192.168.0.7:8501/Live")
    assert "No browser gives" not in words(visit("6_Live.py"))


def test_the_region_of_interest_reaches_what_is_seen(page: AppTest) -> None:
    slider = next(slider for slider in page.slider if slider.label == "From left to right, %")
    page = slider.set_value((25, 75)).run()
    assert page.session_state["live_state"].options.region == (0.25, 0.0, 0.75, 1.0)


def viewer_of(frame: InspectedFrame, recording: Any, state: str = "waiting") -> SimpleNamespace:
    """Return what stands for the viewer of a stream that is over."""
    return SimpleNamespace(
        frozen=None, latest=frame, seen=frame, is_over=True, recording=recording, events=EventList(),
        inspector=SimpleNamespace(region=None), options=DisplayOptions(),
        verdict=SimpleNamespace(state=state), new_frames=[frame] * 10,
    )  # fmt: skip


def test_a_new_cloth_is_explained_judged_all_the_same_or_taught(page: AppTest) -> None:
    frame = InspectedFrame(0, 0.0, np.zeros((8, 8, 3), np.uint8), Inspection({}, {}, {}))
    page.session_state["live_state"].viewer = viewer_of(frame, None, "new")
    page.run()
    assert "**This cloth is new:** the network learned from 3 videos." in words(page)
    assert page.button(key="new_send").label == "Send 10 frames to labelling"
    page.button(key="new_judge").click().run()
    assert page.toggle(key="live_judge_all").value
    assert page.session_state["live_state"].options.judge_all
    page.session_state["live_state"].viewer = viewer_of(frame, None, "new")
    page.run().button(key="new_teach").click().run()
    assert page.selectbox(key="live_run").value == "sketch"


def test_cameras_of_the_server_are_offered_by_name_where_settings_name_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visit: Callable[..., AppTest]
) -> None:
    made = workspaces.create(tmp_path / "w")
    with (made.path / "workspace.toml").open("a", encoding="utf-8") as file:
        file.write('\n[cameras]\n"Machine 3" = "rtsp://me:secret@10.0.0.5/1"\n')
    monkeypatch.setenv("SEAMLENS_WORKSPACE", str(made.path))
    page = visit("6_Live.py", "Ada")
    assert page.selectbox(key="live_source").options[1] == "Camera: Machine 3"
    page = choose(page, "server camera: Machine 3")
    assert not page.exception
    assert "Press **Start**" in words(page) and "**Teach**" in words(page)
    assert "secret" not in words(page)


def test_what_was_not_kept_of_a_short_session_cannot_be_sent(
    trained: Run,
    page: AppTest,
) -> None:
    recording = begin_recording(trained, "camera", {}, SimpleNamespace())  # type: ignore[arg-type]
    recording.writer.session.delete()  # type: ignore[union-attr]
    picture = np.zeros((8, 8, 3), np.uint8)
    frame = InspectedFrame(0, 0.0, picture, Inspection({}, {}, {}))
    page.session_state["live_state"].viewer = viewer_of(frame, recording)
    page.run().button(key="live_send").click().run()
    assert "so it was not kept" in words(page)


def test_a_replay_hands_its_pictures_out_as_encoders_take_them() -> None:
    playback = SimpleNamespace(tick=lambda: (np.zeros((48, 64, 3), np.uint8), 0.0), close=lambda: None)

    async def first() -> str:
        return str((await ReplayTrack(playback, lambda: None).recv()).format.name)  # type: ignore[arg-type]

    assert in_loop(first()) == "yuv420p"


def begun(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
) -> list[dict[str, object]]:
    """Return with what a stream of ``source`` begins two sessions."""
    made: list[dict[str, object]] = []
    monkeypatch.setattr(stream, "begin_recording", lambda *_, **options: made.append(options))
    chosen = live_source.ChosenSource(source)
    if source != live_source.CAMERA:
        chosen = live_source.ChosenSource(source, live_source.sources.find_source(run.workspace, source))
    signals = stream.signals_of(run.workspace, chosen)
    begin = stream.sessions_of(run, chosen, None, signals)  # type: ignore[arg-type]
    begin(0.0), begin(0.5)
    return made


def test_all_sessions_of_a_camera_stream_have_one_origin(
    trained: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two = begun(trained, monkeypatch, live_source.CAMERA)
    assert one["live"] is not None
    assert one["live"] == two["live"]


def test_a_camera_sends_signals_and_a_replay_does_not(
    trained: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = Signals(("stop",))
    monkeypatch.setattr(stream, "trusted_settings", lambda workspace: told)
    assert begun(trained, monkeypatch, live_source.CAMERA)[0]["signals"] == told
    assert begun(trained, monkeypatch, "video_0")[0]["signals"] is None


def test_that_unfamiliar_pictures_are_not_noticed_is_said(
    place: Path, visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(run: Run) -> None:
        raise RunError("There is only one frame.", "Label more videos.")

    monkeypatch.setattr("core.explain.out_of_distribution.familiar_to", unknown)
    assert "Label more videos." in "".join(warning.value for warning in visit("6_Live.py").warning)


def test_why_a_video_cannot_be_played_on_is_said(page: AppTest) -> None:
    page.session_state["live_state"].playback = SimpleNamespace(problem="half of a film", speed=1.0)
    assert "half of a film" in "".join(error.value for error in page.run().error)


def test_who_sends_a_frame_that_was_judged_in_part_is_told(
    page: AppTest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    picture = np.zeros((8, 8, 3), np.uint8)
    frame = InspectedFrame(0, 0.0, picture, Inspection({}, {}, {}, (0.0, 0.0, 0.5, 1.0)))
    recording = SimpleNamespace(writer=SimpleNamespace(session=SimpleNamespace(path=Path())))
    page.session_state["live_state"].viewer = viewer_of(frame, recording)
    monkeypatch.setattr("ui.live.actions.send_back", lambda *_, **__: Sent("live_monday", 0, "by hand"))
    page.run().button(key="live_send").click().run()
    assert "the whole frame goes to labelling" in words(page)


def test_of_several_films_it_is_said_that_one_is_played(
    trained: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    content = Path(film(tmp_path / "seam.mp4", 2)).read_bytes()
    uploads = [whole(trained.workspace, f"{n}.mp4", content) for n in ("one", "two")]
    monkeypatch.setattr(live_source.st, "session_state", {})
    monkeypatch.setattr(live_source.st, "warning", said.append)
    chosen = live_source.uploaded(trained.workspace, uploads)
    assert chosen.source is not None and chosen.source.name == "one.mp4"
    assert said[0].startswith("Only one.mp4 is played.")

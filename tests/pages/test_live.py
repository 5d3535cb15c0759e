"""The Live page before a stream: what it offers, who waits, and a single picture."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.live.film import Seen
from core.live.inspector import Inspection
from core.live.recording import Recording
from core.model.run import Run
from tests.model.conftest import tiny_network, trained  # noqa: F401
from tests.pages.conftest import words
from ui import live, live_source
from ui.replay import ReplayTrack


@pytest.fixture
def place(place: Path, trained: Run, monkeypatch: pytest.MonkeyPatch) -> Path:  # noqa: F811
    """The workspace of a network that has learned; tests only read it."""
    monkeypatch.setenv("SEAMLENS_WORKSPACE", str(trained.workspace.path))
    return trained.workspace.path


@pytest.fixture
def page(place: Path, visit: Callable[..., AppTest]) -> AppTest:
    return visit("6_Live.py")


def choose(page: AppTest, source: str) -> AppTest:
    return page.selectbox(key="live_source").set_value(source).run()


def test_it_offers_cameras_picture_sets_and_own_files(page: AppTest) -> None:
    assert not page.exception
    offered = page.selectbox(key="live_source").options
    assert offered[:2] == ["Camera of this browser", "Single pictures of the camera"]
    assert any(name.endswith("pictures") for name in offered[2:-1])
    assert offered[-1] == "A file of yours …"


def test_a_file_that_is_still_to_come_is_asked_for(page: AppTest) -> None:
    assert "Choose a video, or pictures" in "".join(info.value for info in choose(page, live_source.OWN).info)


def test_uploaded_pictures_are_played_in_the_order_of_their_names(
    trained: Run,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def upload(name: str, value: int) -> SimpleNamespace:
        content = cv2.imencode(".png", np.full((8, 8, 3), value, np.uint8))[1]
        return SimpleNamespace(name=name, file_id=name, getbuffer=content.tobytes)

    monkeypatch.setattr(live_source.st, "session_state", {})
    chosen = live_source._uploaded(trained.workspace, [upload("10.png", 10), upload("9.png", 9)])  # type: ignore[list-item]
    assert chosen.source is not None
    assert [int(picture[0, 0, 0]) for _, _, picture in chosen.source.frames()] == [9, 10]


def test_who_finds_all_places_taken_is_told_his_place_in_line(
    place: Path, visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = live.Places(2)
    assert taken.ask("Ada") == taken.ask("Bo") == 0
    monkeypatch.setattr(live, "places", lambda workspace: taken)
    page = visit("6_Live.py")
    assert "You are 1st in line" in "".join(info.value for info in page.info)


def test_plain_http_from_another_machine_is_explained(
    place: Path, visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_source, "address", lambda: "http://192.168.0.7:8501/Live")
    page = visit("6_Live.py")
    assert "No browser gives its camera to this address" in words(page)


def test_https_is_not_warned_of(
    place: Path, visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_source, "address", lambda: "https://192.168.0.7:8501/Live")
    assert "No browser gives" not in words(visit("6_Live.py"))


def test_the_region_of_interest_reaches_what_is_seen(page: AppTest) -> None:
    slider = next(slider for slider in page.slider if slider.label == "From left to right, %")
    page = slider.set_value((25, 75)).run()
    assert page.session_state["live_stage"].look.region == (0.25, 0.0, 0.75, 1.0)


def test_what_was_not_kept_of_a_short_session_cannot_be_sent(
    trained: Run,  # noqa: F811
    page: AppTest,
) -> None:
    recording = Recording(trained, "camera", {}, SimpleNamespace())  # type: ignore[arg-type]
    recording.writer.session.delete()  # type: ignore[union-attr]
    picture = np.zeros((8, 8, 3), np.uint8)
    seen = Seen(0, 0.0, picture, Inspection({}, {}, {}))
    page.session_state["live_stage"].screen = SimpleNamespace(
        frozen=None, latest=seen, is_over=True, session=lambda: recording
    )
    page.run().button(key="live_send").click().run()
    assert "nothing was kept of it" in words(page)


def test_a_replay_hands_its_pictures_out_as_encoders_take_them() -> None:
    playback = SimpleNamespace(tick=lambda: (np.zeros((48, 64, 3), np.uint8), 0.0), close=lambda: None)

    async def first() -> str:
        return str((await ReplayTrack(playback).recv()).format.name)  # type: ignore[arg-type]

    with ThreadPoolExecutor() as elsewhere:  # Playwright leaves a loop that runs in this thread
        assert elsewhere.submit(lambda: asyncio.run(first())).result() == "yuv420p"

"""What the page tells of the picture that it shows, and what it is answered."""

import json
from collections.abc import Iterator
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest

from core.inspection.panel import DisplayOptions
from core.live import pace
from core.live.viewer import Viewer
from tests.live.test_viewer import PICTURE, Begun, Told
from ui.server import live_view

TOKEN = "a" * 32


@pytest.fixture
def viewer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Viewer]:
    monkeypatch.setattr(live_view, "served_workspace", lambda: SimpleNamespace(mm_per_pixel=None))
    monkeypatch.setattr(live_view, "_has_training", lambda moment: False)
    made = Viewer(Told(), DisplayOptions(), Begun())
    live_view.register(TOKEN, made)
    yield made
    made.close()


def asked(**body: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(live_view.live(None, {"token": TOKEN, **body}).body)  # type: ignore[arg-type]
    return answer


def test_a_page_that_tells_what_it_shows_hears_how_far_it_is_behind(viewer: Viewer) -> None:
    now = monotonic()
    viewer.draw(PICTURE, arrived=now - 0.2, captured=now - 0.3)
    answer = asked(shown=[viewer.number, now, 0.0])
    assert answer["delay"] == pytest.approx(0.3, abs=0.01)
    assert answer["pace"].startswith("0.3 s behind the camera")


def test_a_page_that_tells_nothing_hears_the_clock(viewer: Viewer) -> None:
    answer = asked()
    assert answer["clock"] == pytest.approx(monotonic(), abs=60)
    assert (answer["delay"], answer["pace"], answer["ruler"]) == (None, "", None)


@pytest.mark.parametrize(
    "shown",
    [None, 7, "7", [], [1, 2], [1, 2, "3"], [True, 0, 0], [1, float("nan"), 0], [1, float("inf"), 0], {}],
)
def test_nonsense_is_no_picture(viewer: Viewer, shown: Any) -> None:
    viewer.draw(PICTURE, arrived=monotonic())
    assert asked(shown=shown)["delay"] is None


def test_a_long_delay_asks_for_fewer_pictures(viewer: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "SETTLING", 0.0)
    full = asked()["rate"]
    now = monotonic()
    viewer.draw(PICTURE, arrived=now - 1.0)
    assert asked(shown=[viewer.number, now, 0.0])["rate"] < full

import numpy as np
import pytest

from core.demo.render import render_frames
from core.demo.sample_plan import video_plan
from core.live.ruler_trace import EVERY, RulerTrace


@pytest.fixture(scope="module")
def seam() -> np.ndarray:
    """A good seam of the demo, (H, W, 3) uint8 BGR."""
    return next(picture for picture, _ in render_frames(video_plan(1, 6, 40)[0]))


@pytest.fixture
def trace() -> RulerTrace:
    return RulerTrace()


def test_a_seam_has_a_length_in_pixels_and_after_a_calibration_in_millimetres(
    trace: RulerTrace, seam: np.ndarray
) -> None:
    trace.offer(seam)
    pixels, millimetres = trace.now(None), trace.now(0.1)
    assert pixels is not None
    assert millimetres is not None
    assert pixels.words.endswith(" px")
    assert millimetres.words.endswith(" mm")
    assert millimetres.value == pytest.approx(0.1 * pixels.value, abs=0.01)


def test_where_there_is_no_seam_there_is_no_length(trace: RulerTrace) -> None:
    trace.offer(np.full((480, 640, 3), 128, np.uint8))
    assert trace.now(None) is None


def test_a_picture_that_was_made_smaller_has_the_length_of_the_camera(seam: np.ndarray) -> None:
    as_it_is, reduced = RulerTrace(), RulerTrace()
    as_it_is.offer(seam)
    reduced.full_side = 2 * max(seam.shape[:2])
    reduced.offer(seam)
    one, other = as_it_is.now(None), reduced.now(None)
    assert one is not None
    assert other is not None
    assert other.value == pytest.approx(2 * one.value, abs=0.02)


def test_pictures_in_between_are_not_measured(
    trace: RulerTrace, seam: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, now = [], [100.0]
    monkeypatch.setattr("core.live.ruler_trace.measure", lambda picture: asked.append(1))
    monkeypatch.setattr("core.live.ruler_trace.monotonic", lambda: now[0])
    for _ in range(10):
        trace.offer(seam)
        now[0] += EVERY / 5
    assert len(asked) == 2


def test_a_length_of_long_ago_is_none(
    trace: RulerTrace, seam: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("core.live.recent_values.monotonic", lambda: now[0])
    trace.offer(seam)
    now[0] += 3
    assert trace.now(None) is None

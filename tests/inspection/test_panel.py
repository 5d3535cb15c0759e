from collections import deque

import numpy as np
import pytest

from core.attributes import SEAM, named
from core.inspection import panel
from core.inspection.inspector import Inspection
from core.inspection.panel import PANEL, UNKNOWN, DisplayOptions, draw_view, fitted, with_panel
from tests.inspection.test_overlay import PICTURE, inspection


@pytest.mark.parametrize("height", [16, 120, 360, 480, 1080])
def test_the_picture_stays_as_it_is(height):
    picture = np.full((height, 64, 3), 90, np.uint8)
    assert np.array_equal(with_panel(picture, SEAM, inspection(error=True))[:, :64], picture)


def test_a_sure_attribute_fills_its_bar_with_its_colour():
    panel = with_panel(PICTURE, SEAM, inspection(error=True))[:, -PANEL:]
    blue = (panel == (222, 111, 47)).all(axis=2)
    assert blue.any(axis=0).sum() == pytest.approx(0.9 * (PANEL - 32), abs=2)


def test_before_the_first_result_there_is_the_note():
    silent, noted = (with_panel(PICTURE, SEAM, None, note=note) for note in ("", "waiting"))
    assert not np.array_equal(silent, noted)


def test_undecided_heatmaps_say_so():
    seen = inspection(good=True)
    unasked, asked = (with_panel(PICTURE, SEAM, seen, chosen) for chosen in (None, {"break"}))
    assert not np.array_equal(unasked, asked)


def test_an_empty_heatmap_says_so():
    with_evidence, without = (
        with_panel(PICTURE, SEAM, inspection(error=True, maps={"error": np.full((4, 4), value, np.float32)}))
        for value in (1, -1)
    )
    changed = np.nonzero((with_evidence != without).any(axis=(1, 2)))[0]
    assert changed.min() > 100 and changed.max() < 186  # in the row of the error alone


def test_twelve_attributes_find_their_place():
    many = named([f"attribute {number}" for number in range(12)])
    seen = inspection(attributes=many, **dict.fromkeys(many.names, True))
    panel = with_panel(PICTURE, many, seen)[:, -PANEL:]
    assert panel[-30:].max() < 60


def test_a_phone_picture_is_fitted_with_its_aspect():
    assert fitted(np.zeros((1920, 1080, 3), np.uint8)).shape == (480, 270, 3)


BLUE = (255, 0, 0)


def drawn(trace, threshold=None):
    place = np.zeros((40, 200, 3), np.uint8)
    panel.draw_strip(place, deque(trace), "break", BLUE, threshold)
    return place


def test_a_probability_of_one_is_at_the_top_and_none_at_the_foot():
    high, low = (drawn([(t / 10, {"break": p}) for t in range(101)]) for p in (1.0, 0.0))
    assert high[0, 100, 0] > 200 and not high[38].any()
    assert low[38, 100, 0] > 200 and not low[0].any()


def test_now_is_at_the_right():
    place = drawn([(t / 10, {"break": 0.5}) for t in range(21)])  # two of ten seconds
    assert place[:, 165:].any() and not place[:, :155].any()


def test_what_the_network_does_not_know_is_a_gap():
    known, gap = {"break": 0.5}, None
    place = drawn([(t / 10, gap if 40 <= t <= 60 else known) for t in range(101)])
    assert not place[:, 85:115].any()


def test_the_threshold_is_a_dashed_line():
    assert drawn([], threshold=0.5)[19].any(axis=1).sum() == 50


def test_ten_seconds_are_remembered():
    trace = deque()
    for second in range(30):
        panel.remember(trace, float(second), None)
    assert [time for time, _ in trace] == [float(t) for t in range(19, 30)]


def test_after_a_step_back_what_lies_ahead_is_forgotten():
    trace = deque()
    for time in (0.0, 1.0, 2.0, 1.0):
        panel.remember(trace, time, None)
    assert [time for time, _ in trace] == [0.0, 1.0]


GRADIENT = np.tile(np.arange(0, 256, 2, dtype=np.uint8)[None, :, None], (128, 1, 3))


def sure_inspection(unfamiliarity=0.0, region=None):
    decided = {"good": True, "error": False, "break": True, "length": True}
    maps = dict.fromkeys(SEAM.names, np.ones((4, 4), np.float32))
    return Inspection(dict.fromkeys(SEAM.names, 0.9), decided, maps, region, 1.0, unfamiliarity)


def picture_of(drawn):
    return drawn[:, : GRADIENT.shape[1]]


def test_what_was_decided_is_drawn_in_colour():
    seen = picture_of(draw_view(GRADIENT, SEAM, sure_inspection(), DisplayOptions()))
    assert not np.array_equal(seen[..., 0], seen[..., 2])


def test_of_an_unfamiliar_picture_no_heatmap_and_no_probability_is_shown():
    unknown = draw_view(GRADIENT, SEAM, sure_inspection(unfamiliarity=1.5), DisplayOptions())
    silent = draw_view(GRADIENT, SEAM, None, DisplayOptions(), message=UNKNOWN)
    assert np.array_equal(unknown, silent)


def test_an_unfamiliar_picture_is_called_so():
    unknown, known = (
        draw_view(GRADIENT, SEAM, sure_inspection(u), DisplayOptions(opacity=0)) for u in (1.5, 0.5)
    )
    assert not np.array_equal(picture_of(unknown)[-40:], picture_of(known)[-40:])
    assert np.array_equal(picture_of(unknown)[:80], picture_of(known)[:80])


def test_a_mirror_turns_the_picture_and_not_the_panel():
    plain, mirrored = (
        draw_view(GRADIENT, SEAM, sure_inspection(), DisplayOptions(mirrored=m)) for m in (False, True)
    )
    assert np.array_equal(picture_of(mirrored), picture_of(plain)[:, ::-1])
    assert np.array_equal(mirrored[:, 128:], plain[:, 128:])


@pytest.mark.parametrize("place", ["options", "inspection"])
def test_outside_of_the_region_it_is_darker(place):
    region = (0.0, 0.5, 1.0, 1.0)
    options = DisplayOptions(opacity=0, region=region if place == "options" else None)
    seen = picture_of(draw_view(GRADIENT, SEAM, sure_inspection(region=region), options))
    assert seen[:64].max() < 150
    assert np.array_equal(seen[64:], GRADIENT[64:])


def test_the_picture_is_not_changed():
    before = GRADIENT.copy()
    draw_view(
        GRADIENT, SEAM, sure_inspection(2.0), DisplayOptions(region=(0.2, 0.2, 0.8, 0.8), mirrored=True)
    )
    assert np.array_equal(GRADIENT, before)

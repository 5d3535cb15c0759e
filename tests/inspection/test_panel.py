import numpy as np
import pytest

from core.attributes import SEAM, named
from core.inspection.inspector import Inspection
from core.inspection.panel import PANEL, UNKNOWN, DisplayOptions, draw_view, fitted, limited, with_panel
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


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1080, 1920), (360, 640)),
        ((1920, 1080), (640, 360)),
        ((640, 480), (640, 480)),
        ((120, 160), (480, 640)),
    ],
)
def test_a_picture_is_fitted_with_its_aspect_upright_or_across(size, expected):
    assert fitted(np.zeros((*size, 3), np.uint8)).shape == (*expected, 3)


def test_only_large_pictures_are_made_smaller():
    small = np.zeros((120, 160, 3), np.uint8)
    assert limited(small) is small
    assert limited(np.zeros((2160, 3840, 3), np.uint8)).shape == (360, 640, 3)


BLUE = (255, 0, 0)


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

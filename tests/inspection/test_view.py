"""The picture that a viewer sees."""

import numpy as np
import pytest

from core.attributes import SEAM
from core.inspection.inspector import Inspection
from core.inspection.panel import UNKNOWN, DisplayOptions, draw_view

PICTURE = np.tile(np.arange(0, 256, 2, dtype=np.uint8)[None, :, None], (128, 1, 3))


def inspection(unfamiliarity=0.0, region=None):
    decided = {"good": True, "error": False, "break": True, "length": True}
    maps = dict.fromkeys(SEAM.names, np.ones((4, 4), np.float32))
    return Inspection(dict.fromkeys(SEAM.names, 0.9), decided, maps, region, 1.0, unfamiliarity)


def picture_of(drawn):
    return drawn[:, : PICTURE.shape[1]]


def test_what_was_decided_is_drawn_in_colour():
    seen = picture_of(draw_view(PICTURE, SEAM, inspection(), DisplayOptions()))
    assert not np.array_equal(seen[..., 0], seen[..., 2])


def test_of_an_unfamiliar_picture_no_heatmap_and_no_probability_is_shown():
    unknown = draw_view(PICTURE, SEAM, inspection(unfamiliarity=1.5), DisplayOptions())
    silent = draw_view(PICTURE, SEAM, None, DisplayOptions(), message=UNKNOWN)
    assert np.array_equal(unknown, silent)


def test_an_unfamiliar_picture_is_called_so():
    unknown, known = (draw_view(PICTURE, SEAM, inspection(u), DisplayOptions(opacity=0)) for u in (1.5, 0.5))
    assert not np.array_equal(picture_of(unknown)[-40:], picture_of(known)[-40:])
    assert np.array_equal(picture_of(unknown)[:80], picture_of(known)[:80])


def test_a_mirror_turns_the_picture_and_not_the_panel():
    plain, mirrored = (
        draw_view(PICTURE, SEAM, inspection(), DisplayOptions(mirrored=m)) for m in (False, True)
    )
    assert np.array_equal(picture_of(mirrored), picture_of(plain)[:, ::-1])
    assert np.array_equal(mirrored[:, 128:], plain[:, 128:])


@pytest.mark.parametrize("place", ["options", "inspection"])
def test_outside_of_the_region_it_is_darker(place):
    region = (0.0, 0.5, 1.0, 1.0)
    options = DisplayOptions(opacity=0, region=region if place == "options" else None)
    seen = picture_of(draw_view(PICTURE, SEAM, inspection(region=region), options))
    assert seen[:64].max() < 150
    assert np.array_equal(seen[64:], PICTURE[64:])


def test_the_picture_is_not_changed():
    before = PICTURE.copy()
    draw_view(PICTURE, SEAM, inspection(2.0), DisplayOptions(region=(0.2, 0.2, 0.8, 0.8), mirrored=True))
    assert np.array_equal(PICTURE, before)

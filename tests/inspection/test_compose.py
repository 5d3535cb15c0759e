import numpy as np
import pytest

from core.attributes import SEAM
from core.inspection.compose import Look, draw
from core.inspection.inspector import Inspection

PICTURE = np.tile(np.arange(0, 256, 2, dtype=np.uint8)[None, :, None], (128, 1, 3))


def inspection(unfamiliarity=0.0, region=None):
    decided = {"good": True, "error": False, "break": True, "length": True}
    maps = dict.fromkeys(SEAM.names, np.ones((4, 4), np.float32))
    return Inspection(dict.fromkeys(SEAM.names, 0.9), decided, maps, region, 1.0, unfamiliarity)


def picture_of(drawn):
    return drawn[:, : PICTURE.shape[1]]


def test_what_was_decided_is_drawn_in_colour():
    seen = picture_of(draw(PICTURE, SEAM, inspection(), Look()))
    assert not np.array_equal(seen[..., 0], seen[..., 2])


def test_of_an_unknown_picture_no_heatmap_and_no_probability_is_shown():
    unknown = draw(PICTURE, SEAM, inspection(unfamiliarity=1.5), Look())
    silent = draw(PICTURE, SEAM, None, Look(), message="I do not know this picture")
    assert np.array_equal(unknown, silent)


def test_an_unknown_picture_is_called_so():
    unknown, known = (draw(PICTURE, SEAM, inspection(u), Look(opacity=0)) for u in (1.5, 0.5))
    assert not np.array_equal(picture_of(unknown)[-40:], picture_of(known)[-40:])
    assert np.array_equal(picture_of(unknown)[:80], picture_of(known)[:80])


def test_a_mirror_turns_the_picture_and_not_the_panel():
    plain, mirrored = (draw(PICTURE, SEAM, inspection(), Look(mirrored=m)) for m in (False, True))
    assert np.array_equal(picture_of(mirrored), picture_of(plain)[:, ::-1])
    assert np.array_equal(mirrored[:, 128:], plain[:, 128:])


@pytest.mark.parametrize("place", ["look", "inspection"])
def test_outside_of_the_region_it_is_darker(place):
    region = (0.0, 0.5, 1.0, 1.0)
    look = Look(opacity=0, region=region if place == "look" else None)
    seen = picture_of(draw(PICTURE, SEAM, inspection(region=region), look))
    assert seen[:64].max() < 150
    assert np.array_equal(seen[64:], PICTURE[64:])


def test_the_picture_is_not_changed():
    before = PICTURE.copy()
    draw(PICTURE, SEAM, inspection(2.0), Look(region=(0.2, 0.2, 0.8, 0.8), mirrored=True))
    assert np.array_equal(PICTURE, before)

import numpy as np
import pytest

from core.attributes import SEAM, named
from core.live.panel import PANEL, compose, fitted
from tests.live.test_overlay import PICTURE, inspection


@pytest.mark.parametrize("height", [16, 120, 360, 480, 1080])
def test_the_picture_stays_as_it_is(height):
    picture = np.full((height, 64, 3), 90, np.uint8)
    assert np.array_equal(compose(picture, SEAM, inspection(error=True))[:, :64], picture)


def test_a_sure_attribute_fills_its_bar_with_its_colour():
    panel = compose(PICTURE, SEAM, inspection(error=True))[:, -PANEL:]
    blue = (panel == (222, 111, 47)).all(axis=2)
    assert blue.any(axis=0).sum() == pytest.approx(0.9 * (PANEL - 32), abs=2)


def test_before_the_first_result_there_is_the_note():
    silent, noted = (compose(PICTURE, SEAM, None, note=note) for note in ("", "waiting"))
    assert not np.array_equal(silent, noted)


def test_undecided_heatmaps_say_so():
    seen = inspection(good=True)
    unasked, asked = (compose(PICTURE, SEAM, seen, chosen) for chosen in (None, {"break"}))
    assert not np.array_equal(unasked, asked)


def test_an_empty_heatmap_says_so():
    with_evidence, without = (
        compose(PICTURE, SEAM, inspection(error=True, maps={"error": np.full((4, 4), value, np.float32)}))
        for value in (1, -1)
    )
    changed = np.nonzero((with_evidence != without).any(axis=(1, 2)))[0]
    assert changed.min() > 100 and changed.max() < 186  # in the row of the error alone


def test_twelve_attributes_find_their_place():
    many = named([f"attribute {number}" for number in range(12)])
    seen = inspection(attributes=many, **dict.fromkeys(many.names, True))
    panel = compose(PICTURE, many, seen)[:, -PANEL:]
    assert panel[-30:].max() < 60


def test_a_phone_picture_is_fitted_with_its_aspect():
    assert fitted(np.zeros((1920, 1080, 3), np.uint8)).shape == (480, 270, 3)

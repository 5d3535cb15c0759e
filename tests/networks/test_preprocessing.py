import cv2
import numpy as np

from core.networks.preprocessing import bounds, prepare

PICTURE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)


def test_prepare_averages_the_area_and_ignores_the_aspect():
    ready = prepare(PICTURE, (16, 24))
    assert np.array_equal(ready, cv2.resize(PICTURE, (16, 24), interpolation=cv2.INTER_AREA))
    assert ready.shape == (24, 16, 3)


def test_prepare_at_the_same_size_is_a_copy():
    ready = prepare(PICTURE, (64, 48))
    ready[:] = 0
    assert PICTURE.any()


def test_prepare_crops_to_the_region_first():
    assert np.array_equal(prepare(PICTURE, (8, 8), (0.25, 0.5, 1, 1)), prepare(PICTURE[24:, 16:], (8, 8)))


def test_bounds_are_never_empty():
    assert bounds(64, 48, (0.5, 0.5, 0.5, 0.5)) == (32, 24, 33, 25)
    assert bounds(64, 48, (1, 1, 1, 1)) == (63, 47, 64, 48)
    assert bounds(64, 48, None) == (0, 0, 64, 48)

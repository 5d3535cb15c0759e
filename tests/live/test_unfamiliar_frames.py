import numpy as np
import pytest

from benchmarks.unfamiliar import KINDS, seamless


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_are_those_of_the_camera_and_of_the_seed(kind):
    first, again = list(seamless(kind, 1, seed=5)), list(seamless(kind, 1, seed=5))
    assert [p.shape for p in first] == [(480, 640, 3)]
    assert all(p.dtype == np.uint8 and np.array_equal(p, q) for p, q in zip(first, again, strict=True))


def test_a_covered_lens_is_dark():
    assert next(seamless("covered", 1)).mean() < 60

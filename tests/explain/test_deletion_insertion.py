import numpy as np
import pytest

from core.explain.deletion_insertion import STEPS, areas, curves, deletion_and_insertion, trace

PICTURE = np.zeros((32, 32, 3), np.uint8)
PICTURE[8:16, 16:24] = 255  # row 1, column 2 of a grid of 4 x 4


def brightness(pictures):
    """An answer that looks at the spot alone."""
    return pictures[:, 8:16, 16:24, 0].mean(axis=(1, 2)) / 255


def test_the_answer_falls_when_the_first_cell_goes_and_rises_when_it_comes():
    order = np.roll(np.arange(16), -6)  # cell 6 first
    gone, come = curves(brightness, PICTURE, order, (4, 4))
    assert len(gone) == STEPS + 1
    assert gone[0] == 1 and gone[1] == gone[-1] < 0.5
    assert come[0] == gone[-1] and come[1] == 1


def test_right_evidence_beats_random_order_and_wrong_evidence_does_not():
    right = np.zeros((4, 4), np.float32)
    right[1, 2] = 1
    found = deletion_and_insertion(brightness, PICTURE, right)
    assert found.deletion < found.random_deletion and found.insertion > found.random_insertion
    wrong = deletion_and_insertion(brightness, PICTURE, -right)
    assert wrong.deletion > wrong.random_deletion and wrong.insertion < wrong.random_insertion


def test_what_is_measured_are_the_areas_under_the_curves():
    right = np.zeros((4, 4), np.float32)
    right[1, 2] = 1
    traced = trace(brightness, PICTURE, right)
    assert {len(curve) for curve in traced.values()} == {STEPS + 1}
    assert areas(traced) == deletion_and_insertion(brightness, PICTURE, right)


def test_an_answer_that_never_changes_has_its_height_as_area():
    found = deletion_and_insertion(
        lambda pictures: np.full(len(pictures), 0.7), PICTURE, np.ones((4, 4), np.float32)
    )
    assert found.deletion == pytest.approx(0.7)

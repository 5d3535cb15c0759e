import numpy as np
import pytest

from core.explain.pointing_game import covered, peak_pixel, point, share_inside


def spot(row, column, size=10):
    evidence = np.full((size, size), -1.0, np.float32)
    evidence[row, column] = 2.0
    return evidence


def test_the_peak_is_the_middle_of_its_cell():
    assert peak_pixel(spot(3, 7), 200, 100) == (150, 35)


def test_in_a_region_the_peak_is_where_the_picture_has_it():
    assert peak_pixel(spot(0, 0), 200, 100, (0.5, 0.0, 1.0, 1.0)) == (105, 5)


def test_half_a_cell_beside_the_box_is_inside_and_more_is_not():
    # the peak lies at (75, 35), a cell is 10 x 10
    assert point(spot(3, 7), [(80, 30, 90, 40)], 100, 100).inside
    assert not point(spot(3, 7), [(81, 30, 91, 40)], 100, 100).inside


def test_chance_is_the_share_that_the_grown_boxes_cover():
    # 20 x 20 pixels, grown by 5 to each side; the second box lies within the first
    found = point(spot(0, 0), [(40, 40, 60, 60), (45, 45, 50, 50)], 100, 100)
    assert found.chance == pytest.approx(0.09)
    assert found.energy_chance == pytest.approx(0.04)


def test_no_evidence_points_nowhere():
    found = point(np.full((4, 4), -1, np.float32), [(0, 0, 40, 40)], 40, 40)
    assert (found.inside, found.energy) == (False, None)


def test_energy_counts_a_cell_by_its_covered_share():
    evidence = np.array([[3, -5], [0, 1]], np.float32)
    left_upper_half = covered([(0, 0, 20, 10)], 40, 40)
    assert share_inside(evidence, left_upper_half) == pytest.approx(3 / 4 / 2)

"""Millimetres per pixel."""

import pytest

from core.measure.calibration import MeasureError, from_length, from_pitches, possible_scale


def test_fifty_millimetres_over_five_hundred_pixels_are_a_tenth_each() -> None:
    assert from_length((100, 100), (400, 500), 50) == pytest.approx(0.1)  # 3, 4, 5: 500 pixels


def test_two_stretches_of_known_pitch_give_one_scale() -> None:
    assert from_pitches([(40, 2), (80, 4)]) == pytest.approx(0.05)
    assert from_pitches([(40, 2)]) == pytest.approx(0.05)


@pytest.mark.parametrize("mm", [0, -2, float("nan"), float("inf"), 1e9])
def test_lengths_that_are_nonsense_are_refused(mm: float) -> None:
    for calibrate in (lambda: from_length((0, 0), (100, 0), mm), lambda: from_pitches([(40, mm)])):
        with pytest.raises(MeasureError):
            calibrate()


def test_other_nonsense_is_refused() -> None:
    with pytest.raises(MeasureError, match="contradict"):
        from_pitches([(40, 2), (40, 4)])
    with pytest.raises(MeasureError, match="needs a stretch"):
        from_pitches([])
    with pytest.raises(MeasureError):
        from_length((7, 7), (7, 7), 50)
    with pytest.raises(MeasureError):
        possible_scale(0)

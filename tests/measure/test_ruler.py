"""Seams that are drawn here: stitches of a given length, so that the right number is known."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from core.measure.ruler import SURE, measure

PITCH = 30.0


def cloth(height: int = 480, width: int = 640) -> np.ndarray:
    """Grey cloth with a little noise: (height, width, 3) uint8 BGR."""
    noise = np.random.default_rng(1).normal(120, 6, (height, width, 3))
    return np.clip(noise, 0, 255).astype(np.uint8)


def sew(picture: np.ndarray, places: np.ndarray, without: tuple[int, ...] = ()) -> np.ndarray:
    """Draw a stitch from each of ``places`` (n, 2) to the next, with gaps between; holes ``without`` are passed over."""
    holes = np.delete(places, list(without), axis=0)
    for a, b in pairwise(holes):
        inset = 5 * (b - a) / np.hypot(*(b - a))
        start, end = (tuple(np.rint(16 * p).astype(int).tolist()) for p in (a + inset, b - inset))
        cv2.line(picture, start, end, (40, 200, 230), 5, cv2.LINE_AA, shift=4)
    return picture


def straight(degrees: float, pitch: float = PITCH, middle: tuple[float, float] = (320, 240)) -> np.ndarray:
    """Needle holes (n, 2) of a straight seam across the whole picture, the middle one at ``middle``."""
    way = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    return np.array(middle) + np.arange(-30, 31)[:, None] * pitch * way


@pytest.mark.parametrize("degrees", [0, 30, 45, 90, 135])
def test_a_seam_of_any_direction_has_the_pitch_it_was_drawn_with(degrees: float) -> None:
    result = measure(sew(cloth(), straight(degrees)))
    assert result is not None
    assert result.pitch == pytest.approx(PITCH, rel=0.02)
    assert result.spread < 0.05 * PITCH
    assert result.confidence >= SURE
    assert len(result.skipped) == 0


def test_both_pitches_of_a_machine_are_told_apart() -> None:
    results = [measure(sew(cloth(), straight(90, pitch))) for pitch in (40, 80)]
    assert [round(result.pitch) for result in results if result] == [40, 80]


def test_a_curved_seam_is_measured_along_its_curve() -> None:
    angles = np.radians(90) + np.arange(-30, 31) * PITCH / 1200  # an arc of radius 1200 pixels
    places = np.stack([320 + 1200 * np.cos(angles), -940 + 1200 * np.sin(angles)], axis=1)
    result = measure(sew(cloth(), places))
    assert result is not None
    assert result.pitch == pytest.approx(PITCH, rel=0.02)


def test_a_skipped_stitch_is_named_where_it_is() -> None:
    result = measure(sew(cloth(), straight(0), without=(32,)))  # the second hole to the right of the middle
    assert result is not None
    assert result.pitch == pytest.approx(PITCH, rel=0.02)
    assert len(result.skipped) == 1
    assert result.skipped[0] == pytest.approx([320 + 2 * PITCH, 240], abs=PITCH / 3)


def test_of_two_seams_one_is_measured() -> None:
    picture = sew(sew(cloth(), straight(90, middle=(200, 240))), straight(90, middle=(450, 250)))
    result = measure(picture)
    assert result is not None
    assert result.pitch == pytest.approx(PITCH, rel=0.02)


def test_no_seam_no_number() -> None:
    line = cloth()
    cv2.line(line, (0, 200), (640, 200), (40, 200, 230), 5, cv2.LINE_AA)  # a thread without stitches
    empty = np.zeros((480, 640, 3), np.uint8)
    assert [measure(picture) for picture in (cloth(), line, empty, empty + 255)] == [None] * 4


@pytest.mark.parametrize("shape", [(8, 8), (1, 640), (480, 30), (1080, 1920), (640, 480), (224, 224)])
def test_pictures_of_every_size_are_taken(shape: tuple[int, int]) -> None:
    assert measure(cloth(*shape)) is None


def test_a_zigzag_gives_its_period_or_no_number() -> None:
    places = straight(0)
    places[::2, 1] += 12
    result = measure(sew(cloth(), places))
    assert (
        result is None
        or result.pitch == pytest.approx(2 * PITCH, rel=0.05)
        or result.pitch == pytest.approx(PITCH, rel=0.05)
    )


def test_millimetres_come_with_a_scale() -> None:
    result = measure(sew(cloth(), straight(0)))
    assert result is not None
    assert "pitch_mm" not in result.to_json()
    numbers = result.to_json(mm_per_pixel=0.1)
    assert numbers["pitch_mm"] == pytest.approx(3.0, rel=0.02)
    assert numbers["stitches_per_cm"] == pytest.approx(10 / 3, rel=0.02)


def test_a_crease_that_stands_out_more_is_not_taken_for_the_seam() -> None:
    picture = sew(cloth(), straight(90))
    cv2.line(picture, (40, 300), (420, 360), (250, 250, 250), 9, cv2.LINE_AA)
    result = measure(picture)
    assert result is not None
    assert result.pitch == pytest.approx(PITCH, rel=0.02)


def test_a_weft_that_is_a_little_thicker_than_the_others_is_no_seam() -> None:
    y, x = np.mgrid[:480, :640]
    weave = 12 * np.sin(2 * np.pi * x / 24) * np.sin(2 * np.pi * y / 24)
    weave[228:240] *= 1.4
    assert measure(np.clip(cloth() + weave[..., None], 0, 255).astype(np.uint8)) is None

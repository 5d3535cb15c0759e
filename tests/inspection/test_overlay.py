from dataclasses import replace

import numpy as np
import pytest

from core.attributes import SEAM, named
from core.inspection.inspector import Inspection
from core.inspection.overlay import GAP, bgr, draw, figure, heatmaps, is_empty

PICTURE = np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)


def spot(row=3, column=5):
    """Evidence in one cell, evidence against in the others."""
    evidence = np.full((16, 16), -0.5, np.float32)
    evidence[row, column] = 2.0
    return evidence


def inspection(region=None, maps=None, attributes=SEAM, **decided):
    decisions = {name: decided.get(name, False) for name in attributes.names}
    probabilities = {name: 0.9 if yes else 0.1 for name, yes in decisions.items()}
    return Inspection(
        probabilities, decisions, {name: spot() for name in attributes.names} | (maps or {}), region
    )


def shown(*args, **kwargs):
    return [(h.attribute.name, h.decided) for h in heatmaps(*args, **kwargs)]


@pytest.mark.parametrize("length", [True, False])
def test_a_good_seam_is_the_frame_itself(length):
    assert np.array_equal(draw(PICTURE, inspection(good=True, length=length), SEAM), PICTURE)


def test_what_is_drawn_unasked():
    assert shown(inspection(error=True, length=True), SEAM) == [("error", True)]
    assert shown(inspection(error=True, good=True), SEAM) == [("error", True)]
    assert shown(inspection(length=True), SEAM) == shown(inspection(), SEAM) == []
    assert shown(inspection(length=True), SEAM, {"length"}) == [("length", True)]


def test_what_is_drawn_on_request():
    seen = inspection(good=True, error=True)
    assert shown(seen, SEAM, {"good", "break"}) == [("good", True), ("break", False)]
    assert shown(seen, SEAM, set()) == []


def test_of_classes_the_winner_is_drawn():
    classes = named(["Apfel", "Orange", "Tomate"], exclusive=True)
    assert shown(inspection(attributes=classes, Orange=True), classes) == [("Orange", True)]


def test_decided_false_with_a_meaning_shows_the_evidence_for_that():
    (heatmap,) = heatmaps(inspection(length=False), SEAM, {"length"})
    assert heatmap.evidence[3, 5] == 0
    assert heatmap.evidence[0, 0] == 1


def test_drawn_in_the_colour_of_the_attribute_where_the_evidence_is():
    grey = np.full((480, 640, 3), 128, np.uint8)
    drawn = draw(grey, inspection(error=True), SEAM, 0.5, {"error"}).astype(int)
    expected = np.rint(128 * 0.5 + np.array(bgr(SEAM["error"].colour)) * 0.5)
    assert np.abs(drawn[3 * 30 + 15, 5 * 40 + 20] - expected).max() <= 16  # the peak of a smooth hill
    assert np.argmax(np.abs(drawn - 128).sum(axis=2)) // 640 in range(85, 125)


def test_pixels_without_evidence_stay():
    drawn = draw(PICTURE, inspection(error=True), SEAM, 1.0, {"error"})
    assert np.array_equal(drawn[200:], PICTURE[200:])
    assert np.array_equal(drawn[:, 400:], PICTURE[:, 400:])
    assert not np.array_equal(drawn, PICTURE)


def test_no_positive_evidence_draws_nothing():
    empty = inspection(error=True, maps={"error": np.full((16, 16), -1, np.float32)})
    assert np.array_equal(draw(PICTURE, empty, SEAM, chosen={"error"}), PICTURE)


def test_drawn_inside_the_region_only():
    everywhere = {"error": np.ones((16, 16), np.float32)}
    seen = inspection(region=(0.5, 0.5, 1, 1), maps=everywhere, error=True)
    changed = (draw(PICTURE, seen, SEAM, chosen={"error"}) != PICTURE).any(axis=2)
    assert changed[240:, 320:].mean() > 0.95
    assert changed.sum() == changed[240:, 320:].sum()


def test_opacity_nought_is_the_frame():
    seen = inspection(error=True, **{"break": True})
    assert np.array_equal(draw(PICTURE, seen, SEAM, opacity=0), PICTURE)


def test_the_picture_is_not_changed():
    kept = PICTURE.copy()
    draw(PICTURE, inspection(error=True), SEAM)
    assert np.array_equal(PICTURE, kept)


def test_a_heatmap_is_empty_where_nothing_speaks_for_what_was_decided():
    against = {name: np.full((16, 16), -1, np.float32) for name in SEAM.names}
    assert is_empty(inspection(error=True, maps=against), SEAM, "error")
    assert not is_empty(inspection(error=True), SEAM, "error")
    assert not is_empty(inspection(length=False, maps=against), SEAM, "length")  # it speaks for 4 mm


FRUIT = named(["Apple", "Tomato"], exclusive=True)
LEFT = np.array([[1.0, 0.0], [1.0, 0.0]], np.float32)
SEEN = Inspection(
    {"Apple": 0.9, "Tomato": 0.1}, {"Apple": True, "Tomato": False}, {"Apple": LEFT, "Tomato": -LEFT}
)


def thirds(chosen):
    made = figure(np.full((40, 80, 3), 90, np.uint8), SEEN, FRUIT, chosen, 300 + 2 * GAP)
    assert made.shape == (50, 300 + 2 * GAP, 3)
    return made[:, :100], made[:, 100 + GAP : 200 + GAP], made[:, -100:]


def test_the_heatmap_stands_alone_on_black_between_the_picture_and_both():
    picture, heat, both = thirds("Apple")
    assert (picture == 90).all()
    assert heat[25, 5].argmax() == 1 and heat[25, 5, 1] > 150  # the apple's green
    assert heat[25, 95].tolist() == [0, 0, 0] and both[25, 95].tolist() == [90, 90, 90]
    assert both[25, 5, 1] > 90


def test_without_evidence_the_heatmap_is_black():
    _, heat, both = thirds("Tomato")
    assert not heat.any() and (both == 90).all()


def test_on_a_measured_scale_the_full_colour_is_that_of_the_evidence_for_the_decision():
    measured = replace(inspection(length=False), full={"length": (4.0, 0.5)})
    (heatmap,) = heatmaps(measured, SEAM, {"length"})
    assert heatmap.evidence[0, 0] == 1  # 0.5 against 2 mm
    faint = replace(inspection(length=True), full={"length": (4.0, 0.5)})
    (heatmap,) = heatmaps(faint, SEAM, {"length"})
    assert 0.4 < heatmap.evidence[3, 5] < 0.5  # 2 of 4

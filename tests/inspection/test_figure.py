import numpy as np

from core.attributes import named
from core.inspection.figure import GAP, strip
from core.inspection.inspector import Inspection

FRUIT = named(["Apple", "Tomato"], exclusive=True)
LEFT = np.array([[1.0, 0.0], [1.0, 0.0]], np.float32)
SEEN = Inspection(
    {"Apple": 0.9, "Tomato": 0.1}, {"Apple": True, "Tomato": False}, {"Apple": LEFT, "Tomato": -LEFT}
)


def thirds(chosen):
    made = strip(np.full((40, 80, 3), 90, np.uint8), SEEN, FRUIT, chosen, 300 + 2 * GAP)
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

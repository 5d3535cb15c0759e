"""What is said of a picture: defects first, then that all is clear, and properties apart."""

from core.attributes import SEAM, named
from core.inspection.inspector import Inspection
from core.inspection.verdict import properties, verdict


def seen(attributes=SEAM, **probabilities):
    values = {name: probabilities.get(name, 0.1) for name in attributes.names}
    return Inspection(values, {name: p >= 0.5 for name, p in values.items()}, {})


def said(inspection, attributes=SEAM):
    return [(word.words, word.probability) for word in verdict(inspection, attributes)]


def test_the_surest_defect_comes_first_and_a_good_seam_is_good():
    assert said(seen(good=0.9, error=0.7, **{"break": 0.99})) == [("break", 0.99), ("error", 0.7)]
    assert said(seen(good=0.98, length=0.9)) == [("good", 0.98)]
    assert said(seen(length=0.9)) == []


def test_of_classes_it_is_the_winner():
    fruit = named(["Apple", "Orange"], exclusive=True)
    assert said(seen(fruit, Orange=0.8), fruit) == [("Orange", 0.8)]


def test_a_property_is_said_either_way_as_sure_as_it_is():
    assert [(w.words, w.probability) for w in properties(seen(length=0.75), SEAM)] == [
        ("2 mm stitches", 0.75)
    ]
    assert [(w.words, w.probability) for w in properties(seen(length=0.25), SEAM)] == [
        ("4 mm stitches", 0.75)
    ]

"""The published figures."""

from core.networks import published_accuracy as published


def test_the_four_percentages_are_those_of_370_pictures():
    shares = published.accuracy(["good", "error", "break", "length"])
    right = {"good": 306, "error": 360, "break": 359, "length": 370}
    assert {name: round(count / 370, 3) for name, count in right.items()} == shares


def test_other_attributes_have_no_published_figure():
    assert published.accuracy(["good", "error", "break"]) == {}

"""Which frames are uncertain."""

import numpy as np
import pytest

from core.attributes import named
from core.events.writer import MOST, UncertainFrames
from core.inspection.inspector import Reading


def chooser_of(thresholds=(0.5, 0.9), exclusive=False):
    attributes = named(["good", "break"], exclusive=exclusive)
    return UncertainFrames(attributes, np.array(thresholds))


def reading(good, broken, time=0.0, unfamiliarity=0.2):
    return Reading(round(10 * time), time, {"good": good, "break": broken}, unfamiliarity)


@pytest.mark.parametrize(
    ("good", "broken", "why"),
    [
        (0.99, 0.01, ""),
        (0.34, 0.01, "good near the threshold"),  # odds of 0.52 beside 1
        (0.33, 0.01, ""),  # odds of 0.49
        (0.66, 0.01, "good near the threshold"),
        (0.67, 0.01, ""),
        (0.99, 0.83, "break near the threshold"),  # odds of 4.9 beside 9
        (0.99, 0.81, ""),  # odds of 4.3
        (0.5, 0.9, "good, break near the threshold"),
    ],
)
def test_odds_within_a_factor_of_two_of_the_threshold_are_uncertain(good, broken, why):
    assert chooser_of().why(reading(good, broken)) == why


def test_an_unfamiliar_picture_is_uncertain_however_sure_the_network_is():
    assert chooser_of().why(reading(0.99, 0.01, unfamiliarity=1.1)) == "unfamiliar"


def test_of_classes_two_that_are_about_as_probable_are_uncertain():
    assert chooser_of(exclusive=True).why(reading(0.6, 0.4)) == "good or break"
    assert chooser_of(exclusive=True).why(reading(0.7, 0.3)) == ""


def test_thresholds_at_the_ends_are_no_division_by_zero():
    assert chooser_of((0.0, 1.0)).why(reading(0.5, 0.5)) == ""


def test_one_frame_a_second_is_chosen():
    chooser = chooser_of()
    chosen = [time / 10 for time in range(31) if chooser.choose(reading(0.5, 0, time / 10))]
    assert chosen == [0.0, 1.0, 2.0, 3.0]


def test_no_more_than_so_many_are_chosen():
    chooser = chooser_of()
    assert sum(bool(chooser.choose(reading(0.5, 0, time))) for time in range(MOST + 50)) == MOST

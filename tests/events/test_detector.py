"""Events by hand, and what holds for all streams of readings."""

from itertools import pairwise
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.attributes import SEAM, named
from core.errors import RunError, WorkspaceError
from core.events.detector import ROUNDING, UNFAMILIAR, Detector, EventRule, Smoother, default_rules
from core.inspection.inspector import Reading

RULE = EventRule(on=0.5, off=0.3, least=0.2, gap=0.2)


def stream(probabilities, step=0.1, unfamiliarity=None):
    strange = unfamiliarity or [0.0] * len(probabilities)
    return [
        Reading(index, round(index * step, 6), {"break": p}, u)
        for index, (p, u) in enumerate(zip(probabilities, strange, strict=True))
    ]


def events_of(readings, rules, exclusive=False):
    """The events of ``readings``, in the order of their ends."""
    detector = Detector(rules, exclusive)
    changes = [change for reading in readings for change in detector.add(reading)]
    return [change.event for change in changes + detector.finish() if change.is_over]


def spans(probabilities, rule=RULE, **more):
    found = events_of(stream(probabilities, **more), {"break": rule})
    return [(event.start, event.end) for event in found]


def test_an_event_begins_at_on_and_holds_down_to_off():
    assert spans([0.4, 0.6, 0.4, 0.3, 0.2, 0.4, 0.1, 0.1]) == [(0.1, 0.3)]


def test_what_is_too_short_is_no_event():
    assert spans([0.1, 0.6, 0.6, 0.1, 0.1, 0.1]) == []


def test_a_short_gap_is_bridged_and_a_long_one_is_not():
    assert spans([0.9, 0.9, 0.9, 0.1, 0.9, 0.9]) == [(0.0, 0.5)]
    assert spans([0.9, 0.9, 0.9, 0.1, 0.1, 0.9, 0.9, 0.9]) == [(0.0, 0.2), (0.5, 0.7)]


def test_after_a_gap_it_must_come_up_to_on_again():
    assert spans([0.9, 0.9, 0.9, 0.1, 0.4, 0.4]) == [(0.0, 0.2)]


def test_the_peak_is_where_the_probability_was_greatest():
    (event,) = events_of(stream([0.6, 0.7, 0.95, 0.8]), {"break": RULE})
    assert (event.peak, event.peak_time, event.peak_index) == (0.95, 0.2, 2)


def test_few_pictures_per_second_hold_as_well():
    assert spans([0.9, 0.9, 0.9, 0.1, 0.1], step=1.0) == [(0.0, 2.0)]


def test_a_camera_that_was_away_ends_its_event():
    readings = stream([0.9] * 6)
    later = [Reading(r.index + 6, r.time + 30, r.probabilities) for r in readings]
    assert [e.start for e in events_of(readings + later, {"break": RULE})] == [0.0, 30.0]


def test_a_picture_that_the_network_does_not_know_holds_nothing():
    assert spans([0.9] * 4, unfamiliarity=[2.0] * 4) == []


def test_unfamiliar_pictures_are_an_event_of_their_own():
    rules = {"break": RULE, UNFAMILIAR: EventRule(1.0, 0.9)}
    (event,) = events_of(stream([0.9] * 4, unfamiliarity=[2.0] * 4), rules)
    assert (event.attribute, event.start, event.end) == (UNFAMILIAR, 0.0, 0.3)


def test_smoothing_hides_a_flash():
    flash = [0.0] * 5 + [1.0] + [0.0] * 5
    flashing = EventRule(0.5, 0.3, least=0.0)
    assert spans(flash, flashing) == [(0.5, 0.5)]
    assert spans(flash, EventRule(0.5, 0.3, least=0.0, smooth=0.5)) == []


def test_the_peak_is_not_smoothed_and_so_not_late():
    (event,) = events_of(stream([0.2, 0.8, 0.9, 0.7, 0.7, 0.7]), {"break": EventRule(0.4, 0.3, smooth=0.1)})
    assert (event.peak, event.peak_index) == (0.9, 2)


def test_of_classes_the_most_probable_holds_whatever_the_threshold():
    attributes = named(["apple", "pear"], exclusive=True)
    rules = default_rules(attributes, [0.99, 0.99])
    readings = [Reading(i, i / 10, {"apple": 0.6, "pear": 0.4}) for i in range(4)]
    assert [e.attribute for e in events_of(readings, rules, exclusive=True)] == ["apple"]


def test_events_are_told_when_they_are_sure_and_when_they_are_over():
    detector = Detector({"break": RULE})
    told = [[c.is_over for c in detector.add(r)] for r in stream([0.9, 0.9, 0.9, 0.1, 0.1, 0.1])]
    assert told == [[], [], [False], [], [], [True]]


def test_unsaid_defects_make_events_at_their_thresholds():
    rules = default_rules(SEAM, [0.5, 0.6, 0.7, 0.5])
    assert {name: rule.on for name, rule in rules.items()} == {"error": 0.6, "break": 0.7, UNFAMILIAR: 1.0}


def test_an_attribute_that_is_not_there_is_refused():
    with pytest.raises(WorkspaceError, match="brake"):
        default_rules(SEAM, [0.5] * 4, ["brake"])


def test_changes_of_the_rules_are_for_all_or_by_attribute():
    rules = default_rules(SEAM, [0.5] * 4, smooth=0.3, on={"break": 0.9, "": 0.4})
    assert [(rules[name].on, rules[name].smooth) for name in ("break", "error")] == [(0.9, 0.3), (0.4, 0.3)]


def test_smoothing_is_of_attributes_and_leaves_the_unfamiliar_as_it_is():
    assert (
        default_rules(SEAM, [0.5] * 4, smooth=0.3)[UNFAMILIAR] == default_rules(SEAM, [0.5] * 4)[UNFAMILIAR]
    )


def test_a_change_of_what_makes_no_events_is_refused():
    with pytest.raises(RunError, match="error, break"):
        default_rules(SEAM, [0.5] * 4, on={"good": 0.5})


@pytest.mark.parametrize("name", ["least", "gap", "smooth"])
def test_seconds_that_are_no_number_are_refused(name):
    with pytest.raises(RunError, match="all seconds must be 0 or more"):
        EventRule(0.5, 0.3, **{name: float("nan")})


def test_thresholds_that_make_no_sense_are_refused():
    with pytest.raises(RunError, match="off threshold"):
        EventRule(on=0.3, off=0.5)


RULES = st.builds(
    lambda on, share, least, gap, smooth: EventRule(on, on * share, least, gap, smooth),
    st.floats(0.05, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.sampled_from([0.0, 0.3]),
)  # fmt: skip
STREAMS = st.lists(
    st.tuples(st.floats(0.001, 0.7), st.floats(0, 1), st.sampled_from([0, 0, 0, 2])), max_size=60
)


def made(rows):
    time, readings = 0.0, []
    for index, (step, probability, strange) in enumerate(rows):
        time += step
        readings.append(Reading(index, time, {"break": probability}, strange))
    return readings


@given(STREAMS, RULES)
def test_events_do_not_overlap_last_long_enough_and_contain_their_peak(rows, rule):
    readings = made(rows)
    events = events_of(readings, {"break": rule})
    assert all(one.end < other.start for one, other in pairwise(events))
    assert all(event.end - event.start >= rule.least - ROUNDING for event in events)
    assert all(event.start <= event.peak_time <= event.end and event.peak >= rule.on for event in events)
    assert all(readings[event.peak_index].time == event.peak_time for event in events)


@given(STREAMS, RULES, st.integers(1, 9))
def test_cutting_the_stream_into_chunks_changes_nothing(rows, rule, size):
    readings, detector = made(rows), Detector({"break": rule, UNFAMILIAR: rule})
    found = []
    for first in range(0, len(readings), size):
        for reading in readings[first : first + size]:
            found += [change.event for change in detector.add(reading) if change.is_over]
    found += [change.event for change in detector.finish() if change.is_over]
    assert found == events_of(readings, {"break": rule, UNFAMILIAR: rule})


@given(STREAMS, RULES)
def test_each_event_is_told_as_sure_before_it_is_over(rows, rule):
    detector, open_now = Detector({"break": rule}), set()
    for change in [c for r in made(rows) for c in detector.add(r)] + detector.finish():
        if change.is_over:
            open_now.remove(change.event.number)
        else:
            open_now.add(change.event.number)
    assert not open_now


def test_after_its_seconds_a_step_has_come_through_by_63_percent():
    smoother = Smoother(0.5)
    smoother.add(0.0, 0.0)
    assert smoother.add(0.5, 1.0) == pytest.approx(1 - exp(-1))


def test_it_smooths_in_time_and_not_in_pictures():
    few, many = Smoother(0.5), Smoother(0.5)
    few.add(0.0, 0.0)
    many.add(0.0, 0.0)
    for step in range(1, 11):
        last = many.add(step / 10, 1.0)
    assert few.add(1.0, 1.0) == pytest.approx(last)


def test_off_changes_nothing():
    smoother = Smoother(0.0)
    assert [smoother.add(t, p) for t, p in ((0, 0.2), (1, 0.9), (2, 0.1))] == [0.2, 0.9, 0.1]

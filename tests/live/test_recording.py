import cv2
import numpy as np

from core.events.clips import LONGEST, Recorder
from core.events.detector import Rule
from core.events.observer import Observer
from core.inspection.reading import Reading

RULES = {"break": Rule(0.5, 0.3, least=0.2, gap=0.2)}


def picture(index):
    """A picture that tells its index, also as a JPEG."""
    return np.full((48, 64, 3), index % 256, np.uint8)


def feed(observer, probabilities, step=0.1):
    for index, p in enumerate(probabilities):
        observer.add(picture(index), Reading(index, index * step, {"break": p}))
    observer.finish()


def watched(probabilities, before=0.5, after=0.5):
    kept = []
    feed(Observer(RULES, on_event=lambda *one: kept.append(one), before=before, after=after), probabilities)
    return kept


def indexes(clip):
    return [round(float(cv2.imdecode(np.frombuffer(jpeg, np.uint8), 1).mean())) for _, jpeg in clip]


PASSES = [0.0] * 10 + [0.6, 0.6, 0.9, 0.6] + [0.0] * 10


def test_the_evidence_says_what_region_of_the_best_picture_was_judged():
    kept = []
    observer = Observer(RULES, on_event=lambda _, evidence: kept.append(evidence.region))
    for index, p in enumerate((0.6, 0.9, 0.6, 0.6)):
        observer.add(picture(index), Reading(index, index / 10, {"break": p}), region=(0, 0, index / 10, 1))
    observer.finish()
    assert kept == [(0, 0, 0.1, 1)]


def test_what_held_last_ends_while_no_picture_comes():
    told = []
    observer = Observer(RULES, on_event=lambda event, _: told.append((event.start, event.end)))
    for index in range(4):
        observer.add(picture(index), Reading(index, index / 10, {"break": 0.9}))
    observer.rest(5.0)
    assert told == []  # it may still go on
    observer.rest(5.5)
    assert told == [(0.0, 0.3)]


def test_the_best_picture_is_that_of_the_peak():
    ((event, evidence),) = watched(PASSES)
    assert event.peak_index == 12
    assert np.array_equal(evidence.picture, picture(12))


def test_the_clip_reaches_from_before_to_after():
    ((_, evidence),) = watched(PASSES)
    assert indexes(evidence.clip) == list(range(5, 19))


def test_what_is_open_at_the_end_is_closed_and_kept():
    ((event, evidence),) = watched(PASSES[:13])
    assert round(event.end, 6) == 1.2
    assert indexes(evidence.clip) == list(range(5, 13))


def test_two_events_in_a_row_have_their_own_pictures():
    kept = watched(PASSES + PASSES)
    assert [event.peak_index for event, _ in kept] == [12, 36]
    assert [round(float(evidence.picture.mean())) for _, evidence in kept] == [12, 36]


def test_a_long_event_keeps_a_bounded_clip():
    ((_, evidence),) = watched([0.9] * 400)
    assert evidence.clip[-1][0] - evidence.clip[0][0] <= LONGEST


def test_memory_holds_no_more_than_the_seconds_before_an_event():
    recorder = Recorder(RULES, before=0.5)
    for index in range(100):
        recorder.add(picture(0), Reading(index, index / 10, {"break": 0.0}), [], {})
    assert len(recorder._recent) <= 13


def test_events_are_counted_once_they_are_sure():
    observer = Observer(RULES)
    counts = []
    for index in range(4):
        observer.add(picture(index), Reading(index, index / 10, {"break": 0.9}))
        counts.append(observer.figures().events)
    assert counts == [0, 0, 1, 1]

import cv2
import numpy as np

from core.events.clips import LONGEST, ClipBuffer
from core.events.detector import EventRule
from core.inspection.inspector import Reading
from core.live.recording import EventList, Recording

RULES = {"break": EventRule(0.5, 0.3, least=0.2, gap=0.2)}


def picture(index):
    """A picture that tells its index, also as a JPEG."""
    return np.full((48, 64, 3), index % 256, np.uint8)


def steps(recording, probabilities, step=0.1):
    """What came of each frame, and of the end."""
    for index, p in enumerate(probabilities):
        yield recording.add(picture(index), Reading(index, index * step, {"break": p}))
    yield recording.finish()


def watched(probabilities, before=0.5, after=0.5):
    """The complete events with their pictures."""
    recording = Recording(RULES, before=before, after=after)
    return [pair for step in steps(recording, probabilities) for pair in step.complete]


def indexes(clip):
    return [round(float(cv2.imdecode(np.frombuffer(jpeg, np.uint8), 1).mean())) for _, jpeg in clip]


PASSES = [0.0] * 10 + [0.6, 0.6, 0.9, 0.6] + [0.0] * 10


def test_the_evidence_says_what_region_of_the_best_picture_was_judged():
    recording = Recording(RULES)
    for index, p in enumerate((0.6, 0.9, 0.6, 0.6)):
        recording.add(picture(index), Reading(index, index / 10, {"break": p}), (0, 0, index / 10, 1))
    assert [evidence.region for _, evidence in recording.finish().complete] == [(0, 0, 0.1, 1)]


def test_what_held_last_ends_while_no_picture_comes():
    recording = Recording(RULES)
    for index in range(4):
        recording.add(picture(index), Reading(index, index / 10, {"break": 0.9}))
    assert recording.rest(5.0).complete == []  # it may still go on
    assert [(event.start, event.end) for event, _ in recording.rest(5.5).complete] == [(0.0, 0.3)]


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
    clips = ClipBuffer(RULES, before=0.5)
    for index in range(100):
        clips.add(picture(0), Reading(index, index / 10, {"break": 0.0}), [], {})
    assert len(clips) <= 13


def test_events_are_listed_once_they_are_sure_and_get_their_picture_at_the_end():
    events, listed = EventList(), []
    for index, step in enumerate(steps(Recording(RULES), [0.9] * 4)):
        events.add(step, index / 10)
        listed.append([event.is_over for event in events.newest_first])
    assert listed == [[], [], [False], [False], [True]]

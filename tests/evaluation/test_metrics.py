"""The numbers of a test, on frames that can be counted by hand."""

import numpy as np
import pandas as pd
import pytest

from core.evaluation import metrics

VIDEOS = np.array(["a", "a", "b", "b", "b", "b"], object)


def result(labels, probabilities, videos=VIDEOS):
    """The result of an attribute at the threshold 0.5."""
    chances = np.array(probabilities, float)
    return metrics.attribute_result(pd.Series(labels, dtype="boolean"), chances >= 0.5, chances, videos, 0.5)


def test_six_frames_counted_by_hand():
    """True, true, true, false, false, false; decided true, true, false, true, false, false."""
    found = result([True] * 3 + [False] * 3, [0.9, 0.8, 0.3, 0.6, 0.2, 0.1])
    assert (found.accuracy, found.baseline, found.frames, found.positives, found.videos) == (
        4 / 6,
        0.5,
        6,
        3,
        2,
    )
    assert (found.precision, found.recall, found.f1) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert found.balanced_accuracy == pytest.approx(2 / 3)
    assert found.decided == {"true": {"true": 2, "false": 1}, "false": {"true": 1, "false": 2}}


def test_average_precision_by_hand():
    """By falling probability: true, true, false, true. Precision at each true one: 1, 1 and 3/4; each a third of recall."""
    found = result([True, True, True, False, False, False], [0.9, 0.8, 0.3, 0.6, 0.2, 0.1])
    assert found.average_precision == pytest.approx((1 + 1 + 3 / 4) / 3)


def test_balanced_accuracy_is_not_taken_in_by_a_rare_answer():
    found = result([True, False, False, False, False, False], [0.1] * 6)
    assert (found.accuracy, found.baseline, found.balanced_accuracy) == (5 / 6, 5 / 6, 0.5)


def test_unset_labels_are_left_out():
    found = result([True, None, False, None, None, None], [0.9, 0.1, 0.1, 0.9, 0.9, 0.9])
    assert (found.accuracy, found.frames, found.positives, found.videos) == (1, 2, 1, 2)


def test_without_a_positive_only_what_is_defined_is_said():
    found = result([False] * 6, [0.1] * 5 + [0.9])
    assert (found.accuracy, found.baseline, found.precision) == (5 / 6, 1, 0)
    assert [found.recall, found.f1, found.average_precision, found.balanced_accuracy] == [None] * 4


def test_nothing_decided_true_has_no_precision():
    found = result([True] * 3 + [False] * 3, [0.1] * 6)
    assert (found.precision, found.recall, found.f1) == (None, 0, 0)


def test_without_a_label_nothing_is_known():
    found = result([None] * 6, [0.5] * 6)
    assert found == metrics.AttributeResult(None, None, 0, 0, threshold=0.5)


def test_one_video_has_no_interval():
    found = result([True] * 6, [0.9] * 6, np.array(["a"] * 6, object))
    assert (found.accuracy, found.videos, found.interval) == (1, 1, None)


def test_six_videos_have_one():
    found = result([True] * 6, [0.9] * 6, np.array(list("abcdef"), object))
    assert found.interval.low < found.interval.high == 1


LABELS = pd.DataFrame(
    {"good": [True, True, False, None], "error": [False, True, True, True]}, dtype="boolean"
)
DECIDED = np.array([[True, False], [True, False], [False, True], [True, True]])


def test_exact_match_counts_frames_where_everything_is_labelled():
    assert metrics.exact(LABELS, DECIDED) == metrics.Exact(2 / 3, 3)
    assert metrics.exact(LABELS.tail(1), DECIDED[3:]) == metrics.Exact(None, 0)


def test_accuracy_per_video():
    found = metrics.per_video(LABELS, DECIDED, np.array(["a", "a", "b", "c"], object))
    assert found[0] == {
        "video": "a",
        "frames": 2,
        "exact_match": 0.5,
        "attributes": {"good": 1.0, "error": 0.5},
    }
    assert found[2] == {
        "video": "c",
        "frames": 1,
        "exact_match": None,
        "attributes": {"good": None, "error": 1.0},
    }


def test_agreement_with_each_annotator():
    rows = [("Ann", "a", "a_0", "good", True), ("Ann", "b", "b_0", "good", False), ("Ann", "b", "b_0", "error", True),
            ("Ben", "a", "a_0", "good", True)]  # fmt: skip
    found = metrics.agreement(
        pd.DataFrame(rows, columns=["annotator", "video", "name", "attribute", "right"])
    )
    assert (found["Ann"]["agreement"], found["Ann"]["labels"]) == (pytest.approx(2 / 3), 3)
    assert (found["Ann"]["frames"], found["Ann"]["videos"], found["Ben"]["agreement"]) == (2, 2, 1)
    assert found["Ann"]["attributes"]["good"] == {"agreement": 0.5, "labels": 2}

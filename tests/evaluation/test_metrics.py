"""The numbers of a test, on frames that can be counted by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.evaluation import metrics
from core.runs.results import AnnotatorResult, LabelAgreement, VideoResult

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
    shares = [found.metrics[name] for name in ("precision", "recall", "f1", "balanced_accuracy")]
    assert shares == pytest.approx([2 / 3] * 4)
    assert found.decided == {"true": {"true": 2, "false": 1}, "false": {"true": 1, "false": 2}}


def test_average_precision_by_hand():
    """By falling probability: true, true, false, true. Precision at each true one: 1, 1 and 3/4; each a third of recall."""
    found = result([True, True, True, False, False, False], [0.9, 0.8, 0.3, 0.6, 0.2, 0.1])
    assert found.metrics["average_precision"] == pytest.approx((1 + 1 + 3 / 4) / 3)


def test_balanced_accuracy_is_not_taken_in_by_a_rare_answer():
    found = result([True, False, False, False, False, False], [0.1] * 6)
    assert (found.accuracy, found.baseline, found.metrics["balanced_accuracy"]) == (5 / 6, 5 / 6, 0.5)


def test_unset_labels_are_left_out():
    found = result([True, None, False, None, None, None], [0.9, 0.1, 0.1, 0.9, 0.9, 0.9])
    assert (found.accuracy, found.frames, found.positives, found.videos) == (1, 2, 1, 2)


def test_without_a_positive_only_what_is_defined_is_said():
    found = result([False] * 6, [0.1] * 5 + [0.9])
    assert (found.accuracy, found.baseline, found.metrics["precision"]) == (5 / 6, 1, 0)
    undefined = ("recall", "f1", "average_precision", "balanced_accuracy")
    assert [found.metrics[name] for name in undefined] == [None] * 4


def test_nothing_decided_true_has_no_precision():
    found = result([True] * 3 + [False] * 3, [0.1] * 6)
    assert [found.metrics[name] for name in ("precision", "recall", "f1")] == [None, 0, 0]


def test_without_a_label_nothing_is_known():
    found = result([None] * 6, [0.5] * 6)
    assert set(found.metrics.values()) == {None}
    assert (found.frames, found.positives, found.videos, found.decided, found.threshold) == (
        0,
        0,
        0,
        None,
        0.5,
    )


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
    assert metrics.exact_match(LABELS, DECIDED) == (2 / 3, 3)
    assert metrics.exact_match(LABELS.tail(1), DECIDED[3:]) == (None, 0)


def test_accuracy_per_video():
    found = metrics.per_video(LABELS, DECIDED, np.array(["a", "a", "b", "c"], object))
    assert found[0] == VideoResult("a", 2, 0.5, {"good": 1.0, "error": 0.5})
    assert found[2] == VideoResult("c", 1, None, {"good": None, "error": 1.0})


def test_agreement_with_each_annotator():
    rows = [("Ann", "a", "a_0", "good", True), ("Ann", "b", "b_0", "good", False), ("Ann", "b", "b_0", "error", True),
            ("Ben", "a", "a_0", "good", True)]  # fmt: skip
    found = metrics.annotator_results(
        pd.DataFrame(rows, columns=["annotator", "video", "name", "attribute", "right"])
    )
    assert found["Ann"] == AnnotatorResult(
        pytest.approx(2 / 3), 3, 2, 2, {"good": LabelAgreement(0.5, 2), "error": LabelAgreement(1.0, 1)}
    )
    assert found["Ben"].agreement == 1


# Classes, on five frames that can be counted by hand.

NAMES = ("apple", "orange", "tomato")


def table(*rows):
    """Make predictions of rows (name, class or None, probabilities); without a class nothing is labelled."""
    made = pd.DataFrame([{"name": name, "video": "g"} for name, *_ in rows])
    for number, name in enumerate(NAMES):
        labels = [None if label is None else label == name for _, label, _ in rows]
        made[name] = pd.array(labels, "boolean")
        made[f"{name}_probability"] = [chances[number] for *_, chances in rows]
    return made


FIVE = table(
    ("a", "apple", (0.6, 0.3, 0.1)),
    ("b", "apple", (0.2, 0.1, 0.7)),
    ("c", "apple", (0.4, 0.35, 0.25)),  # under one half, and yet the most probable
    ("d", "tomato", (0.9, 0.05, 0.05)),
    ("e", None, (0.1, 0.8, 0.1)),
)


@pytest.fixture
def classes():
    return metrics.classes_result(FIVE, NAMES)


def test_rows_are_labels_and_columns_decisions(classes):
    rows = [list(row.values()) for row in classes.confusion.values()]
    assert rows == [[2, 0, 1], [0, 0, 0], [1, 0, 0]]
    assert classes.confusion["apple"] == {"apple": 2, "orange": 0, "tomato": 1}


def test_accuracy_beside_that_of_always_the_most_frequent_class(classes):
    assert (classes.frames, classes.most_frequent, classes.videos) == (4, "apple", 1)
    assert (classes.metrics["accuracy"], classes.metrics["baseline"]) == (0.5, 0.75)


def test_recall_of_a_class_without_frames_is_not_defined(classes):
    assert classes.per_class["recall"] == {"apple": pytest.approx(2 / 3), "orange": None, "tomato": 0.0}


def test_each_class_counts_the_same_in_balanced_accuracy_and_macro_f1(classes):
    """Recall is 2/3 and 0; F1 of the apple is 2 * 2 / (3 + 3), of the tomato 0; the orange is neither labelled nor decided."""
    assert classes.metrics["balanced_accuracy"] == classes.metrics["macro_f1"] == pytest.approx(1 / 3)
    assert classes.per_class["f1"] == {"apple": pytest.approx(2 / 3), "orange": None, "tomato": 0}


def test_a_class_that_is_decided_and_never_labelled_counts_in_macro_f1():
    """F1 of the apple is 2 / 3, of the orange 0."""
    found = metrics.classes_result(table(("a", "apple", (0.9, 0.1, 0)), ("b", "apple", (0.1, 0.9, 0))), NAMES)
    assert found.per_class["f1"] == {"apple": pytest.approx(2 / 3), "orange": 0, "tomato": None}
    assert (found.metrics["macro_f1"], found.metrics["balanced_accuracy"]) == (pytest.approx(1 / 3), 0.5)


def test_precision_of_a_class_that_was_never_decided_is_not_defined(classes):
    assert classes.per_class["precision"] == {"apple": pytest.approx(2 / 3), "orange": None, "tomato": 0}


def test_average_precision_ranks_the_frames_by_the_probability_of_the_class(classes):
    """Apple: d (no), a, c, b, so (1/2 + 2/3 + 3/4) / 3. Tomato: d, the only one, comes last of four."""
    ranked = classes.per_class["average_precision"]
    assert ranked == {"apple": pytest.approx(23 / 36), "orange": None, "tomato": 0.25}


def test_without_frames_no_metric_is_defined():
    found = metrics.classes_result(FIVE.iloc[4:], NAMES)
    assert set(found.metrics.values()) == {None} and (found.frames, found.videos) == (0, 0)


# The table of metrics.


def test_a_metric_is_shown_in_percent_or_as_a_number():
    share = metrics.METRICS[0]
    assert (share.shown(0.75), share.shown(None, "no labels")) == ("75.0 %", "no labels")
    assert replace(share, is_share=False).shown(1.25) == "1.250"


def test_a_metric_says_which_direction_is_better():
    accuracy = metrics.METRICS[0]
    assert accuracy.help.endswith(" Higher is better.")
    assert replace(accuracy, higher_is_better=None).help == accuracy.meaning


def test_a_metric_of_the_table_is_computed_for_what_it_is_of(monkeypatch):
    """Adding a metric is adding a row."""
    errors = metrics.Metric(
        "errors", "Errors", "Wrong decisions.", lambda of: (of.labels != of.decided).sum(), ("attribute",)
    )
    monkeypatch.setattr(metrics, "METRICS", (*metrics.METRICS, errors))
    assert result([True] * 3 + [False] * 3, [0.9, 0.8, 0.3, 0.6, 0.2, 0.1]).metrics["errors"] == 2
    assert "errors" not in metrics.classes_result(FIVE, NAMES).per_class
    assert "| `errors` | Errors | Wrong decisions. |" in metrics.reference()


def test_the_documentation_has_the_table():
    text = Path("docs/reference/measures.md").read_text("utf-8")
    assert metrics.reference() in text, "print the table with: python -m core.evaluation.metrics"

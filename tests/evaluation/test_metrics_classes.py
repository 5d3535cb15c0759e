"""Classes against decisions, on five frames that can be counted by hand."""

import pandas as pd
import pytest

from core.evaluation.metrics_classes import confused, confusion

NAMES = ("apple", "orange", "tomato")


def table(*rows):
    """Make predictions of rows (name, class or None, probabilities); without a class nothing is labelled."""
    made = pd.DataFrame([{"name": name, "video": "g"} for name, *_ in rows])
    for number, name in enumerate(NAMES):
        said = [None if label is None else label == name for _, label, _ in rows]
        made[name] = pd.array(said, "boolean")
        made[f"{name}_probability"] = [chances[number] for *_, chances in rows]
    return made


FIVE = table(
    ("a", "apple", (0.6, 0.3, 0.1)),
    ("b", "apple", (0.2, 0.1, 0.7)),
    ("c", "apple", (0.4, 0.35, 0.25)),  # under one half, and yet the most probable
    ("d", "tomato", (0.9, 0.05, 0.05)),
    ("e", None, (0.1, 0.8, 0.1)),
)


def test_rows_are_labels_and_columns_decisions():
    assert confusion(FIVE, NAMES).counts.tolist() == [[2, 0, 1], [0, 0, 0], [1, 0, 0]]


def test_accuracy_beside_that_of_always_the_most_frequent_class():
    found = confusion(FIVE, NAMES)
    assert (found.frames, found.accuracy, found.baseline, found.most_frequent) == (4, 0.5, 0.75, "apple")


def test_recall_of_a_class_without_frames_is_not_known():
    assert confusion(FIVE, NAMES).recall == {"apple": pytest.approx(2 / 3), "orange": None, "tomato": 0.0}


def test_json_names_the_labelled_class_first():
    found = confusion(FIVE, NAMES).to_json()
    assert found["confusion"]["apple"] == {"apple": 2, "orange": 0, "tomato": 1}
    assert list(found) == [
        *("accuracy", "baseline", "most_frequent", "balanced_accuracy", "macro_f1", "labelled_videos"),
        *("recall", "precision", "f1", "average_precision", "confusion"),
    ]


def test_each_class_counts_the_same_in_balanced_accuracy_and_macro_f1():
    """Recall is 2/3 and 0; F1 of the apple is 2 * 2 / (3 + 3), of the tomato 0; the orange is neither labelled nor decided."""
    found = confusion(FIVE, NAMES)
    assert (found.balanced_accuracy, found.macro_f1) == (pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert found.f1 == {"apple": pytest.approx(2 / 3), "orange": None, "tomato": 0}


def test_precision_of_a_class_that_was_never_decided_is_not_known():
    assert confusion(FIVE, NAMES).precision == {"apple": pytest.approx(2 / 3), "orange": None, "tomato": 0}


def test_average_precision_ranks_the_frames_by_the_probability_of_the_class():
    """Apple: d (no), a, c, b, so (1/2 + 2/3 + 3/4) / 3. Tomato: d, the only one, comes last of four."""
    found = confusion(FIVE, NAMES).average_precision
    assert found == {"apple": pytest.approx(23 / 36), "orange": None, "tomato": 0.25}


def test_the_surest_mistake_comes_first():
    found = confused(FIVE, NAMES)
    assert found[["name", "label", "decided", "probability"]].values.tolist() == [
        ["d", "tomato", "apple", 0.9],
        ["b", "apple", "tomato", 0.7],
    ]


def test_without_frames_nothing_is_known():
    found = confusion(FIVE.iloc[4:], NAMES)
    assert (found.accuracy, found.baseline, found.frames) == (None, None, 0)
    assert (found.balanced_accuracy, found.macro_f1, found.videos) == (None, None, 0)
    assert confused(FIVE.iloc[4:], NAMES).empty

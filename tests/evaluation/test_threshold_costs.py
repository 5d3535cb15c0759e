"""What thresholds cost, counted by hand on four frames."""

import numpy as np
import pandas as pd
import pytest

from core.errors import RunError
from core.evaluation import threshold_costs

LABELS = np.array([True, True, False, False])
PROBABILITIES = np.array([0.9, 0.4, 0.6, 0.1])


def predicted(labels=LABELS, probabilities=PROBABILITIES, videos=("v1", "v1", "v2", "v2"), part="valid"):
    """A table as a network predicts it, of one attribute called spot."""
    return pd.DataFrame({"name": [f"f{i}" for i in range(len(labels))], "video": videos, "part": part,
                         "spot": pd.array(labels, "boolean"), "spot_probability": probabilities})  # fmt: skip


def test_a_threshold_counts_missed_and_false_alarms():
    found = threshold_costs.effect(predicted(), "spot", 0.5)
    assert (found.frames, found.videos, found.positives, found.missed, found.false_alarms) == (4, 2, 2, 1, 1)
    assert found.balanced_accuracy == 0.5
    assert found.total(10) == 11


def test_at_its_threshold_a_frame_is_true():
    assert threshold_costs.effect(predicted(), "spot", 0.4).missed == 0


def test_unset_labels_do_not_count():
    table = predicted(labels=[True, None, False, None])
    assert threshold_costs.effect(table, "spot", 0.5).frames == 2


def test_the_curve_has_a_row_per_stretch_that_decides_the_same():
    found = threshold_costs.curve(LABELS, PROBABILITIES, cost=10)
    assert found["low"].tolist() == [0, 0.1, 0.4, 0.6, 0.9]
    assert found["high"].tolist() == [0.1, 0.4, 0.6, 0.9, 1]
    assert found["missed"].tolist() == [0, 0, 1, 1, 2]
    assert found["false_alarms"].tolist() == [2, 1, 1, 0, 0]
    assert found["total"].tolist() == [2, 1, 11, 10, 20]


def test_the_curve_says_what_the_effect_says():
    rng = np.random.default_rng(3)
    labels, probabilities = rng.random(60) < 0.4, rng.random(60).round(2)
    for row in threshold_costs.curve(labels, probabilities, 3).itertuples():
        one = threshold_costs.effect(predicted(labels, probabilities, "v"), "spot", (row.low + row.high) / 2)
        assert (one.missed, one.false_alarms) == (row.missed, row.false_alarms)


def test_nobody_is_surer_than_1_so_no_stretch_begins_there():
    found = threshold_costs.curve(np.array([True, False]), np.array([1.0, 0.0]), 1)
    assert found[["low", "high"]].values.tolist() == [[0, 1]]


def test_what_costs_more_to_miss_lowers_the_threshold():
    assert threshold_costs.choose(predicted(), "spot", 10).effect.threshold == 0.25  # between 0.1 and 0.4
    assert threshold_costs.choose(predicted(), "spot", 0.1).effect.threshold == 0.75  # between 0.6 and 0.9


def test_where_the_published_threshold_costs_as_little_it_is_kept():
    chosen = threshold_costs.choose(predicted(probabilities=[0.9, 0.8, 0.3, 0.2]), "spot", 10)
    assert (chosen.effect.threshold, chosen.low, chosen.high) == (0.5, 0.3, 0.8)


def test_ties_are_said():
    chosen = threshold_costs.choose(predicted(), "spot", 1)
    assert chosen.effect.total(1) == 1
    assert chosen.words[0].startswith("2 ranges of thresholds between 0.100 and 0.900 cost the same")


def test_without_a_positive_nothing_can_be_chosen():
    with pytest.raises(RunError, match="No validation frame is labelled true"):
        threshold_costs.choose(predicted(labels=[False] * 4), "spot", 10)
    assert (
        "no threshold can be chosen by cost"
        in threshold_costs.cautions(predicted(labels=[False] * 4), "spot")[0]
    )


def test_one_video_is_said():
    assert "one video" in threshold_costs.cautions(predicted(videos=["v1"] * 4), "spot")[0]


def test_positives_of_one_video_are_said():
    assert "All frames labelled true come from one video, v1." in threshold_costs.cautions(
        predicted(), "spot"
    )


@pytest.mark.parametrize("cost", [0, -1, float("nan"), float("inf")])
def test_a_cost_is_a_number_above_0(cost):
    with pytest.raises(RunError, match="Give a number above 0"):
        threshold_costs.choose(predicted(), "spot", cost)

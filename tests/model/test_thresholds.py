"""Thresholds that are chosen on the validation part: what they cost, how they are stored, and what follows."""

import json

import numpy as np
import pandas as pd
import pytest

from core.attributes import named
from core.errors import RunError
from core.model import suggestions, testing, thresholds, tuning
from core.model.runs import create_run
from tests.model import classroom

LABELS = np.array([True, True, False, False])
PROBABILITIES = np.array([0.9, 0.4, 0.6, 0.1])


def predicted(labels=LABELS, probabilities=PROBABILITIES, videos=("v1", "v1", "v2", "v2"), part="valid"):
    """A table as a network predicts it, of one attribute called spot."""
    return pd.DataFrame({"name": [f"f{i}" for i in range(len(labels))], "group": videos, "part": part,
                         "spot": pd.array(labels, "boolean"), "spot_probability": probabilities})  # fmt: skip


@pytest.fixture
def run(workspace):
    """A run whose predictions are known: 0.9 where spot is true and 0.2 where it is not, but 0.4 at the first spot of each part."""
    made = create_run(workspace, classroom.quick())
    table = made.frames[made.frames["part"] != "train"].reset_index(drop=True)
    for name in made.attributes.names:
        table[f"{name}_probability"] = np.where(table[name], 0.9, 0.2)
    first = table[table["spot"]].groupby("part").head(1).index
    table.loc[first, "spot_probability"] = 0.4
    table.to_csv(made.path / "predictions.csv", index=False)
    return made


def test_a_threshold_counts_missed_and_false_alarms():
    found = thresholds.effect(predicted(), "spot", 0.5)
    assert (found.frames, found.videos, found.positives, found.missed, found.false_alarms) == (4, 2, 2, 1, 1)
    assert found.balanced_accuracy == 0.5
    assert found.total(10) == 11


def test_at_its_threshold_a_frame_is_true():
    assert thresholds.effect(predicted(), "spot", 0.4).missed == 0


def test_unset_labels_do_not_count():
    table = predicted(labels=[True, None, False, None])
    assert thresholds.effect(table, "spot", 0.5).frames == 2


def test_the_curve_has_a_row_per_stretch_that_decides_the_same():
    found = thresholds.curve(LABELS, PROBABILITIES, cost=10)
    assert found["low"].tolist() == [0, 0.1, 0.4, 0.6, 0.9]
    assert found["high"].tolist() == [0.1, 0.4, 0.6, 0.9, 1]
    assert found["missed"].tolist() == [0, 0, 1, 1, 2]
    assert found["false_alarms"].tolist() == [2, 1, 1, 0, 0]
    assert found["total"].tolist() == [2, 1, 11, 10, 20]


def test_the_curve_says_what_the_effect_says():
    rng = np.random.default_rng(3)
    labels, probabilities = rng.random(60) < 0.4, rng.random(60).round(2)
    for row in thresholds.curve(labels, probabilities, 3).itertuples():
        one = thresholds.effect(predicted(labels, probabilities, "v"), "spot", (row.low + row.high) / 2)
        assert (one.missed, one.false_alarms) == (row.missed, row.false_alarms)


def test_nobody_is_surer_than_1_so_no_stretch_begins_there():
    found = thresholds.curve(np.array([True, False]), np.array([1.0, 0.0]), 1)
    assert found[["low", "high"]].values.tolist() == [[0, 1]]


def test_what_costs_more_to_miss_lowers_the_threshold():
    assert thresholds.choose(predicted(), "spot", 10).effect.threshold == 0.25  # between 0.1 and 0.4
    assert thresholds.choose(predicted(), "spot", 0.1).effect.threshold == 0.75  # between 0.6 and 0.9


def test_where_the_published_threshold_costs_as_little_it_is_kept():
    chosen = thresholds.choose(predicted(probabilities=[0.9, 0.8, 0.3, 0.2]), "spot", 10)
    assert (chosen.effect.threshold, chosen.low, chosen.high) == (0.5, 0.3, 0.8)


def test_ties_are_said():
    chosen = thresholds.choose(predicted(), "spot", 1)
    assert chosen.effect.total(1) == 1
    assert chosen.words[0].startswith("2 stretches of thresholds between 0.100 and 0.900 cost the same")


def test_without_a_positive_nothing_can_be_chosen():
    with pytest.raises(RunError, match="none labelled true"):
        thresholds.choose(predicted(labels=[False] * 4), "spot", 10)
    assert (
        "nothing says which threshold is right"
        in thresholds.cautions(predicted(labels=[False] * 4), "spot")[0]
    )


def test_one_video_is_said():
    assert "one video" in thresholds.cautions(predicted(videos=["v1"] * 4), "spot")[0]


def test_positives_of_one_video_are_said():
    assert "All frames labelled true come from one video, v1." in thresholds.cautions(predicted(), "spot")


@pytest.mark.parametrize("cost", [0, -1, float("nan"), float("inf")])
def test_a_cost_is_a_number_above_0(cost):
    with pytest.raises(RunError, match="a cost above 0"):
        thresholds.choose(predicted(), "spot", cost)


def test_validation_is_read_where_it_was_predicted(run):
    found = thresholds.validation(run)
    assert set(found["part"]) == {"valid"}
    assert not (run.path / "validation.csv").exists()


def test_validation_is_predicted_once(run, monkeypatch):
    table = testing.predictions(run)
    (run.path / "predictions.csv").unlink()
    asked = []
    monkeypatch.setattr(
        testing, "predict", lambda *given: asked.append(given[2]) or table[table["part"] == "valid"]
    )
    assert len(thresholds.validation(run)) == len(thresholds.validation(run)) == 12
    assert asked == [("valid",)]


def test_a_run_without_a_file_is_as_published(run):
    assert run.thresholds.tolist() == [0.5, 0.5, 0.5]
    assert thresholds.sentence(run.tuning) == ""


def test_a_stored_threshold_decides_and_the_test_follows(run):
    before = testing.measure(run).attributes["spot"].accuracy
    thresholds.store(run, {"spot": 0.3}, "Ada", cost=10)
    assert run.thresholds.tolist() == [0.5, 0.3, 0.5]
    assert (before, run.test["attributes"]["spot"]["accuracy"]) == (11 / 12, 1)
    assert testing.mistakes(run).empty


def test_suggestions_are_decided_by_it(run):
    thresholds.store(run, {"spot": 0.3})
    suggested = pd.DataFrame({"index": [0], "clean": [0.4], "spot": [0.4], "narrow": [0.4]})
    decided = suggestions.decisions(run, run.workspace, suggested)
    assert decided[["clean", "spot"]].values.tolist() == [[False, True]]
    assert suggestions.to_json(run, run.workspace, suggested)["thresholds"]["spot"] == 0.3


def test_the_log_says_who_when_and_what(run):
    thresholds.store(run, {"spot": 0.3}, " Ada ", cost=10)
    entry = json.loads((run.path / "thresholds.json").read_text("utf-8"))["log"][0]
    assert entry.pop("at").endswith("+00:00")
    assert entry == {"by": "Ada", "what": "threshold", "seen": False, "attribute": "spot", "before": 0.5, "after": 0.3,
                     "cost": 10}  # fmt: skip


def test_what_is_as_it_was_is_no_change(run):
    thresholds.store(run, {"spot": 0.3})
    thresholds.store(run, {"spot": 0.3, "clean": 0.5})
    assert len(run.tuning.log) == 1


def test_only_changes_after_the_test_are_counted(run):
    thresholds.store(run, {"spot": 0.3})
    assert run.tuning.changed_after_test == 0
    testing.measure(run)
    thresholds.store(run, {"spot": 0.4, "clean": 0.6})
    assert thresholds.sentence(run.tuning) == "Thresholds were changed 2 times after the test part was seen."


def test_a_reset_goes_back_and_keeps_the_log(run):
    testing.measure(run)
    thresholds.store(run, {"spot": 0.3})
    thresholds.reset(run)
    thresholds.reset(run)
    assert run.thresholds.tolist() == [0.5, 0.5, 0.5]
    assert [change.what for change in run.tuning.log] == ["threshold", "reset"]


def test_a_reset_of_the_calibration_alone_is_no_change_of_thresholds(run):
    testing.measure(run)
    tuning.change(run.path, lambda was: was.changed("calibration", "", {}, {"spot": 2.0}))
    thresholds.reset(run)
    assert run.temperatures.tolist() == [1, 1, 1]
    assert run.tuning.changed_after_test == 0


def test_another_network_drops_the_thresholds_but_not_that_the_test_was_seen(run):
    testing.measure(run)
    thresholds.store(run, {"spot": 0.3})
    tuning.outdate(run.path)
    (run.path / "test.json").unlink()
    assert run.thresholds.tolist() == [0.5, 0.5, 0.5]
    thresholds.store(run, {"spot": 0.4})
    assert run.tuning.changed_after_test == 2


def test_a_run_that_was_never_tested_nor_tuned_gets_no_file_when_it_trains(run):
    tuning.outdate(run.path)
    assert not (run.path / "thresholds.json").exists()


@pytest.mark.parametrize(("given", "words"), [({"spot": 1.0}, "between 0 and 1"), ({"spot": float("nan")}, "between 0 and 1"),
                                              ({"clean": 0.4, "hole": 0.4}, "'hole'")])  # fmt: skip
def test_what_cannot_be_a_threshold_is_refused_and_nothing_is_stored(run, given, words):
    with pytest.raises(RunError, match=words):
        thresholds.store(run, given)
    assert not (run.path / "thresholds.json").exists()


@pytest.mark.parametrize("text", ["no json", "[]", '{"thresholds": {"spot": 2}, "temperatures": {}, "seen": true, "log": []}',
                                  '{"thresholds": {}, "temperatures": {"spot": 0}, "seen": true, "log": []}'])  # fmt: skip
def test_a_spoilt_file_is_refused_in_words(run, text):
    (run.path / "thresholds.json").write_text(text, "utf-8")
    with pytest.raises(RunError, match=r"a readable thresholds.json"):
        _ = run.thresholds


def test_classes_have_no_thresholds(tmp_path):
    workspace = classroom.make_classes(tmp_path / "classes")
    run = create_run(workspace, classroom.quick())
    assert named(["plain", "dark"], exclusive=True).names == run.attributes.names
    with pytest.raises(RunError, match="Classes have no thresholds"):
        thresholds.store(run, {"plain": 0.4})

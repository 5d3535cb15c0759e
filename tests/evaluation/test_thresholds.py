"""Thresholds that are chosen on the validation part: what they cost, how they are stored, and what follows."""

import json

import pandas as pd
import pytest

from core.assist import suggestions
from core.attributes import named
from core.errors import RunError
from core.evaluation import evaluate, mistakes, thresholds
from core.runs import decision_settings
from core.training.create_run import create_run
from tests.helpers import tiny_class
from tests.helpers.fake_predictions import foretell_a_miss


@pytest.fixture
def run(workspace):
    """A run that was predicted to miss one spot in each part, and not tested yet."""
    return foretell_a_miss(create_run(workspace, tiny_class.quick()))


def test_validation_is_read_where_it_was_predicted(run):
    found = thresholds.validation(run)
    assert set(found["part"]) == {"valid"}
    assert not (run.path / "validation.csv").exists()


def test_validation_is_predicted_once(run, monkeypatch):
    table = evaluate.predictions(run)
    (run.path / "predictions.csv").unlink()
    asked = []
    monkeypatch.setattr(
        evaluate, "predict", lambda *given: asked.append(given[2]) or table[table["part"] == "valid"]
    )
    assert len(thresholds.validation(run)) == len(thresholds.validation(run)) == 12
    assert asked == [("valid",)]


def test_a_run_without_a_file_is_as_published(run):
    assert run.thresholds.tolist() == [0.5, 0.5, 0.5]
    assert (run.tuning.changed_after_test, run.tuning.log) == (0, ())


def test_a_stored_threshold_decides_and_the_test_follows(run):
    before = evaluate.measure(run).attributes["spot"].accuracy
    thresholds.store(run, {"spot": 0.3}, "Ada", cost=10)
    assert run.thresholds.tolist() == [0.5, 0.3, 0.5]
    assert (before, run.test.attributes["spot"].accuracy) == (11 / 12, 1)
    assert mistakes.find_mistakes(run).empty


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
                     "cost": 10, "role": "owner"}  # fmt: skip


def test_what_is_as_it_was_is_no_change(run):
    thresholds.store(run, {"spot": 0.3})
    thresholds.store(run, {"spot": 0.3, "clean": 0.5})
    assert len(run.tuning.log) == 1


def test_only_changes_after_the_test_are_counted(run):
    thresholds.store(run, {"spot": 0.3})
    assert run.tuning.changed_after_test == 0
    evaluate.measure(run)
    thresholds.store(run, {"spot": 0.4, "clean": 0.6})
    assert run.tuning.changed_after_test == 2


def test_how_often_is_said_in_words():
    said = [thresholds.sentence(times) for times in (0, 1, 2)]
    assert [words.split()[2:4] for words in said] == [
        ["never", "changed"],
        ["changed", "once"],
        ["changed", "2"],
    ]


def test_a_reset_goes_back_and_keeps_the_log(run):
    evaluate.measure(run)
    thresholds.store(run, {"spot": 0.3})
    thresholds.reset(run)
    thresholds.reset(run)
    assert run.thresholds.tolist() == [0.5, 0.5, 0.5]
    assert [change.what for change in run.tuning.log] == ["threshold", "reset"]


def test_a_reset_of_the_calibration_alone_is_no_change_of_thresholds(run):
    evaluate.measure(run)
    decision_settings.change(run.path, lambda was: was.changed("calibration", "", {}, {"spot": 2.0}))
    thresholds.reset(run)
    assert run.temperatures.tolist() == [1, 1, 1]
    assert run.tuning.changed_after_test == 0


def test_another_network_drops_the_thresholds_but_not_that_the_test_was_seen(run):
    evaluate.measure(run)
    thresholds.store(run, {"spot": 0.3})
    decision_settings.outdate(run.path)
    (run.path / "test.json").unlink()
    assert run.thresholds.tolist() == [0.5, 0.5, 0.5]
    thresholds.store(run, {"spot": 0.4})
    assert run.tuning.changed_after_test == 2


def test_a_run_that_was_never_tested_nor_tuned_gets_no_file_when_it_trains(run):
    decision_settings.outdate(run.path)
    assert not (run.path / "thresholds.json").exists()


@pytest.mark.parametrize(("given", "words"), [({"spot": 1.0}, "between 0 and 1"), ({"spot": float("nan")}, "between 0 and 1"),
                                              ({"clean": 0.4, "hole": 0.4}, "called hole")])  # fmt: skip
def test_what_cannot_be_a_threshold_is_refused_and_nothing_is_stored(run, given, words):
    with pytest.raises(RunError, match=words):
        thresholds.store(run, given)
    assert not (run.path / "thresholds.json").exists()


@pytest.mark.parametrize("text", ["no json", "[]", '{"thresholds": {"spot": 2}, "temperatures": {}, "seen": true, "log": []}',
                                  '{"thresholds": {}, "temperatures": {"spot": 0}, "seen": true, "log": []}'])  # fmt: skip
def test_a_spoilt_file_is_refused_in_words(run, text):
    (run.path / "thresholds.json").write_text(text, "utf-8")
    with pytest.raises(RunError, match=r"thresholds.json of .* cannot be read"):
        _ = run.thresholds


def test_classes_have_no_thresholds(tmp_path):
    workspace = tiny_class.make_classes(tmp_path / "classes")
    run = create_run(workspace, tiny_class.quick())
    assert named(["plain", "dark"], exclusive=True).names == run.attributes.names
    with pytest.raises(RunError, match="classes, which have no thresholds"):
        thresholds.store(run, {"plain": 0.4})

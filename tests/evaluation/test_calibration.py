"""Temperatures: what they do to probabilities, how they are found, and what they must not change."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.evaluation import calibration, evaluate, mistakes, thresholds
from core.runs.decisions import calibrated, decide
from core.training.create_run import create_run
from tests.helpers import tiny_class

UNIT = st.floats(0, 1)
HOT = np.array([2.0])


def test_a_temperature_divides_the_log_odds():
    assert calibrated(np.array([0.8]), HOT, exclusive=False) == pytest.approx(2 / 3)  # odds 4 become 2


def test_of_classes_it_divides_the_logarithms():
    found = calibrated(np.array([[0.8, 0.2]]), np.array([2.0, 2.0]), exclusive=True)
    assert found[0] == pytest.approx([2 / 3, 1 / 3])


def test_temperatures_of_1_change_not_a_bit():
    given = np.array([[0.0, 0.3, 1.0]], np.float32)
    assert calibrated(given, np.ones(3), exclusive=False) is given


def test_an_attribute_at_1_stays_beside_one_that_is_calibrated():
    assert calibrated(np.array([1.0, 0.8]), np.array([1.0, 2.0]), exclusive=False)[0] == 1.0


def test_a_missing_picture_stays_missing():
    assert np.isnan(calibrated(np.array([np.nan]), HOT, exclusive=False)).all()


@given(st.lists(UNIT, min_size=2, max_size=20), st.floats(0.5, 20))
def test_the_order_and_the_side_of_one_half_stay(values, temperature):
    before = np.sort(np.array(values))[:, None]
    after = calibrated(before, np.array([temperature]), exclusive=False)
    assert (np.diff(after[:, 0]) >= 0).all()
    assert ((after >= 0.5) == (before >= 0.5)).mean() == 1 or np.abs(before - 0.5).min() < 1e-9


@settings(max_examples=60)
@given(
    st.lists(st.floats(0.01, 0.99), min_size=1, max_size=20),
    st.floats(0.01, 0.99),
    st.floats(0.5, 20),
    st.floats(0.5, 20),
)
def test_a_threshold_that_moves_along_decides_as_before(values, threshold, first, second):
    raw = np.array(values)[:, None]
    before, after = (calibrated(raw, np.array([at]), exclusive=False) for at in (first, second))
    moved = calibration.moved_threshold(threshold, first, second)
    clear = np.abs(before - threshold) > 1e-9
    same = decide(before, np.array([threshold]), False) == decide(after, np.array([moved]), False)
    assert same[clear].all()


def answers_of(temperature, frames=4000):
    """Labels that are so as often as calibrated probabilities say, and what a network says that is off by a temperature."""
    rng = np.random.default_rng(7)
    so = rng.uniform(0.05, 0.95, frames)
    said = calibrated(so[:, None], np.array([1 / temperature]), exclusive=False)[:, 0]
    return rng.random(frames) < so, said


@pytest.mark.parametrize("temperature", [0.7, 3.0])
def test_the_temperature_that_a_network_is_off_by_is_found(temperature):
    found = calibration.fit(*answers_of(temperature), videos=3)
    assert found.temperature == pytest.approx(temperature, rel=0.12)


def test_calibration_makes_the_expected_error_small():
    labels, said = answers_of(3.0)
    before = calibration.expected_error(calibration.reliability(labels, said, "mass"))
    right = calibrated(said[:, None], np.array([calibration.fit(labels, said, 3).temperature]), False)[:, 0]
    after = calibration.expected_error(calibration.reliability(labels, right, "mass"))
    assert before > 0.1 > 0.03 > after


def test_of_classes_one_temperature_is_found():
    labels, said = answers_of(3.0)
    found = calibration.fit((~labels).astype(int), np.column_stack([said, 1 - said]), 3)
    assert found.temperature == pytest.approx(calibration.fit(labels, said, 3).temperature, rel=1e-3)


def test_without_a_wrong_decision_it_stays_1():
    found = calibration.fit(np.array([True, False]), np.array([0.7, 0.4]), 1)
    assert (found.temperature, found.reason[:20]) == (1.0, "no decision is wrong")


def test_without_both_answers_it_stays_1():
    assert (
        calibration.fit(np.array([True, True]), np.array([0.7, 0.4]), 1).reason
        == "only one of the two answers is labelled"
    )


def test_a_temperature_that_rests_on_one_wrong_decision_says_so():
    labels, said = np.array([True, False, False]), np.array([0.7, 0.4, 0.6])
    words = "The temperature of spot is uncertain: only one decision of 3 is wrong."
    assert calibration.fit(labels, said, 1).caution("spot") == words


def test_a_temperature_that_rests_on_enough_needs_no_word():
    assert calibration.fit(*answers_of(3.0), videos=3).caution("spot") == ""


def test_the_expected_error_by_hand():
    so, said = np.array([True, False, True, True]), np.array([0.1, 0.1, 0.9, 0.9])
    table = calibration.reliability(so, said, "width")
    assert table[["probability", "share", "frames"]].values.tolist() == [[0.1, 0.5, 2], [0.9, 1.0, 2]]
    assert calibration.expected_error(table) == pytest.approx((0.4 + 0.1) / 2)


def test_bins_of_equal_mass_hold_equally_many():
    table = calibration.reliability(np.ones(20, bool), np.linspace(0.9, 1, 20), "mass")
    assert table["frames"].tolist() == [2] * 10


def test_equal_probabilities_stay_in_one_bin():
    assert calibration.reliability(np.ones(20, bool), np.full(20, 0.5), "mass")["frames"].tolist() == [20]


def test_nothing_has_no_error():
    nothing = calibration.reliability(np.array([], bool), np.array([]), "mass")
    assert calibration.expected_error(nothing) is None


@pytest.fixture
def run(workspace):
    """A run that says 0.99 where spot is true, 0.01 where it is not, and is wrong at every third frame."""
    made = create_run(workspace, tiny_class.quick())
    table = made.frames[made.frames["part"] != "train"].reset_index(drop=True)
    for name in made.attributes.names:
        wrong = (table.index % 4 == 1) & (name == "spot")
        table[f"{name}_probability"] = np.where(table[name].astype(bool) ^ wrong, 0.99, 0.01)
    table.to_csv(made.path / "predictions.csv", index=False)
    evaluate.measure(made)
    return made


def test_calibrating_changes_probabilities_and_no_decision(run):
    thresholds.store(run, {"spot": 0.3})
    before = mistakes.find_mistakes(run)
    found = calibration.calibrate(run, "Ada")
    after = mistakes.find_mistakes(run)
    assert found["spot"].temperature > 2 and found["clean"].reason
    assert after["name"].tolist() == before["name"].tolist()
    assert (after["probability"] - 0.5).abs().max() < 0.45


def test_calibrating_is_logged_but_is_no_change_of_thresholds(run):
    calibration.calibrate(run, "Ada")
    assert [(one.what, one.attribute) for one in run.tuning.log] == [("calibration", "spot")]
    assert run.tuning.changed_after_test == 0


def test_calibrating_twice_finds_the_same(run):
    calibration.calibrate(run)
    calibration.calibrate(run)
    assert len(run.tuning.log) == 1


def test_the_error_is_less_on_both_parts(run):
    calibration.calibrate(run)
    for part, found in calibration.to_json(run).items():
        spot = found["spot"]
        assert spot["after"]["width"] < spot["before"]["width"], part
        assert (spot["frames"], spot["videos"]) == (12, 1)


def test_of_classes_the_one_decided_is_judged(tmp_path):
    made = create_run(tiny_class.make_classes(tmp_path / "classes"), tiny_class.quick())
    table = made.frames[made.frames["part"] != "train"].reset_index(drop=True)
    right = table.index % 4 != 0
    table["plain_probability"] = np.where(table["plain"].astype(bool) == right, 0.98, 0.02)
    table["dark_probability"] = 1 - table["plain_probability"]
    table.to_csv(made.path / "predictions.csv", index=False)
    calibration.calibrate(made)
    assert calibration.cautions(made, calibration.fits(made)) == [
        "The temperature of all classes is uncertain: only 3 decisions of 12 are wrong."
    ]
    (temperature,) = set(made.temperatures)
    assert temperature > 2
    assert [change.attribute for change in made.tuning.log] == [""]
    error = calibration.errors(made, "valid")[calibration.CLASSES]
    assert error.before["mass"] == pytest.approx(0.98 - 0.75)
    assert error.after["mass"] == pytest.approx(0, abs=0.01)
    assert isinstance(calibration.diagram(made, "valid", calibration.CLASSES, "width")["after"], pd.DataFrame)

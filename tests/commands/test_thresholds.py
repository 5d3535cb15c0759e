"""Thresholds, calibration and mistakes on the command line."""

import json

import pytest

from core.evaluation import evaluate, thresholds
from core.training.create_run import create_run
from tests.helpers import tiny_class
from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)
from tests.helpers.fake_predictions import foretell_a_miss


@pytest.fixture
def run(tmp_path, tiny_network):
    """A tested run that misses one spot in each part."""
    made = foretell_a_miss(create_run(tiny_class.make(tmp_path / "class"), tiny_class.quick()))
    evaluate.measure(made)
    return made


def test_it_says_on_what_the_thresholds_are_judged(seamlens, run):
    code, out, _ = seamlens("thresholds", "latest")
    assert code == 0
    assert out.splitlines()[0] == f"{run.id}: on its 12 validation frames of 1 group"
    assert out.splitlines()[3].split() == ["spot", "0.5", "1", "12", "4", "1", "0", "87.5", "%"]


def test_a_cost_chooses_and_stores(seamlens, run):
    out = seamlens("thresholds", "latest", "--attribute", "spot", "--cost", 10, "--user", "Ada", "--json")[1]
    found = json.loads(out)
    assert list(found["attributes"]) == ["spot"]
    assert (found["attributes"]["spot"]["threshold"], found["attributes"]["spot"]["missed"]) == (0.3, 0)
    assert (found["log"][0]["by"], found["log"][0]["cost"], found["changed_after_test"]) == ("Ada", 10, 1)
    assert any("one video" in note for note in found["notes"])


def test_several_are_set_and_reset(seamlens, run):
    seamlens("thresholds", "latest", "--set", "spot=0.3", "--set", "clean=0.6")
    assert run.thresholds.tolist() == [0.6, 0.3, 0.5]
    out = seamlens("thresholds", "latest", "--reset")[1]
    assert run.thresholds.tolist() == [0.5, 0.5, 0.5]
    assert out.endswith("Thresholds were changed 3 times after the test part was seen.\n")


def test_calibrating_prints_the_errors_before_and_after(seamlens, run):
    out = seamlens("thresholds", "latest", "--calibrate")[1]
    assert "The temperature of clean stays 1: no decision is wrong" in out
    assert any(line.startswith("spot, test") for line in out.splitlines())
    assert run.temperatures[1] != 1


@pytest.mark.parametrize(
    "options",
    [
        ("--set", "hole=0.4"),
        ("--set", "spot=0.3", "--set", "clean=7"),
        ("--set", "spot=7", "--calibrate"),
        ("--cost", "10", "--calibrate"),
        ("--attribute", "hole"),
    ],
)
def test_bad_input_is_one_line_and_stores_nothing(seamlens, run, options):
    code, _, error = seamlens("thresholds", "latest", *options)
    assert (code, error.count("\n")) == (2, 1)
    assert not (run.path / "thresholds.json").exists()


@pytest.mark.parametrize("text", ["spot", "spot=high", "=0.4=x"])
def test_a_setting_is_an_attribute_and_a_number(seamlens, run, text):
    code, _, error = seamlens("thresholds", "latest", "--set", text)
    assert code == 2
    assert "such as break=0.4" in error


def test_mistakes_are_printed_and_filtered(seamlens, run):
    out = seamlens("mistakes", "latest", "--side", "missed")[1].splitlines()
    assert out[0] == f"{run.id}: 1 mistake on 1 frame; 12 frames of 1 group were tested."
    assert out[2].split()[1:] == ["spot", "true", "40.0", "%", "missed"]
    assert json.loads(seamlens("mistakes", "latest", "--side", "false-alarm", "--json")[1]) == []


def test_no_mistakes_are_said(seamlens, run):
    thresholds.store(run, {"spot": 0.3})
    assert seamlens("mistakes", "latest")[1] == f"{run.id}: no mistakes; 12 frames of 1 group were tested.\n"


def test_mistakes_of_a_run_that_was_not_tested(seamlens, run):
    (run.path / "predictions.csv").unlink()
    code, _, error = seamlens("mistakes", "latest")
    assert (code, error.count("\n")) == (2, 1)
    assert "Test it first." in error

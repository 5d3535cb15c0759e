"""The commands about label issues and the split gap, with networks that were never trained."""

import json

import pytest

from core.assist import split_gap
from core.evaluation import evaluate
from core.jobs import jobs, series, worker
from tests.helpers import fake_predictions, tiny_class
from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)
from tests.helpers.fake_predictions import judged  # noqa: F401


@pytest.fixture
def taught(tmp_path, tiny_network):
    return tiny_class.make(tmp_path / "class")


@pytest.fixture
def doubted(judged, tmp_path):  # noqa: F811
    """Three networks doubt two labels."""
    return series.finished(fake_predictions.copied(judged, tmp_path / "class"), "folds")


@pytest.fixture
def measured(taught):
    """Two networks, right about everything."""
    return fake_predictions.make(taught, "gap", split_gap.plan(taught, tiny_class.quick()))


def test_the_most_doubtful_labels_come_first(seamlens, doubted):
    found = json.loads(seamlens("suspects", "--json", "--top", 2)[1])
    assert [(one["frame"], one["attribute"], one["label"]) for one in found] == [
        ("video_1_3", "spot", True),
        ("video_2_4", "spot", False),
    ]
    assert {"frame", "attribute", "label", "probability", "score"} <= set(found[0])


def test_without_a_limit_json_ranks_every_label_of_the_attribute(seamlens, doubted):
    found = json.loads(seamlens("suspects", "--attribute", "narrow", "--json")[1])
    assert len(found) == 60
    assert [one["score"] for one in found] == sorted(one["score"] for one in found)


def test_text_says_how_many_are_issues(seamlens, doubted):
    out = seamlens("suspects", "--attribute", "spot")[1]
    assert "3 networks judged the labels of videos that they had not seen, 5 in all." in out
    assert ["spot", "60", "2"] in [line.split() for line in out.splitlines()]


def test_attributes_are_counted_in_their_order_and_another_one_is_named_only_of_classes(seamlens, doubted):
    lines = [line.split() for line in seamlens("suspects")[1].splitlines()]
    assert [line[0] for line in lines[2:5]] == ["clean", "spot", "narrow"]
    assert lines[6] == ["frame", "attribute", "label", "true", "score"]


def test_an_unknown_attribute_is_refused_before_anything_is_trained(seamlens, taught):
    code, _, error = seamlens("suspects", "--attribute", "colour")
    assert (code, error.count("\n")) == (2, 1)
    assert "clean, spot, narrow" in error


@pytest.mark.parametrize("command", ["suspects", "gap"])
def test_without_labels_it_is_refused(seamlens, command):
    seamlens("init")
    code, out, error = seamlens(command)
    assert (code, out, error.count("\n")) == (2, "", 1)
    assert "label" in error.lower()


@pytest.mark.parametrize("command", ["suspects", "gap"])
def test_two_videos_are_too_few(seamlens, tmp_path, command, tiny_network):
    tiny_class.make(tmp_path / "class", videos=2)
    code, _, error = seamlens(command)
    assert (code, error.count("\n")) == (2, 1)
    assert "videos" in error


def test_more_folds_than_videos_are_refused(seamlens, taught):
    code, _, error = seamlens("suspects", "--folds", 6)
    assert (code, error.count("\n")) == (2, 1)
    assert "6 folds of 5 videos" in error


def test_while_networks_still_learn_there_is_no_answer(seamlens, doubted):
    doubted.runs[2].write_status(state="queued")
    code, _, error = seamlens("suspects")
    assert (code, error.count("\n")) == (2, 1)
    assert "67 % done" in error


def test_a_time_budget_of_nothing_is_refused(seamlens, taught):
    code, _, error = seamlens("gap", "--minutes", 0)
    assert (code, "--minutes must be a number above 0, not 0." in error) == (2, True)


def test_the_gap_is_a_table_and_a_sentence_and_json(seamlens, measured):
    out = seamlens("gap")[1]
    assert "A random split would have claimed 100.0 %" in out
    assert ["spot", "100.0", "66.7", "100.0", "66.7", "0.0"] in [line.split() for line in out.splitlines()]
    found = json.loads(seamlens("gap", "--json")[1])
    assert set(found["attributes"]) == {"clean", "spot", "narrow"}
    assert (found["attributes"]["spot"]["random"], found["attributes"]["spot"]["video"]) == (1.0, 1.0)
    assert found["random"]["split"] == "random"


def test_detached_all_runs_of_a_series_wait_in_the_queue(seamlens, taught, monkeypatch):
    queued = []
    monkeypatch.setattr(jobs, "enqueue", lambda run, on: queued.append(run))
    assert seamlens("suspects", "--folds", 3, "--network", "tiny", "--detach")[0] == 0
    started = [run.config.series for run in queued]
    assert [(one.kind, one.number, one.of) for one in started] == [("folds", n, 3) for n in (1, 2, 3)]
    assert len({one.id for one in started}) == 1


@pytest.mark.parametrize(("ended", "tested"), {"done": 1, "stopped": 0}.items())
def test_a_detached_run_of_a_series_is_tested_at_its_end(seamlens, doubted, monkeypatch, ended, tested):
    asked = []
    monkeypatch.setattr(worker, "train", lambda run: run.write_status(state=ended))
    monkeypatch.setattr(evaluate, "test", asked.append)
    assert seamlens("train-run", doubted.runs[0].id)[0] == 0
    assert len(asked) == tested

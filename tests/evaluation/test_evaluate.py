import json
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.errors import RunError
from core.evaluation import evaluate, thresholds
from core.evaluation.metrics_classes import Confusion
from core.training.create_run import create_run
from tests.helpers import tiny_class


@pytest.fixture(scope="module")
def result(trained):
    return evaluate.test(trained)


def test_to_json_has_the_published_keys(trained, result):
    found = result.to_json()
    assert list(found)[:5] == ["run", "split", "frames", "videos", "attributes"]
    assert {"exact_match", "per_video", "annotators", "relabelled_since", "threshold_changes"} <= set(found)
    assert found["run"] == trained.id and found["split"] == "video"
    assert list(found["attributes"]) == ["clean", "spot", "narrow"]
    assert list(found["attributes"]["spot"])[:4] == ["accuracy", "baseline", "frames", "positives"]
    assert {
        "interval",
        "balanced_accuracy",
        "precision",
        "recall",
        "f1",
        "average_precision",
        "threshold",
    } <= set(found["attributes"]["spot"])
    assert json.loads((trained.path / "test.json").read_text("utf-8")) == found == trained.test


def test_the_test_of_a_leaking_run_keeps_its_mark(trained, result):
    mark = {"meter": 97.0, "test_frames": 100, "leaking_test_frames": 97}
    assert replace(result, leak=mark).to_json()["leak"] == mark


def test_counts_are_those_of_the_test_part(trained, result):
    frames = trained.frames[trained.frames["part"] == "test"]
    assert result.frames == len(frames) and result.videos == frames["video"].nunique()
    spot = result.attributes["spot"]
    assert spot.frames == len(frames) and spot.positives == frames["spot"].sum()
    assert spot.baseline == max(spot.positives, spot.frames - spot.positives) / spot.frames
    assert spot.accuracy >= 0.9


def test_predictions_of_valid_and_test(trained, result):
    table = evaluate.predictions(trained)
    assert set(table["part"]) == {"valid", "test"}
    assert table["spot_probability"].between(0, 1).all()
    tested = table[table["part"] == "test"]
    right = (tested["spot_probability"] >= 0.5) == tested["spot"]
    assert right.mean() == pytest.approx(result.attributes["spot"].accuracy)


def write_predictions(run, rows):
    table = pd.DataFrame(rows).assign(group="video_0", part="test")
    table.to_csv(run.path / "predictions.csv", index=False)


ROWS = [
    {"name": "a", "clean": True, "clean_probability": 0.9, "spot": True, "spot_probability": 0.3,
     "narrow": None, "narrow_probability": 0.9},
    {"name": "b", "clean": False, "clean_probability": 0.5, "spot": True, "spot_probability": 0.01,
     "narrow": False, "narrow_probability": 0.2},
]  # fmt: skip


def test_mistakes_the_surest_first(workspace):
    run = create_run(workspace, tiny_class.quick())
    write_predictions(run, ROWS)
    found = evaluate.mistakes(run)
    assert list(found.columns) == ["name", "video", "attribute", "label", "probability", "side"]
    assert found[["name", "attribute", "side"]].values.tolist() == [
        ["b", "spot", "missed"],
        ["a", "spot", "missed"],
        ["b", "clean", "false alarm"],
    ]
    assert evaluate.mistakes(run, "valid").empty


def test_the_network_is_measured_against_each_annotator(result):
    """All labels are the teacher's, so agreement with the teacher is accuracy."""
    teacher = result.annotators["teacher"]
    assert (teacher["labels"], teacher["frames"], teacher["videos"]) == (36, 12, 1)
    assert teacher["attributes"]["spot"]["agreement"] == result.attributes["spot"].accuracy


def test_what_was_said_of_the_validation_part_is_not_asked_again(trained, result, monkeypatch, tmp_path):
    shutil.copytree(trained.path, tmp_path / "runs" / trained.id)
    run = replace(trained, workspace=replace(trained.workspace, path=tmp_path))
    predicted = (run.path / "predictions.csv").read_text("utf-8")
    (run.path / "predictions.csv").unlink()
    whole, asked = evaluate.predictions(trained, calibrate=False), []

    def predict(run, progress, parts):
        asked.extend(parts)
        return whole[whole["part"].isin(parts)]

    monkeypatch.setattr(evaluate, "predict", predict)
    monkeypatch.setattr(evaluate, "measure", lambda run, part: None)
    thresholds.validation(run)
    evaluate.test(run)
    assert asked == ["valid", "test"]
    assert (run.path / "predictions.csv").read_text("utf-8") == predicted
    assert not (run.path / evaluate.VALIDATION).exists()


def test_a_run_without_a_network(workspace):
    run = create_run(workspace, tiny_class.quick())
    with pytest.raises(RunError, match="waiting"):
        evaluate.test(run)
    with pytest.raises(RunError, match="Test it first"):
        evaluate.mistakes(run)
    assert not (run.path / "predictions.csv").exists()


def test_an_empty_test_part(workspace):
    run = create_run(workspace, tiny_class.quick())
    run.frames["part"] = np.where(run.frames["part"] == "test", "valid", run.frames["part"])
    with pytest.raises(RunError, match="in the part test"):
        evaluate.test(run)


def test_classes_have_an_accuracy_over_all_and_a_confusion_matrix(result):
    unknown = dict.fromkeys(("plain", "dark"))
    counted = Confusion(("plain", "dark"), np.array([[3, 1], [0, 4]]), 1, unknown, unknown, unknown)
    found = replace(result, classes=counted).to_json()
    assert (found["accuracy"], found["confusion"]["plain"]) == (0.875, {"plain": 3, "dark": 1})
    assert "confusion" not in result.to_json()


def test_an_interval_is_missed_where_an_attribute_is_labelled_on_few_of_the_videos():
    found = {"videos": 8, "attributes": {"spot": {"videos": 8}, "hole": {"videos": 3}}}
    assert evaluate.no_interval(found).startswith("No interval of hole: too few videos, 3 where 6 are needed")
    assert evaluate.no_interval({"videos": 8, "labelled_videos": 8, "confusion": {}}) == ""


def test_the_number_that_stands_for_a_test():
    rows = {"a": {"accuracy": 0.9}, "b": {"accuracy": 0.7}, "c": {"accuracy": None}}
    assert evaluate.overall({"attributes": rows}) == pytest.approx(0.8)
    assert evaluate.overall({"attributes": rows, "accuracy": 0.6, "confusion": {}}) == 0.6

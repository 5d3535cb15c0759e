import json
from dataclasses import replace

import numpy as np
import pytest

from core.errors import RunError
from core.evaluation import evaluate, thresholds
from core.runs.results import AttributeResult, ClassesResult, TestResult
from core.training.create_run import create_run
from tests.helpers import tiny_class
from tests.helpers.copies import copy_run


@pytest.fixture(scope="module")
def run(trained, tmp_path_factory):
    """A trained run in a workspace of its own."""
    return copy_run(trained, tmp_path_factory.mktemp("tested"))


@pytest.fixture(scope="module")
def result(run):
    return evaluate.test(run)


def test_to_json_has_the_published_keys(run, result):
    found = result.to_json()
    assert list(found)[:5] == ["run", "split", "frames", "videos", "attributes"]
    assert {"exact_match", "per_video", "annotators", "relabelled_since", "threshold_changes"} <= set(found)
    assert found["run"] == run.id and found["split"] == "video"
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
    assert json.loads((run.path / "test.json").read_text("utf-8")) == found
    assert run.test == result


def test_the_test_of_a_leaking_run_keeps_its_mark(run, result):
    mark = {"meter": 97.0, "test_frames": 100, "leaking_test_frames": 97}
    assert replace(result, leak=mark).to_json()["leak"] == mark


def test_counts_are_those_of_the_test_part(run, result):
    frames = run.frames[run.frames["part"] == "test"]
    assert result.frames == len(frames) and result.videos == frames["video"].nunique()
    spot = result.attributes["spot"]
    assert spot.frames == len(frames) and spot.positives == frames["spot"].sum()
    assert spot.baseline == max(spot.positives, spot.frames - spot.positives) / spot.frames
    assert spot.accuracy >= 0.9


def test_predictions_of_valid_and_test(run, result):
    table = evaluate.predictions(run)
    assert set(table["part"]) == {"valid", "test"}
    assert table["spot_probability"].between(0, 1).all()
    tested = table[table["part"] == "test"]
    right = (tested["spot_probability"] >= 0.5) == tested["spot"]
    assert right.mean() == pytest.approx(result.attributes["spot"].accuracy)


def test_the_network_is_measured_against_each_annotator(result):
    """All labels are the teacher's, so agreement with the teacher is accuracy."""
    teacher = result.annotators["teacher"]
    assert (teacher.labels, teacher.frames, teacher.videos) == (36, 12, 1)
    assert teacher.attributes["spot"].agreement == result.attributes["spot"].accuracy


def test_predictions_on_the_validation_part_are_not_made_again(run, result, monkeypatch, tmp_path):
    copied = copy_run(run, tmp_path)
    predicted = (copied.path / "predictions.csv").read_text("utf-8")
    (copied.path / "predictions.csv").unlink()
    whole, asked = evaluate.predictions(run, calibrate=False), []

    def predict(run, progress, parts):
        asked.extend(parts)
        return whole[whole["part"].isin(parts)]

    monkeypatch.setattr(evaluate, "predict", predict)
    thresholds.validation(copied)
    evaluate.test(copied)
    assert asked == ["valid", "test"]
    assert (copied.path / "predictions.csv").read_text("utf-8") == predicted
    assert not (copied.path / evaluate.VALIDATION).exists()


def test_a_run_without_a_network(workspace):
    run = create_run(workspace, tiny_class.quick())
    with pytest.raises(RunError, match="waiting"):
        evaluate.test(run)
    with pytest.raises(RunError, match="Test it first"):
        evaluate.predictions(run)
    assert not (run.path / "predictions.csv").exists()


def test_an_empty_test_part(workspace):
    run = create_run(workspace, tiny_class.quick())
    run.frames["part"] = np.where(run.frames["part"] == "test", "valid", run.frames["part"])
    with pytest.raises(RunError, match=r"The test part of .* has no labelled frame"):
        evaluate.test(run)


def test_classes_have_their_metrics_beside_the_confusion_matrix(result):
    shares = {"recall": {"plain": 0.75, "dark": 1.0}}
    counts = {"plain": {"plain": 3, "dark": 1}, "dark": {"plain": 0, "dark": 4}}
    classes = ClassesResult({"accuracy": 0.875, "baseline": 0.5}, shares, counts, "plain", 1)
    found = replace(result, classes=classes).to_json()
    assert (found["accuracy"], found["labelled_videos"], found["most_frequent"]) == (0.875, 1, "plain")
    assert (found["confusion"], found["recall"]) == (counts, shares["recall"])
    assert TestResult.from_json(json.loads(json.dumps(found))).classes == classes
    assert "confusion" not in result.to_json()


def test_a_test_of_an_earlier_version_is_measured_again(run, result, tmp_path):
    run = copy_run(run, tmp_path)
    old = {key: result.to_json()[key] for key in ("run", "split", "frames", "videos")}
    rows = {name: {"accuracy": row.accuracy, "baseline": row.baseline, "frames": row.frames, "positives": row.positives}
            for name, row in result.attributes.items()}  # fmt: skip
    (run.path / "test.json").write_text(json.dumps(old | {"attributes": rows}), "utf-8")
    assert (run.test.accuracy, run.test.per_video) == (result.accuracy, ())
    assert evaluate.stored(run) == result == run.test


def test_what_is_no_test_is_damage(workspace):
    run = create_run(workspace, tiny_class.quick())
    for text in ("", "{}", "[]", '{"attributes": '):
        (run.path / "test.json").write_text(text, "utf-8")
        with pytest.raises(RunError, match=r"test\.json cannot be read"):
            _ = run.test


def test_an_interval_is_missed_where_an_attribute_is_labelled_on_few_of_the_videos(result):
    rows = {"spot": AttributeResult(videos=8), "hole": AttributeResult(videos=3)}
    words = evaluate.no_interval(replace(result, attributes=rows))
    assert words == "Too few test videos to say how exact these are: hole (3 of 6)."
    classes = ClassesResult({}, {}, {}, "plain", 8)
    assert evaluate.no_interval(replace(result, classes=classes)) == ""


def test_the_number_that_stands_for_a_test(result):
    rows = {
        name: AttributeResult({"accuracy": share}) for name, share in {"a": 0.9, "b": 0.7, "c": None}.items()
    }
    result = replace(result, origins=())
    assert replace(result, attributes=rows).accuracy == pytest.approx(0.8)
    classes = ClassesResult({"accuracy": 0.6}, {}, {}, "plain", 8)
    assert replace(result, attributes=rows, classes=classes).accuracy == 0.6

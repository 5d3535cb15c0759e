"""The commands `test` and `report`: what they say, and that bad input is one line."""

import json
import shutil

import pytest

from core.evaluation.metrics import metrics_of
from core.labels.labels import record
from core.report import html_report
from core.runs.run import Run
from core.runs.run_names import short
from core.text import percent
from core.training.create_run import create_run
from core.workspace import open_workspace
from tests.helpers import tiny_class
from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)


@pytest.fixture
def pair(trained, tmp_path):
    """A run and its twin, both in a workspace of their own."""
    shutil.copytree(trained.workspace.path, tmp_path / "class")
    run = Run(open_workspace(tmp_path / "class"), trained.id)
    twin = run.path.with_name("twin")
    shutil.copytree(run.path, twin)
    config = json.loads((twin / "config.json").read_text("utf-8"))
    (twin / "config.json").write_text(json.dumps(config | {"run": "twin"}), "utf-8")
    return run, "twin"


def test_two_runs_are_compared_on_the_frames_that_they_share(seamlens, pair):
    run, twin = pair
    code, out, _ = seamlens("test", run.id, twin)
    assert code == 0
    assert "Compared on the 12 frames of 1 video that both are tested on." in out
    assert "Too few test videos (1 of 6) to say how exact this is." in out
    found = json.loads(seamlens("test", run.id, twin, "--json")[1])
    assert (found["attributes"]["spot"]["difference"], found["changed"]) == (0, [])


def test_one_run_twice_is_refused_in_a_line(seamlens, pair):
    code, out, error = seamlens("test", pair[0].id, pair[0].id)
    assert (code, out, error.count("\n")) == (2, "", 1)


def test_the_labels_of_now_are_asked_for(seamlens, pair):
    run, _ = pair
    seamlens("test", run.id)
    video = run.frames.loc[run.frames["part"] == "test", "video"].iloc[0]
    record(run.workspace, "teacher", video, 1, 2, {"spot": True})
    assert "2 of these labels changed after training" in seamlens("test", run.id)[1]
    found = json.loads(seamlens("test", run.id, "--current-labels", "--json")[1])
    assert (found["labels"], found["changed_labels"], found["relabelled_since"]) == ("current", 2, 2)
    assert json.loads((run.path / "test.json").read_text("utf-8"))["labels"] == "run"


def test_the_report_is_written(seamlens, pair, tmp_path):
    run, _ = pair
    seamlens("test", run.id)
    code, out, _ = seamlens("report", run.id, "--out", tmp_path / "report.html")
    assert (code, out.strip()) == (0, str(tmp_path / "report.html"))
    assert f"Report on {short(run)}" in (tmp_path / "report.html").read_text("utf-8")


def test_a_report_is_html(seamlens, pair, tmp_path):
    code, _, error = seamlens("report", pair[0].id, "--out", tmp_path / "report.pdf")
    assert (code, error.count("\n"), list(tmp_path.glob("report*"))) == (2, 1, [])


def test_of_classes_every_number_is_printed_and_reported(seamlens, tmp_path, tiny_network):
    run = create_run(tiny_class.make_classes(tmp_path / "class"), tiny_class.quick())
    run.network.build(2, True, run.size).save(run.model_file)
    out = seamlens("test", run.id)[1].splitlines()
    classes = run.test.classes
    first = next(place for place, line in enumerate(out) if line.startswith("Accuracy "))  # after the verdict
    for metric in metrics_of("classes"):
        assert f"{metric.label} {percent(classes.metrics[metric.name], 1)}" in out[first]
    labels = [metric.label for metric in metrics_of("class")]
    assert out[first + 1].split()[: 1 + len(labels)] == ["labelled", *labels]
    report = html_report.render(run)
    assert html_report.unbroken(percent(classes.metrics["macro_f1"], 1)) in report
    assert all(f"<th>{label}</th>" in report for label in labels)


def test_every_metric_of_an_attribute_is_printed_and_reported(seamlens, pair):
    run, _ = pair
    out = seamlens("test", run.id)[1]
    report = html_report.render(run)
    for metric in metrics_of("attribute"):
        assert metric.label in out and f"<th>{metric.label}</th>" in report
        assert html_report.unbroken(metric.shown(run.test.attributes["spot"].metrics[metric.name])) in report


def test_two_runs_are_compared_on_the_current_labels(seamlens, pair):
    run, twin = pair
    assert "labels" not in json.loads(seamlens("test", run.id, twin, "--json")[1])
    found = json.loads(seamlens("test", run.id, twin, "--current-labels", "--json")[1])
    assert (found["labels"], found["attributes"]["spot"]["difference"]) == ("current", 0)

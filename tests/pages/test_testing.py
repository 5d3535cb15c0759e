"""The Test page, on a network that has learned."""

import json
import shutil

import pytest

from core import workspace as workspaces
from core.evaluation import evaluate
from core.labels.labels import record
from core.networks import registry as networks
from core.runs import decision_settings, run_names
from core.runs.run import Run
from core.text import percent
from core.training.create_run import create_run
from tests.helpers import tiny_class
from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)
from tests.pages.conftest import words


@pytest.fixture
def untested(place, trained) -> Run:
    shutil.copytree(trained.workspace.path, place)
    run = Run(workspaces.open_workspace(place), trained.id)
    for file in ("test.json", "predictions.csv"):
        (run.path / file).unlink(missing_ok=True)
    return run


@pytest.fixture
def tested(untested) -> Run:
    evaluate.test(untested)
    return untested


def press(app, label):
    return next(button for button in app.button if button.label == label).click().run()


def test_opening_the_page_does_not_test(visit, untested):
    app = opened_before_the_test(visit)
    assert "12 frames of 1 group, none of which it was trained on" in words(app)
    assert [button.label for button in app.button if button.label.startswith("Test")] == [
        "Test on 12 frames of 1 unseen group"
    ]
    assert untested.test is None


def test_a_report_is_written_by_a_job(visit, untested):
    app = press(visit("5_Test.py"), "Report")
    assert f"The report about {run_names.short(untested)} is ready to download." in words(app)
    [file] = untested.workspace.path.glob(".export-*/*.html")
    assert file.name == f"{untested.id}.html" and "</html>" in file.read_text(encoding="utf-8")
    assert app.get("link_button")


def opened_before_the_test(visit):
    """The page of an untested run with its thresholds unfolded."""
    app = visit("5_Test.py")
    assert "none of which it was trained on" not in words(app)
    app.session_state["untested_thresholds"] = True
    return app.run()


def test_a_threshold_chosen_before_the_test_is_not_counted(visit, untested):
    app = opened_before_the_test(visit)
    app.slider(key=f"threshold_{untested.id}_clean").set_value(0.4).run()
    app.button(key="store_clean").click().run()
    app = press(app, "Test on 12 frames of 1 unseen group")
    assert "Tested on 12 frames of 1 group that the network has never seen." in words(app)
    assert untested.test.attributes["clean"].threshold == 0.4
    assert untested.test.threshold_changes == 0


def test_a_run_that_trained_on_after_its_test_says_that_it_was_seen(visit, tested):
    decision_settings.outdate(tested.path)
    (tested.path / "test.json").unlink()
    assert "It was trained further since its last test." in words(visit("5_Test.py"))


def test_without_a_test_part_nothing_can_be_tested(visit, untested):
    file = untested.path / "frames.csv"
    file.write_text(file.read_text("utf-8").replace(",test,", ",valid,"), "utf-8")
    app = visit("5_Test.py")
    assert "The test part of this run is empty." in words(app)
    assert not [button for button in app.button if button.label.startswith("Test")]


def test_a_tested_run_stays_when_its_network_is_gone(test_page, tested):
    tested.model_file.unlink()
    text = words(test_page("Mistakes"))
    assert "The network of this run is gone: its numbers stay" in text
    assert "12 frames of 1 group were tested." in text


def test_no_label_began_as_a_suggestion(test_page, tested):
    text = words(test_page("Trust"))
    assert "None of the labels of these frames began as a suggestion of a network." in text
    assert "Thresholds were never changed after the test part was seen." in text


def test_it_is_said_how_many_labels_began_as_suggestions(test_page, tested):
    record(tested.workspace, "teacher", video_tested(tested), 0, 8, {"spot": True}, "suggestion")
    assert "9 of 36 labels (25 %) began as suggestions of a network" in words(test_page("Trust"))


def video_tested(run):
    return run.frames.loc[run.frames["part"] == "test", "video"].iloc[0]


def test_a_leaking_run_is_never_shown_as_one_of_unseen_videos(visit, tested):
    file = tested.path / "config.json"
    kept = json.loads(file.read_text("utf-8"))
    kept["leak"] = {"meter": 97.0, "test_frames": 100, "leaking_test_frames": 97}
    file.write_text(json.dumps(kept), "utf-8")
    text = words(visit("5_Test.py"))
    assert "Tested on a leaking split: 97.0 % of the test frames have a near-duplicate in training." in text
    assert "that the network has never seen." not in text


def test_of_classes_the_page_shows_recall_and_confusion(visit, test_page, place):
    workspace = tiny_class.make_classes(place)
    run = create_run(workspace, tiny_class.quick())
    networks.get_network("tiny").build(2, True, run.size).save(run.model_file)
    assert "Not tested yet." in words(visit("5_Test.py"))
    evaluate.test(run)
    text = words(test_page())
    assert "the most frequent class, and is right in 50.0 % of the frames." in text
    assert "A row is the labelled class, a column the decided one" in text
    assert f"**Balanced** {percent(run.test.classes.metrics['balanced_accuracy'], 1)}" in text


def test_of_classes_it_is_calibrated_how_often_the_decided_one_is_right(test_page, place):
    run = create_run(tiny_class.make_classes(place), tiny_class.quick())
    networks.get_network("tiny").build(2, True, run.size).save(run.model_file)
    evaluate.test(run)
    app = test_page(more="Calibration")
    assert "Where the network is 80 % sure of its decision, is it right" in words(app)
    (diagram,) = [
        spec for chart in app.get("plotly_chart") if "predicted probability" in (spec := chart.proto.spec)
    ]
    assert '"share right"' in diagram


def test_the_page_says_why_there_is_no_interval(test_page, tested):
    app = test_page()
    assert "Too few test videos (1 of 6) to say how exact this is." in words(app)
    assert set(app.dataframe[0].value["interval"]) == {"too few videos"}


def test_a_run_that_inherits_relabelled_frames_says_so(test_page, tested):
    record(tested.workspace, "teacher", video_tested(tested), 1, 1, {"spot": True})
    later = create_run(tested.workspace, tiny_class.quick())
    shutil.copyfile(tested.model_file, later.model_file)
    evaluate.test(later)
    text = words(test_page())
    assert "1 test frame was relabelled after a network's mistakes could be seen." in text
    assert "With the current labels" not in text
    assert "1 test frame was relabelled" in words(test_page("Trust"))


def test_changed_labels_are_told_with_the_numbers_of_now(test_page, tested):
    record(tested.workspace, "teacher", video_tested(tested), 1, 2, {"spot": True})
    text = words(test_page())
    assert "2 labels have changed since, on 2 of 12 test frames. 2 test frames were relabelled" in text
    assert "With the current labels the accuracy would be: " in text


@pytest.fixture
def twin(untested) -> Run:
    """A second run, not tested."""
    copy = Run(untested.workspace, "twin")
    shutil.copytree(untested.path, copy.path)
    config = json.loads((copy.path / "config.json").read_text("utf-8"))
    (copy.path / "config.json").write_text(json.dumps(config | {"run": "twin"}), "utf-8")
    return copy


def test_a_second_run_is_compared_on_the_same_frames_once_it_is_tested(test_page, twin, tested):
    app = test_page(more="Compare")
    if app.selectbox(key="test_run").value == twin.id:
        app.selectbox(key="test_run").select(tested.id).run()
    app.selectbox(key="test_beside").select(twin.id).run()
    assert twin.test is None
    text = words(press(app, "Test on 12 frames of 1 unseen group"))
    assert "Compared on the 12 frames of 1 video that both are tested on." in text
    assert "There are none: both decide the same on every frame." in text
    app = app.toggle(key="test_current_labels").set_value(True).run()
    assert "Compared against the current labels on the 12 frames" in words(app)

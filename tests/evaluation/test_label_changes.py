"""What has changed of the labels of a run, and what of it after its test was seen."""

import pytest

from core.evaluation import evaluate, label_changes
from core.labels.labels import record
from core.training.create_run import create_run
from tests.helpers import tiny_class
from tests.helpers.copies import copy_run


@pytest.fixture
def run(trained, tmp_path):
    """A run that was tested, in a workspace of its own."""
    copied = copy_run(trained, tmp_path)
    evaluate.test(copied)
    return copied


@pytest.fixture
def video(run):
    """The one test video; its frames 0, 3, 6 and 9 have a spot."""
    return run.frames.loc[run.frames["part"] == "test", "video"].iloc[0]


def test_at_first_nothing_has_changed(run):
    found = label_changes.changed_labels(run)
    assert (found.labels, found.frames, found.relabelled, found.sentence()) == (0, 0, 0, "")


def test_changed_labels_are_counted(run, video):
    record(run.workspace, "teacher", video, 0, 1, {"spot": False, "clean": True})
    found = label_changes.changed_labels(run)
    assert (found.labels, found.frames, found.relabelled) == (2, 1, 1)  # frame 1 had no spot, and was clean
    assert found.sentence() == (
        "2 labels have changed since, on 1 of 12 test frames. 1 test frame was relabelled after a network's mistakes could "
        "be seen."
    )


def test_a_label_that_was_taken_away_has_changed(run, video):
    record(run.workspace, "teacher", video, 4, 4, {"spot": None})
    assert label_changes.changed_labels(run).labels == 1


def test_a_label_of_before_the_test_was_not_changed_by_who_had_seen_it(trained, tmp_path):
    run = copy_run(trained, tmp_path)
    for file in ("test.json", label_changes.FILE):
        (run.path / file).unlink(missing_ok=True)
    video = run.frames.loc[run.frames["part"] == "test", "video"].iloc[0]
    record(run.workspace, "teacher", video, 1, 1, {"spot": True})
    assert label_changes.changed_labels(run).relabelled == 0
    evaluate.test(run)
    assert (label_changes.changed_labels(run).labels, label_changes.changed_labels(run).relabelled) == (1, 0)


def test_what_was_relabelled_before_a_later_run_was_made_is_counted_of_that_run(run, video):
    """Of frame 4 the first network's mistake could be seen; the next run is made with the label that then was given."""
    record(run.workspace, "teacher", video, 4, 4, {"spot": True})
    later = create_run(run.workspace, tiny_class.quick())
    assert video in set(later.frames.loc[later.frames["part"] == "test", "video"])
    found = label_changes.changed_labels(later)
    assert (found.labels, found.relabelled) == (0, 1)
    assert found.sentence() == "1 test frame was relabelled after a network's mistakes could be seen."


def test_a_label_that_was_given_again_is_not_relabelled(run, video):
    record(run.workspace, "teacher", video, 4, 4, {"spot": False})  # as it was
    assert label_changes.changed_labels(create_run(run.workspace, tiny_class.quick())).relabelled == 0


def test_frames_that_no_run_was_tested_on_may_be_relabelled(run):
    other = run.frames.loc[run.frames["part"] == "train", "video"].iloc[0]
    record(run.workspace, "teacher", other, 4, 4, {"spot": True})
    later = create_run(run.workspace, tiny_class.quick())
    assert label_changes.changed_labels(later, "train").relabelled == 0


def test_labels_of_training_frames_do_not_count(run):
    other = run.frames.loc[run.frames["part"] == "train", "video"].iloc[0]
    record(run.workspace, "teacher", other, 0, 5, {"spot": None})
    assert label_changes.changed_labels(run).labels == 0


def test_the_numbers_with_the_labels_of_now(run, video):
    """The network is right about the spots of the run; turned around, it is wrong about all of them."""
    before = evaluate.measure(run).attributes["spot"].accuracy
    for frame in range(12):
        record(run.workspace, "teacher", video, frame, frame, {"spot": frame % 3 != 0})
    now = evaluate.measure(run, current_labels=True)
    assert now.attributes["spot"].accuracy == pytest.approx(1 - before)
    assert (now.labels, now.changed_labels, now.relabelled_since) == ("current", 12, 12)
    assert evaluate.measure(run).attributes["spot"].accuracy == before
    assert run.test.labels == "run"

from dataclasses import replace

import pytest

from core.assist import label_issues
from core.assist.suggestions import suggesting_run
from core.errors import RunError
from core.jobs import jobs, series, worker
from core.labels import labels
from core.runs import run_store as runs
from tests.helpers import fake_predictions, tiny_class
from tests.helpers.fake_predictions import judged  # noqa: F401


@pytest.fixture
def workspace(judged, tmp_path):  # noqa: F811
    """Three networks have judged it, as one series."""
    return fake_predictions.copied(judged, tmp_path / "judged")


@pytest.fixture
def made(workspace):
    return series.find(workspace, "folds")[0]


@pytest.fixture
def plan(workspace):
    return label_issues.plan(workspace, tiny_class.quick(epochs=1), 3)


def test_a_series_is_found_with_its_runs_in_order(made):
    assert [run.series.number for run in made.runs] == [1, 2, 3]
    assert (made.of, made.is_done, made.share) == (3, True, 1.0)


def test_a_series_of_another_kind_is_not_found(workspace, made):
    assert series.find(workspace, "gap") == []


def test_the_newest_series_comes_first(workspace, plan, made):
    newer = fake_predictions.make(workspace, "folds", plan)
    assert [one.id for one in series.find(workspace, "folds")] == [newer.id, made.id]


def test_a_series_is_going_while_a_run_is_queued(workspace, made):
    made.runs[2].write_status(state="queued")
    found = series.find(workspace, "folds")[0]
    assert found.is_going and not found.is_done
    assert found.share == pytest.approx(2 / 3)


def test_with_a_stopped_run_it_goes_no_further(workspace, made):
    made.runs[0].write_status(state="stopped")
    made.runs[2].write_status(state="queued")
    found = series.find(workspace, "folds")[0]
    assert not found.is_going
    assert found.broken == (made.runs[0],)


def test_only_a_series_that_has_ended_well_is_finished(workspace, plan, made):
    fake_predictions.make(workspace, "folds", plan).runs[0].write_status(state="failed")
    assert series.finished(workspace, "folds").id == made.id


def test_its_progress_counts_all_runs_together(workspace, plan, monkeypatch):
    def trained(run, progress):
        run.write_status(state="done")
        progress(4, 4)

    monkeypatch.setattr(worker, "train", trained)
    seen = []
    series.train(workspace, "folds", plan, lambda *at: seen.append(at))
    assert seen == [(4, 12), (8, 12), (12, 12)]


def test_a_run_that_is_stopped_ends_the_series(workspace, plan, monkeypatch):
    monkeypatch.setattr(worker, "train", lambda run, progress: run.write_status(state="stopped"))
    with pytest.raises(RunError, match="stopped"):
        series.train(workspace, "folds", plan)
    assert (
        len(runs.list_runs(workspace)) == 3 + 1
    )  # those of the judged workspace, and the one that was stopped


@pytest.fixture
def unteachable(workspace, plan):
    """Only the first network has frames to learn from: labels of the others' videos are gone by then."""
    (settings, split), *others = plan
    empty = split.table.assign(part="test")
    return [(settings, split)] + [(s, replace(o, table=empty)) for s, o in others]


@pytest.mark.parametrize("how", [series.start, series.train])
def test_nothing_is_trained_where_one_run_cannot_be(workspace, unteachable, monkeypatch, how):
    for module, name in ((worker, "train"), (jobs, "enqueue")):
        monkeypatch.setattr(module, name, lambda *_: pytest.fail("it was begun"))
    with pytest.raises(RunError, match="No labelled frame is in the training part"):
        how(workspace, "folds", unteachable)
    assert len(runs.list_runs(workspace)) == 3  # those of the judged workspace


def test_a_started_series_waits_in_its_order(workspace, plan, monkeypatch):
    queued = []
    monkeypatch.setattr(jobs, "enqueue", lambda run, on: queued.append(run))
    made = series.start(workspace, "folds", plan, "Eva")
    assert queued == list(made.runs)
    assert [(run.series.number, run.config.user) for run in queued] == [
        (1, "Eva"), (2, "Eva"), (3, "Eva"),
    ]  # fmt: skip
    series.withdraw(workspace, "folds", made.id)
    assert len(runs.list_runs(workspace)) == 3


def test_a_rare_attribute_is_passed_over_where_training_does_not_meet_it(workspace):
    for video in range(1, 5):
        labels.record(workspace, "teacher", f"video_{video}", 0, 11, {"spot": False})
    made = fake_predictions.make(workspace, "folds", label_issues.plan(workspace, tiny_class.quick(), 3))
    learned = [run for run in made.runs if "spot" in run.attributes.names]
    assert [run.frames.groupby("part")["spot"].sum()["train"] for run in learned] == [4]


def test_the_time_of_an_epoch_is_that_of_the_newest_run(workspace, made):
    assert series.seconds_per_epoch(workspace, "tiny") is None
    (made.runs[0].path / "history.csv").write_text("epoch,seconds\n1,9\n2,3\n3,5\n")
    assert series.seconds_per_epoch(workspace, "tiny") == 5.0


def test_what_is_removed_is_gone(workspace, made):
    series.remove(made)
    assert runs.list_runs(workspace) == []


def test_no_network_of_a_series_suggests_labels(workspace, made):
    for run in made.runs:
        run.model_file.touch()
    assert suggesting_run(workspace) is None

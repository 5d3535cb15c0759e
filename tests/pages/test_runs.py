"""Queue, ends, notes and comparison of runs on the Train page, with networks that were never trained."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.jobs import jobs, slots
from core.labels import assignments
from core.labels.consensus import consensus
from core.runs import run_names
from core.runs import run_store as runs
from core.runs.records import Best, SeriesRecord
from core.runs.run import Run
from core.runs.settings import TrainSettings
from core.splits import stored_split
from core.splits.make_split import split_by_video
from core.training.create_run import create_run
from core.workspace import Workspace
from tests.helpers import tiny_class
from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)
from tests.helpers.fake_predictions import foretell
from tests.pages.conftest import words
from ui.train import runs as table
from ui.train import training_progress

TRAIN = "4_Train.py"
Visit = Callable[..., AppTest]


@pytest.fixture
def taught(place: Path, tiny_network: None) -> Workspace:
    """Five videos of twelve labelled frames, split by video."""
    made = tiny_class.make(place)
    stored_split.store(made, split_by_video(consensus(made)))
    return made


def made(workspace: Workspace, state: str, user: str = "", series: Any = None, **settings: Any) -> Run:
    """A run of two epochs that says it is in that state; the checkpoint is empty."""
    run = create_run(workspace, tiny_class.quick(**settings), series=series, user=user)
    row = {"seconds": 30.0, "loss": 0.5, "learning_rate": 0.01}
    for name in run.attributes.names:
        row |= {f"{name}_accuracy": 0.8, f"val_{name}_accuracy": 0.75, f"val_{name}_loss": 0.6}
    history = [{"epoch": 1, "val_loss": 0.7, **row}, {"epoch": 2, "val_loss": 0.6, **row}]
    pd.DataFrame(history).to_csv(run.path / "history.csv", index=False)
    run.checkpoint_file.touch()
    run.write_status(state=state, epoch=2, best=Best(2, 0.6), queued=0.0)
    return run


def choose(monkeypatch: pytest.MonkeyPatch, *rows: int) -> None:
    """Choose lines of the table, which AppTest cannot."""
    write = table._table
    monkeypatch.setattr(table, "_table", lambda *known: (write(*known), list(rows))[1])


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def buttons(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


@pytest.fixture
def full(taught: Workspace, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run that is starting, and takes the one slot of its workspace."""
    run = made(taught, "done")
    run.write_status(state="starting", epoch=2, remaining=600)
    return run


def test_while_no_slot_is_free_the_button_queues(visit: Visit, full: Run) -> None:
    app = press(visit(TRAIN, "Ada"), "Queue training")
    assert not app.exception
    assert [(run.config.user, slots.place(run)) for run in slots.waiting(full.workspace)] == [("Ada", 1)]


def test_a_press_is_not_lost_where_another_has_just_taken_the_slot(visit: Visit, taught: Workspace) -> None:
    app = visit(TRAIN, "Ada")
    made(taught, "done").write_status(state="starting")
    press(app, "Start training")
    assert [run.config.user for run in slots.waiting(taught)] == ["Ada"]


def test_the_queue_says_who_is_next_and_when(visit: Visit, full: Run) -> None:
    made(full.workspace, "queued", "Ada")
    assert "**1st in the queue** · Run 2 · for Ada · starts in about 10 min" in words(visit(TRAIN))


def test_a_queued_run_can_be_withdrawn(visit: Visit, full: Run) -> None:
    run = made(full.workspace, "queued")
    press(visit(TRAIN), "Withdraw")
    assert run.state == "stopped"


def test_stop_ends_after_the_step(visit: Visit, full: Run) -> None:
    press(visit(TRAIN), "Finish here")
    assert full.stop_file.exists()


def test_stop_now_kills(visit: Visit, full: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[str] = []
    monkeypatch.setattr(jobs, "kill", lambda run: killed.append(run.id))
    press(visit(TRAIN), "Cancel the training")
    assert killed == [full.id]


def test_without_a_run_the_page_says_what_will_come(visit: Visit, taught: Workspace) -> None:
    assert "No run yet" in words(visit(TRAIN))


def test_the_newest_run_is_shown_where_none_is_chosen(visit: Visit, taught: Workspace) -> None:
    made(taught, "done")
    newest = made(taught, "done", user="Ada")
    shown = words(visit(TRAIN))
    assert f"### {run_names.title(newest)}" in shown
    assert "tiny · done · epoch 2 of 4 · for Ada." in shown


def test_a_run_that_failed_says_why_and_can_be_resumed(
    visit: Visit, taught: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made(taught, "failed")
    run.write_status(error="The disk is full (12 MB free).")
    resumed: list[str] = []
    monkeypatch.setattr(jobs, "resume", lambda run: resumed.append(run.id))
    choose(monkeypatch, 0)
    app = visit(TRAIN)
    assert "**Training failed.** The disk is full (12 MB free)." in words(app)
    press(app, "Resume")
    assert resumed == [run.id]


def test_a_run_that_is_done_goes_on_until_an_epoch(
    visit: Visit, taught: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made(taught, "done")
    asked: list[tuple[int | None, float | None]] = []
    monkeypatch.setattr(jobs, "resume", lambda run, epochs, minutes: asked.append((epochs, minutes)))
    choose(monkeypatch, 0)
    app = visit(TRAIN)
    app.number_input(key=f"until_{run.id}").set_value(9).run()
    press(app, "Continue training")
    app.number_input(key=f"until_minutes_{run.id}").set_value(2.5).run()
    press(app, "Continue training")
    assert asked == [(9, None), (None, 2.5)]


def test_a_run_is_repeated(visit: Visit, taught: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run = made(taught, "done")
    monkeypatch.setattr(jobs, "enqueue", lambda run, on="": None)
    choose(monkeypatch, 0)
    press(visit(TRAIN), "Train again")
    assert runs.list_runs(taught)[0].config.like == run.id


def test_a_run_that_was_withdrawn_kept_nothing(
    visit: Visit, taught: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_run(taught, tiny_class.quick()).write_status(state="stopped")
    choose(monkeypatch, 0)
    assert "**Training was stopped.** It had not finished an epoch." in words(visit(TRAIN))


def test_a_note_is_kept(visit: Visit, taught: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run = made(taught, "done")
    choose(monkeypatch, 0)
    visit(TRAIN).text_area(key=f"note_{run.id}").set_value("more light").run()
    assert run.note == "more light"


def test_a_run_is_deleted(visit: Visit, taught: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    made(taught, "done")
    choose(monkeypatch, 0)
    press(visit(TRAIN), "Delete permanently")
    assert runs.list_runs(taught) == []


def test_the_curves_of_one_attribute(
    visit: Visit, taught: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made(taught, "done")
    choose(monkeypatch, 0)
    app = visit(TRAIN)
    app.segmented_control(key=f"curves_{run.id}").set_value("spot").run()
    assert "accuracy of spot" in app.get("plotly_chart")[1].proto.spec


def test_worst_frames_leave_out_videos_that_are_labelled_blind(
    visit: Visit, taught: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made(taught, "done")
    frames = run.frames.drop_duplicates("video").head(2)
    worst = {"name": frames["name"], "attribute": "spot", "label": False, "probability": 0.97, "loss": 3.5}
    pd.DataFrame(worst).to_csv(run.path / "worst.csv", index=False)
    seen, hidden = frames["name"]
    monkeypatch.setattr(assignments, "blind", lambda *_: [frames["video"].iloc[1]])
    choose(monkeypatch, 0)
    app = visit(TRAIN, "Ada")
    assert "spot: labelled false, network 97 % true" in words(app)
    links = {link.proto.label: link.proto.query_string for link in app.get("page_link")}
    video, index = seen.rsplit("_", 1)
    assert links[f"{video} · {index}"] == f"video={video}&frame={index}"
    assert hidden not in words(app) and " · ".join(hidden.rsplit("_", 1)) not in links


def test_two_runs_are_compared_by_what_differs(
    visit: Visit, taught: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(taught, "done", seed=1)
    made(taught, "done", seed=2)
    choose(monkeypatch, 0, 1)
    app = visit(TRAIN)
    assert app.dataframe[-1].value.iloc[:, 0].tolist() == ["seed"]
    assert "All were validated on the same 12 frames." in words(app)


def test_the_runs_of_a_series_are_one_line(visit: Visit, taught: Workspace) -> None:
    for number in (1, 2):
        made(taught, "done", series=SeriesRecord("folds", "folds_x", number, 2))
    row = visit(TRAIN).dataframe[-1].value.iloc[0]
    assert (row["Run"], row["State"], row["Minutes"]) == ("Label issues: 2 runs", "2 of 2 done", 2.0)


def test_a_setting_under_advanced_is_of_the_run(
    visit: Visit, taught: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[TrainSettings] = []
    start = lambda workspace, settings, user, on="", **_: asked.append(settings) or made(taught, "done")  # noqa: E731
    monkeypatch.setattr(jobs, "start", start)
    app = visit(TRAIN)
    app.number_input(key="balance_seam_pretrained").set_value(1.0).run()
    press(app, "Start training")
    assert asked[0].balance == 1.0


def test_without_a_change_the_networks_own_recipe_is_taken(
    visit: Visit, taught: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[TrainSettings] = []
    start = lambda workspace, settings, user, on="", **_: asked.append(settings) or made(taught, "done")  # noqa: E731
    monkeypatch.setattr(jobs, "start", start)
    press(visit(TRAIN), "Start training")
    assert (asked[0].recipe, asked[0].size) == (None, None)


@pytest.mark.parametrize(
    ("state", "icon"), [("done", "check_circle"), ("stopped", "pause_circle"), ("failed", "error")]
)
def test_only_a_training_that_ended_well_gets_a_check(
    monkeypatch: pytest.MonkeyPatch, state: str, icon: str
) -> None:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(training_progress, "flash", lambda words, icon: told.append((words, icon)))
    training_progress._tell({"a": "running"}, {"a": state}, {"a": "Run 3"})
    assert told == [(f"Run 3: {state}.", icon)]


def test_a_newer_network_is_tested_next_although_an_older_one_was(
    visit: Visit, taught: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Run, "has_model", property(lambda run: True))
    foretell(made(taught, "done"), {})
    assert "Run 1 is tested." in words(visit(TRAIN))
    made(taught, "done")
    assert "Run 2 is trained. See how well it does" in words(visit(TRAIN))

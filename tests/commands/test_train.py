import json
import shutil

import numpy as np
import pytest

from core.commands import train as commands
from core.jobs import jobs, processes, slots
from core.labels.consensus import consensus
from core.labels.labels import record, record_table
from core.runs import run_store as runs
from core.runs.records import SeriesRecord
from core.splits import stored_split
from core.splits.make_split import split_by_video
from core.training.create_run import create_run
from tests.helpers import tiny_class
from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)


@pytest.fixture
def of_trained(seamlens, trained):
    """Run a command on the workspace of a run that has learned."""
    return lambda *arguments: seamlens(*arguments, workspace=trained.workspace.path)


@pytest.fixture
def taught(tmp_path, tiny_network):
    return tiny_class.make(tmp_path / "class")


@pytest.mark.parametrize(
    ("value", "about", "said"),
    [(0.01, "configuration", "0.01"), (0.975, "test accuracy", "97.5 %"), (None, "test accuracy", "–")],
)
def test_accuracies_are_percent_and_settings_are_not(value, about, said):
    assert commands._cell(value, about) == said


@pytest.fixture
def busy(taught, monkeypatch):
    """A workspace whose slot is taken by a process that only pretends."""

    class Pretended:
        pid, wait = 0, staticmethod(lambda: 0)

    monkeypatch.setattr(processes, "spawn", lambda run: Pretended())
    monkeypatch.setattr(slots, "_wait", lambda process, run: None)
    return jobs.start(taught, tiny_class.quick())


def test_runs_are_listed_with_state_minutes_and_best(of_trained, trained):
    row = json.loads(of_trained("runs", "--json")[1])[0]
    assert (row["run"], row["state"], row["place"]) == (trained.id, "done", None)
    assert row["minutes"] > 0 and row["best"]["epoch"] >= 1
    assert {"user", "note", "series"} <= set(row)
    assert of_trained("runs")[1].split()[:4] == ["run", "network", "state", "epoch"]


def test_a_run_that_is_over_cannot_be_stopped(of_trained):
    assert of_trained("stop", "latest")[0] == 2
    assert of_trained("stop", "latest", "--now")[0] == 2


def test_going_on_with_a_done_run_needs_an_end(of_trained):
    code, _, error = of_trained("resume", "latest")
    assert (code, error.count("\n")) == (2, 1)
    assert "--epochs" in error


def test_a_second_training_is_refused_or_queues(seamlens, busy):
    code, _, error = seamlens("train", "--network", "tiny")
    assert (code, error.count("\n")) == (2, 1)
    assert busy.id in error and "--detach" in error
    code, out, _ = seamlens("train", "--network", "tiny", "--detach", "--user", "Ann")
    assert code == 0 and out.endswith(" (1st in the queue)\n")
    row = json.loads(seamlens("runs", "--json")[1])[0]
    assert (row["state"], row["place"], row["user"]) == ("queued", 1, "Ann")
    assert "no longer in the queue" in seamlens("stop", out.split()[0])[1]


def test_a_refusal_names_the_commands_that_help(seamlens, tmp_path, tiny_network):
    tiny_class.make(tmp_path / "class", videos=1, frames=200)
    code, _, error = seamlens("train", "--network", "tiny")
    assert (code, error.count("\n")) == (2, 1)
    assert "You have 1 labelled video; an honest test needs 3." in error and "“split --by blocks”" in error


def test_what_is_left_out_or_new_is_told(seamlens, taught, monkeypatch):
    monkeypatch.setattr("core.jobs.jobs.enqueue", lambda run, on: None)
    stored_split.store(taught, split_by_video(consensus(taught)))
    record_table(taught, "teacher", consensus(taught).assign(spot=False)[["video", "index", "spot"]])
    tiny_class.add_frames(taught, "late", [tiny_class.picture(True, False, np.random.default_rng(7))])
    record(taught, "teacher", "late", 0, 0, {"spot": False, "narrow": True})
    code, out, error = seamlens("train", "--network", "tiny", "--detach")
    assert code == 0 and len(out.split()) == 1
    assert "Not in the split: 1 new video (late). “split --extend” adds them." in error
    assert "“spot” is left out: all 61 answers are “no”." in error


def test_a_run_like_another(seamlens, taught):
    model = create_run(taught, tiny_class.quick(epochs=1, seed=3))
    code, out, _ = seamlens("train", "--like", model.id)
    assert code == 0 and "done; best epoch 1" in out
    assert runs.get_run(taught, "latest").config.like == model.id


@pytest.mark.parametrize(
    "own",
    [
        ("--epochs", 9),
        ("--seed", 0),
        ("--network", "tiny"),
        ("--minutes", 5),
        ("--balance", 0),
        ("--leaking",),
    ],
)
def test_a_run_like_another_has_no_settings_of_its_own(seamlens, taught, own):
    model = create_run(taught, tiny_class.quick())
    code, _, error = seamlens("train", "--like", model.id, *own)
    assert (code, error.count("\n")) == (2, 1)
    assert f"Leave out {own[0]}," in error
    assert [run.id for run in runs.list_runs(taught)] == [model.id]


@pytest.fixture
def ended(monkeypatch):
    """What is done after a training, which itself ends at once."""
    done = []
    monkeypatch.setattr("core.jobs.worker.train", lambda run: run.write_status(state="done"))
    monkeypatch.setattr("core.evaluation.evaluate.test", lambda run: done.append("tested"))
    monkeypatch.setattr(
        "core.inspection.inspector.measure_training_part", lambda run: done.append("measured")
    )
    return done


@pytest.mark.parametrize(("minutes", "expected"), [(None, ["measured"]), (5, [])])
def test_an_ordinary_run_is_not_tested_unasked(seamlens, taught, ended, minutes, expected):
    run = create_run(taught, tiny_class.quick(minutes=minutes))
    assert seamlens("train-run", run.id)[0] == 0
    assert ended == expected


def test_a_run_of_a_series_is_tested_at_once(seamlens, taught, ended):
    series = SeriesRecord("gap", "gap_1", 1, 2)
    run = create_run(taught, tiny_class.quick(minutes=5), series=series)
    assert seamlens("train-run", run.id)[0] == 0
    assert ended == ["tested"]


def test_a_note(seamlens, taught):
    run = create_run(taught, tiny_class.quick())
    assert seamlens("runs", "--note", run.id, "new lamp")[0] == 0
    assert "new lamp" in seamlens("runs")[1]


def test_deleting_asks_for_a_yes(seamlens, taught):
    run = create_run(taught, tiny_class.quick())
    code, _, error = seamlens("runs", "--delete", run.id)
    assert (code, error.count("\n")) == (2, 1)
    assert "--yes" in error
    assert seamlens("runs", "--delete", run.id, "--yes")[0] == 0
    assert not run.path.exists()


def test_comparing_shows_differences_and_accuracies(seamlens, trained, tmp_path):
    shutil.copytree(trained.workspace.path, tmp_path / "class")
    other = create_run(runs.get_run(trained.workspace, trained.id).workspace, tiny_class.quick(seed=9))
    shutil.copytree(other.path, tmp_path / "class" / "runs" / other.id)
    shutil.rmtree(other.path)
    found = json.loads(seamlens("runs", trained.id, other.id, "--json")[1])
    assert {"about": "configuration", "what": "seed", trained.id: 1, other.id: 9} in found
    assert [row["what"] for row in found if row["about"] == "validation accuracy"] == [
        "clean",
        "spot",
        "narrow",
    ]
    assert seamlens("runs", trained.id, other.id)[1].split()[:2] == ["about", "what"]


def test_an_unknown_run_is_refused_everywhere(seamlens, taught):
    create_run(taught, tiny_class.quick())
    for words in (
        ("resume", "x"),
        ("stop", "x"),
        ("runs", "x", "y"),
        ("train", "--like", "x"),
        ("runs", "--delete", "x"),
    ):
        code, _, error = seamlens(*words)
        assert (code, error.count("\n")) == (2, 1)


NO_MINUTES = ("nan", "-5", "0", "inf", "ten")
NO_SEEDS = ("-1", "99999999999", "nan", "1.5")
NO_EPOCHS = ("0", "-5", "inf", "2.5")
WRONG_NUMBERS = [
    *(
        [command, "--minutes", text]
        for command in ("train", "resume x", "suspects", "gap")
        for text in NO_MINUTES
    ),
    *(
        [command, "--epochs", text]
        for command in ("train", "resume x", "suspects", "gap")
        for text in NO_EPOCHS
    ),
    *(
        [command, "--seed", text]
        for command in ("train", "suspects", "gap", "split", "augment", "demo", "assign")
        for text in NO_SEEDS
    ),
]


@pytest.mark.parametrize(("command", "option", "text"), WRONG_NUMBERS)
def test_a_number_out_of_range_is_refused_in_plain_words(seamlens, command, option, text):
    code, _, error = seamlens(*command.split(), option, text)
    assert (code, error.count("\n")) == (2, 1)
    assert error.startswith(f"seamlens: {option} must be a ") and f", not {text}. See" in error


def test_the_largest_seed_is_taken(seamlens, taught, monkeypatch):
    monkeypatch.setattr("core.jobs.worker.train", lambda run, progress: None)
    assert seamlens("train", "--network", "tiny", "--seed", 2**32 - 1)[0] == 0
    assert runs.get_run(taught, "latest").config.seed == 2**32 - 1


@pytest.mark.parametrize(
    "wrong", [["--size", "8"], ["--balance", "2"], ["--patience", "-1"], ["--size", "big"]]
)
def test_a_setting_out_of_range_is_refused_and_makes_no_run(seamlens, taught, wrong):
    code, _, error = seamlens("train", *wrong)
    assert code == 2
    assert f"{wrong[0]} must be a " in error and f", not {wrong[1]}. " in error
    assert not list(taught.runs.glob("*"))


def test_what_the_advanced_settings_of_the_page_say_can_be_said(seamlens, taught, monkeypatch):
    monkeypatch.setattr("core.jobs.worker.train", lambda run, progress: None)
    assert seamlens("train", "--network", "tiny", "--size", 40, "--balance", 0.5, "--patience", 2)[0] == 0
    run = runs.get_run(taught, "latest")
    assert (run.size, run.recipe.balance, run.recipe.patience) == ((40, 40), 0.5, 2)


def test_augment_writes_a_sheet_and_says_what_was_done(seamlens, tmp_path):
    tiny_class.make(tmp_path / "class")
    sheet = tmp_path / "sheet.png"
    code, out, _ = seamlens("augment", "--frames", 2, "--out", sheet)
    assert code == 0 and sheet.is_file()
    assert f"{sheet}: 2 frames of 2 videos" in out
    assert "Never scaled" in out and out.count("row ") == 2


def test_augment_refuses_in_one_line(seamlens, tmp_path):
    seamlens("init")
    for wrong in (["--out", "a.png"], ["--network", "none", "--out", "a.png"]):
        code, _, error = seamlens("augment", *wrong)
        assert (code, error.count("\n")) == (2, 1)


def test_a_run_is_named_and_listed_by_its_name(seamlens, taught):
    run = create_run(taught, tiny_class.quick())
    assert seamlens("runs", "--rename", run.id, "new lamp")[1] == f"{run.id} is called new lamp.\n"
    row = json.loads(seamlens("runs", "--json")[1])[0]
    assert (row["run"], row["name"], row["called"], row["verdict"]) == (run.id, "new lamp", "new lamp", None)
    assert seamlens("runs", "--rename", run.id, "")[1] == f"{run.id} is called Run 1.\n"
    assert seamlens("runs", "--rename", run.id, "x" * 61)[0] == 2

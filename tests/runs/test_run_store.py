import errno
import json
import re
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from core import workspace as workspaces
from core.errors import RunError, SplitError
from core.labels import labels
from core.labels.consensus import consensus
from core.networks.recipe import PUBLISHED, Recipe
from core.networks.registry import get_network
from core.runs import locks
from core.runs import run_store as runs
from core.runs.records import Best, Limits, RunConfig, RunStatus, SeriesRecord
from core.runs.results import AttributeResult, TestResult
from core.runs.run import Run
from core.runs.settings import TrainSettings
from core.splits import stored_split
from core.splits.leaks import leak_of
from core.splits.make_split import split_by_video
from core.training import create_run as creation
from core.training.create_run import create_like, create_run
from tests.helpers import tiny_class


def say(workspace, attribute, value, videos=5, frames=12):
    rows = pd.DataFrame(
        [{"video": f"video_{v}", "index": i, attribute: value} for v in range(videos) for i in range(frames)]
    )
    labels.record_table(workspace, "teacher", rows)


def test_the_folder_says_everything(workspace):
    run = create_run(workspace, TrainSettings("seam_resnet", epochs=3, minutes=5, seed=7))
    assert sorted(p.name for p in run.path.iterdir()) == ["config.json", "frames.csv", "status.json"]
    config = json.loads((run.path / "config.json").read_text("utf-8"))
    assert (config["network"], config["seed"], config["minutes"]) == ("seam_resnet", 7, 5)
    assert config["picture"] == {"size": [100, 100], "region": None, "interpolation": "area", "colour": "BGR"}
    assert config["recipe"]["learning_rate"] == 1e-5 and config["recipe"]["epochs"] == 3
    assert config["thresholds"] == {"clean": 0.5, "spot": 0.5, "narrow": 0.5}
    assert config["versions"]["tensorflow"][0].isdigit()
    assert run.state == "waiting"
    assert re.match(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_seam_resnet", run.id)


def test_frames_are_the_consensus_and_the_stored_split(workspace):
    agreed = consensus(workspace)
    split = split_by_video(agreed, seed=3)
    stored_split.store(workspace, split)
    frames = create_run(workspace, tiny_class.quick()).frames
    assert frames["name"].tolist() == agreed["name"].tolist()
    assert frames["part"].tolist() == split.table["part"].tolist()
    assert frames["spot"].tolist() == agreed["spot"].tolist()


def test_without_a_split_one_by_video_is_made_and_stored(workspace):
    run = create_run(workspace, tiny_class.quick())
    assert run.config.split.by == "video"
    assert stored_split.load(workspace).table["name"].tolist() == run.frames["name"].tolist()
    assert (run.frames.groupby("video")["part"].nunique() == 1).all()


def leaking(workspace):
    """Store a split of which 1 of 12 test frames has a twin in training: a copy."""
    split = split_by_video(consensus(workspace))
    stored_split.store(workspace, split)
    first = split.table.drop_duplicates("part").set_index("part")["name"]
    tiny_class.copy_frame(workspace, first["test"], first["train"])
    return workspace


def test_a_leaking_split_is_refused_with_its_meter(workspace):
    with pytest.raises(RunError, match=r"8.3 % \(1 of 12\)"):
        create_run(leaking(workspace), tiny_class.quick())
    assert not list(workspace.runs.glob("20*"))


def test_who_insists_trains_on_a_leaking_split_and_the_run_keeps_the_mark(workspace):
    run = create_run(leaking(workspace), tiny_class.quick(leaking=True))
    kept = json.loads((run.path / "config.json").read_text("utf-8"))["leak"]
    assert kept == {"meter": 8.33, "test_frames": 12, "leaking_test_frames": 1} == run.leak


def test_insisting_leaves_no_mark_where_nothing_leaks(workspace):
    run = create_run(workspace, tiny_class.quick(leaking=True))
    assert run.leak is None
    assert run.config.leak["meter"] == 0


def test_the_records_read_what_they_write(workspace):
    run = create_run(
        workspace, tiny_class.quick(region=(0, 0.25, 1, 0.75)), series=SeriesRecord("folds", "x", 1, 3)
    )
    assert RunConfig.from_json(json.loads(json.dumps(run.config.to_json()))) == run.config
    run.write_status(best=Best(2, 0.25), rate=31.5)
    assert (run.status.best, run.status.rate) == (Best(2, 0.25), 31.5)


def test_records_of_other_versions_are_read(workspace):
    """Early ones knew less; what a later one may add is passed over."""
    run = create_run(workspace, tiny_class.quick())
    entry = run.config.to_json() | {"added": 1}
    for name in ("leak", "series", "user", "settings"):
        del entry[name]
    (run.path / "config.json").write_text(json.dumps(entry))
    assert Run(workspace, run.id).config == replace(run.config, leak=None, settings={})
    (run.path / "status.json").write_text('{"state": "done", "at": 1.5, "added": 1}')
    assert run.status == RunStatus("done", 1.5)


def test_a_run_of_before_leaks_were_looked_for_has_no_mark(workspace):
    run = tiny_class.with_config(create_run(workspace, tiny_class.quick()), leak=None)
    assert run.leak is None


def test_what_would_leak_is_known_before_a_run_is_made(workspace):
    assert creation.parts(workspace, consensus(workspace)) is None
    leaking(workspace)
    parts = creation.parts(workspace, consensus(workspace))
    assert leak_of(workspace, parts).leaking_test_frames == 1
    assert not list(workspace.runs.glob("20*"))


def test_unset_labels_stay_unset(workspace):
    labels.record(workspace, "teacher", "video_0", 0, 3, {"spot": None})
    labels.record(workspace, "teacher", "video_1", 0, 0, dict.fromkeys(("clean", "spot", "narrow")))
    frames = create_run(workspace, tiny_class.quick()).frames.set_index("name")
    assert frames.loc["video_0_0":"video_0_3", "spot"].isna().all()
    assert frames.loc["video_0_0", "clean"] == False  # noqa: E712
    assert "video_1_0" not in frames.index


def test_frames_labelled_since_the_split_follow_their_video(workspace):
    labels.record(workspace, "teacher", "video_0", 0, 0, dict.fromkeys(("clean", "spot", "narrow")))
    split = split_by_video(consensus(workspace))
    stored_split.store(workspace, split)
    labels.record(workspace, "teacher", "video_0", 0, 0, {"spot": True})
    frames = create_run(workspace, tiny_class.quick()).frames
    assert frames[frames["video"] == "video_0"]["part"].nunique() == 1
    assert len(frames) == 60


def test_no_labels(tmp_path):
    workspace = workspaces.create(tmp_path / "empty")
    with pytest.raises(RunError, match="There are no frames yet"):
        create_run(workspace, TrainSettings())
    assert not list(workspace.runs.iterdir())


@pytest.mark.parametrize(("value", "word"), [(True, "yes"), (False, "no")])
def test_an_attribute_with_one_answer_is_left_out_with_a_note(workspace, value, word):
    say(workspace, "spot", value)
    run = create_run(workspace, tiny_class.quick())
    assert run.attributes.names == ("clean", "narrow") and "spot" not in run.frames
    assert run.config.notes == (f"“spot” is left out: all 60 answers are “{word}”.",)


def test_where_no_attribute_has_both_answers_no_run_is_made(workspace):
    for name in workspace.attributes.names:
        say(workspace, name, True)
    with pytest.raises(RunError, match=r"No attribute has both answers.*Label frames where “clean” is “no”"):
        create_run(workspace, tiny_class.quick())
    assert not list(workspace.runs.glob("20*"))


def test_an_attribute_without_labels_is_left_out_with_a_note(workspace):
    say(workspace, "spot", None)
    run = create_run(workspace, tiny_class.quick())
    assert run.attributes.names == ("clean", "narrow")
    assert "“spot”" in run.config.notes[0]


def test_two_videos_cannot_be_split(tmp_path):
    with pytest.raises(SplitError, match="an honest test needs 3"):
        create_run(tiny_class.make(tmp_path / "two", videos=2), tiny_class.quick())


def test_listed_newest_first_and_latest(workspace):
    made = [create_run(workspace, tiny_class.quick()) for _ in range(3)]
    assert len({run.id for run in made}) == 3
    (workspace.runs / "not a run").mkdir()
    assert [run.id for run in runs.list_runs(workspace)] == [run.id for run in reversed(made)]
    assert runs.get_run(workspace, "latest").id == made[-1].id
    assert runs.get_run(workspace, made[0].id).id == made[0].id


def test_five_hundred_runs_are_read_once(workspace, monkeypatch):
    first = create_run(workspace, tiny_class.quick())
    for number in range(499):
        shutil.copytree(first.path, first.path.with_name(f"{first.id}-{number + 2}"))
    read = []
    monkeypatch.setitem(runs.FILES, "notes.txt", lambda run: read.append(run.id))
    for _ in range(2):
        assert len(runs.list_runs(workspace)) == 500
    assert len(read) == 500


def test_unknown_runs(workspace):
    with pytest.raises(RunError, match="Train a network first"):
        runs.get_run(workspace, "latest")
    create_run(workspace, tiny_class.quick())
    with pytest.raises(RunError, match="nonsense"):
        runs.get_run(workspace, "nonsense")


def test_the_run_reads_back_what_was_chosen(workspace):
    run = create_run(workspace, tiny_class.quick(region=(0.1, 0.0, 0.9, 1.0)))
    assert run.recipe == tiny_class.QUICK
    assert run.size == (32, 32) and run.region == (0.1, 0.0, 0.9, 1.0)
    assert run.attributes["narrow"].false == "wide bars"
    assert np.array_equal(run.thresholds, [0.5, 0.5, 0.5])
    assert run.network.name == "tiny"
    assert run.history.empty and run.test is None and not run.has_model
    with pytest.raises(RunError, match="waiting"):
        run.load_model()


def test_a_recipe_survives_json():
    assert Recipe.from_json(json.loads(json.dumps(asdict(PUBLISHED)))) == PUBLISHED


def test_classes_keep_their_colours():
    network = get_network("seam_lite")
    assert network.recipe_for(exclusive=True).augmentation.colour == 0
    assert network.recipe_for(exclusive=False).augmentation.colour > 0


def test_running_without_a_lock_is_interrupted(workspace):
    run = create_run(workspace, tiny_class.quick())
    run.write_status(state="running")
    assert run.state == "interrupted"
    with locks.held(run.lock, RunError("", "")):
        assert run.state == "running"


@pytest.mark.parametrize("now", ["running", "done", "queued"])
def test_what_changes_between_two_looks_is_not_interrupted(workspace, monkeypatch, now):
    run = create_run(workspace, tiny_class.quick())
    run.write_status(state="starting")

    def looked(self):
        self.write_status(state=now)
        return False  # a moment ago nobody held its lock

    monkeypatch.setattr(Run, "is_alive", property(looked))
    assert run.state == now


def test_starting_for_too_long_is_interrupted(workspace, monkeypatch):
    run = create_run(workspace, tiny_class.quick())
    run.write_status(state="starting")
    assert run.state == "starting"
    later = time.time() + 600
    monkeypatch.setattr(time, "time", lambda: later)
    assert run.state == "interrupted"


def test_runs_are_read_without_tensorflow():
    code = "import core.runs.run_store, core.jobs.jobs, core.evaluation.evaluate, sys; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_the_configuration_says_of_which_labels_and_split_it_is(workspace):
    first = create_run(workspace, tiny_class.quick(), user="Ann")
    labels.record(workspace, "teacher", "video_0", 0, 0, {"spot": False})
    second = create_run(workspace, tiny_class.quick())
    assert first.config.split.sha256 == second.config.split.sha256
    assert first.config.hashes["labels"] != second.config.hashes["labels"]
    assert first.config.settings == json.loads(json.dumps(asdict(tiny_class.quick())))
    assert (first.config.user, second.config.user) == ("Ann", "")


def test_without_room_on_the_disk_no_run_is_made(workspace, monkeypatch):
    def no_room(*about):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", no_room)
    with pytest.raises(RunError, match="The disk is full"):
        create_run(workspace, tiny_class.quick())
    assert not list(workspace.runs.glob("20*"))


def test_a_note_of_a_run_that_is_gone_is_refused_in_plain_words(workspace):
    run = create_run(workspace, tiny_class.quick())
    runs.delete(run)
    with pytest.raises(RunError, match="cannot be written"):
        runs.set_note(run, "the one with the new lamp")


def test_a_summary_says_where_there_was_nothing_to_validate_with(workspace):
    run = create_run(workspace, tiny_class.quick())
    columns = "epoch,val_clean_accuracy,val_spot_accuracy,val_narrow_accuracy"
    (run.path / "history.csv").write_text(f"{columns}\n1,0.5,,1\n")
    run.write_status(state="done", best=Best(1, 0.5))
    assert "clean 50.0 %, spot has no labels, narrow 100.0 %." in run.summary()


def test_a_run_like_another_has_its_frames_although_labels_changed(workspace):
    model = create_run(workspace, tiny_class.quick(seed=5), user="Ann")
    labels.record(workspace, "teacher", "video_0", 0, 11, {"spot": True})
    run = create_like(model, "Ben")
    assert (run.path / "frames.csv").read_bytes() == (model.path / "frames.csv").read_bytes()
    assert (run.config.seed, run.config.like, run.config.user) == (5, model.id, "Ben")


def test_a_run_like_another_ends_where_that_one_was_made_to_end(workspace):
    model = create_run(workspace, tiny_class.quick(epochs=4))
    model.set_limits(Limits(6, 2.5))
    assert create_like(model).limits == Limits(6, 2.5)


def test_a_run_like_one_that_was_continued_says_that_it_has_one_schedule(workspace):
    model = create_run(workspace, tiny_class.quick(epochs=4))
    model.set_limits(Limits(9, None, after=4))
    like = create_like(model)
    assert like.limits == Limits(9)
    assert like.config.notes[-1].startswith(f"{model.id} was continued after epoch 4")


def test_a_run_like_one_whose_frames_are_gone_is_refused(workspace):
    model = create_run(workspace, tiny_class.quick())
    table = (model.path / "frames.csv").read_text().replace("video_3_7,", "video_9_7,")
    (model.path / "frames.csv").write_text(table)
    with pytest.raises(RunError, match=r"1 of the 60 frames .* such as video_9_7"):
        create_like(model)


def test_notes_are_kept_and_removed(workspace):
    run = create_run(workspace, tiny_class.quick())
    assert run.note == ""
    runs.set_note(run, " The one with the new lamp.\n")
    assert run.note == "The one with the new lamp."
    runs.set_note(run, "")
    assert not run.note_file.exists()


def test_a_deleted_run_is_gone(workspace):
    run, other = (create_run(workspace, tiny_class.quick()) for _ in range(2))
    runs.delete(run)
    assert [found.id for found in runs.list_runs(workspace)] == [other.id]
    folders = [path.name for path in workspace.runs.iterdir() if path.is_dir()]
    assert folders == [other.id]


def test_the_model_of_another_run_is_not_deleted(workspace):
    model = create_run(workspace, tiny_class.quick())
    like = create_like(model)
    with pytest.raises(RunError, match=like.id):
        runs.delete(model)


def test_the_best_tested_run_gains_most_over_guessing():
    def run(name, *pairs, classes=None):
        rows = {str(n): AttributeResult({"accuracy": a, "baseline": b}) for n, (a, b) in enumerate(pairs)}
        return SimpleNamespace(
            id=name, test=TestResult(name, "video", 9, 3, rows, classes=classes) if pairs else None
        )

    newest, guesses, good = run("newest"), run("guesses", (0.95, 0.94)), run("good", (0.9, 0.6), (0.8, 0.6))
    assert runs.best_tested([newest, guesses, good]) is good
    assert runs.best_tested([newest, run("other")]) is None
    assert runs.best_tested([]) is None
    nothing = run("nothing", (None, None))
    assert nothing.test.gain is None and runs.best_tested([nothing, guesses]) is guesses

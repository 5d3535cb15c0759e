"""A backup holds the workspace of one moment, while others work in it, and says what it lacks."""

import json
import os
import shutil
import sqlite3
import threading
import zipfile
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from core.errors import WorkspaceError
from core.labels.labels import record
from core.maintenance import backup as backups
from core.maintenance.backup import backup
from core.runs.run_store import list_runs
from core.workspace import Workspace, create
from tests.helpers.page_workspace import FRAMES


def names(file: Path) -> set[str]:
    with zipfile.ZipFile(file) as archive:
        return set(archive.namelist())


def manifest(file: Path) -> dict[str, object]:
    with zipfile.ZipFile(file) as archive:
        return json.loads(archive.read("manifest.json"))


def test_it_holds_everything_but_caches_inbox_locks_and_leftovers(seams: Workspace, tmp_path: Path) -> None:
    for name in ("cache/pictures/a.pictures", "inbox/new.mp4", ".adding-x/a", "set-aside/a", "truth/a.csv"):
        (seams.path / name).parent.mkdir(parents=True, exist_ok=True)
        (seams.path / name).write_text("a")
    made = backup(seams, tmp_path / "class.zip")
    videos = [f"seam_{letter}" for letter in "abc"]
    assert names(made.path) == {
        "manifest.json", "workspace.toml", "database.json", "labels.db", "split.csv", "split.json", "truth/a.csv",
        *(f"videos/{video}.mp4" for video in videos),
        *(f"frames/{video}/{video}_{index}.jpg" for video in videos for index in range(FRAMES)),
    }  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir()) == ["class.zip", "w"]
    assert made.manifest.files["videos/seam_a.mp4"]["size"] == (seams.videos / "seam_a.mp4").stat().st_size


def test_labels_that_are_saved_meanwhile_are_in_it_whole_or_not_at_all(
    seams: Workspace, tmp_path: Path
) -> None:
    def save() -> None:
        for index in range(40):
            record(
                seams, "Ben", "seam_a", index % FRAMES, index % FRAMES, {"good": index % 4 < 2, "error": True}
            )

    writer = threading.Thread(target=save)
    writer.start()
    made = backup(seams, tmp_path / "class.zip")
    writer.join()
    with zipfile.ZipFile(made.path) as archive:
        archive.extract("labels.db", tmp_path)
    with sqlite3.connect(tmp_path / "labels.db") as labels:
        assert labels.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert labels.execute(
            "SELECT COUNT(*) % 2 FROM events JOIN annotators a ON a.id = annotator_id WHERE a.name = 'Ben'"
        ).fetchone() == (0,)


def test_runs_can_be_left_out(trained: Workspace, tmp_path: Path) -> None:
    whole, small = backup(trained, tmp_path / "a.zip"), backup(trained, tmp_path / "b.zip", runs=False)
    assert any(name.startswith("runs/") for name in names(whole.path))
    assert not any(name.startswith("runs/") for name in names(small.path))
    assert manifest(small.path)["without"] == ["runs"]


def test_a_run_that_trains_is_copied_between_two_epochs(
    trained: Workspace, tmp_path: Path, monkeypatch
) -> None:
    run = list_runs(trained)[0]
    run.write_status(state="running")
    copied, epoch = shutil.copytree, iter(range(2))

    def copytree(source: Path, target: Path, **options: object) -> Path:
        done = copied(source, target, **options)
        if (number := next(epoch, None)) is not None:  # an epoch ends while the folder is copied: twice
            np.savez(run.checkpoint_file, epoch=number)
        return done

    monkeypatch.setattr(backups.shutil, "copytree", copytree)
    with FileLock(run.lock):
        made = backup(trained, tmp_path / "class.zip")
    assert made.manifest.training == (run.id,)
    assert f"{run.id} was training" in made.summary()
    with zipfile.ZipFile(made.path) as archive:
        archive.extract(f"runs/{run.id}/checkpoint.npz", tmp_path)
    assert np.load(tmp_path / "runs" / run.id / "checkpoint.npz")["epoch"] == 1


def test_what_the_workspace_lacks_is_said(seams: Workspace, tmp_path: Path) -> None:
    (seams.videos / "seam_a.mp4").unlink()
    made = backup(seams, tmp_path / "class.zip")
    assert [finding.where for finding in made.findings] == ["videos/seam_a.mp4"]
    assert manifest(made.path)["findings"] == [["original", "videos/seam_a.mp4"]]


@pytest.mark.parametrize(
    ("name", "words"),
    [("w/class.zip", "inside the workspace"), ("w", "is a folder"), ("no/class.zip", "There is no folder")],
)
def test_a_place_that_cannot_be_is_refused(seams: Workspace, tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(WorkspaceError, match=words):
        backup(seams, tmp_path / name)


def test_the_folder_for_backups_is_in_the_workspace_and_in_no_backup(seams: Workspace) -> None:
    backup(seams, seams.path / "backups" / "one.zip")
    two = backup(seams, seams.path / "backups" / "two.zip")
    assert not any("backups" in name for name in names(two.path))


def test_too_little_space_is_said_before_and_the_older_backup_stays(
    seams: Workspace, tmp_path: Path, monkeypatch
) -> None:
    target = backup(seams, tmp_path / "class.zip").path
    before = target.read_bytes()
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(backups.shutil, "disk_usage", lambda path: usage(10**9, 10**9 - 1000, 1000))
    with pytest.raises(WorkspaceError, match=r"needs up to .* GB free"):
        backup(seams, target)
    assert target.read_bytes() == before


@pytest.mark.sqlite
def test_a_database_that_is_gone_makes_no_backup(seams: Workspace, tmp_path: Path) -> None:
    for file in seams.path.glob("labels.db*"):
        file.unlink()
    with pytest.raises(WorkspaceError, match="is gone"):
        backup(seams, tmp_path / "class.zip")
    assert not (tmp_path / "class.zip").exists()


def test_a_new_workspace_has_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="nothing to back up yet"):
        backup(create(tmp_path / "w"), tmp_path / "class.zip")


@pytest.mark.sqlite
def test_a_workspace_of_before_is_backed_up_as_it_is(trained: Workspace, tmp_path: Path) -> None:
    before = (trained.path / "labels.db").read_bytes()
    made = backup(trained, tmp_path / "class.zip")
    assert (trained.path / "labels.db").read_bytes() == before
    with sqlite3.connect(trained.path / "labels.db") as labels:
        assert (made.manifest.schema,) == labels.execute("SELECT version_num FROM alembic_version").fetchone()


def test_what_a_killed_backup_left_is_removed_by_a_later_one(seams: Workspace, tmp_path: Path) -> None:
    old, new = tmp_path / ".backup-12345678", tmp_path / ".class.zip.12345678.partial"
    old.mkdir()
    new.touch()
    then = old.stat().st_mtime - 25 * 3600
    os.utime(old, (then, then))
    backup(seams, tmp_path / "class.zip")
    assert (old.exists(), new.exists()) == (False, True)  # the new one may be written just now

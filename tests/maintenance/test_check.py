"""What a check finds, what a repair does about it, and that neither loses anything."""

import hashlib
import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import delete, update

from core import workspace as workspaces
from core.labels.labels import record
from core.maintenance.check import check_workspace, repair
from core.maintenance.findings import labels_name
from core.scratch import sweep, unique
from core.storage import copies
from core.storage import database as db
from core.workspace import Workspace, open_workspace
from tests.helpers.page_workspace import FRAMES
from tests.maintenance.conftest import kinds, problems


def files(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file, without the lock of additions and what SQLite makes beside a database to read it."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in (".adding.lock", "labels.db-shm", "labels.db-wal")
    }


def age(path: Path, hours: float = 25) -> None:
    then = path.stat().st_mtime - 3600 * hours
    os.utime(path, (then, then))


def test_a_workspace_that_was_used_is_whole_and_the_check_changes_nothing(seams: Workspace) -> None:
    before = files(seams.path)
    report = check_workspace(seams)
    assert (report.is_whole, report.findings, report.notes) == (True, (), ())
    assert files(seams.path) == before


def test_a_new_workspace_is_whole(tmp_path: Path) -> None:
    assert check_workspace(workspaces.create(tmp_path / "w")).is_whole
    assert not (tmp_path / "w" / "labels.db").exists()


def test_a_workspace_of_before_is_checked_as_it_is(trained: Workspace) -> None:
    before = files(trained.path)
    report = check_workspace(trained)
    assert [finding.problem for finding in report.findings] == []
    assert files(trained.path) == before


def test_pictures_that_are_missing_empty_or_cut_are_decoded_again(seams: Workspace) -> None:
    whole = files(seams.frames)
    folder = seams.frames / "seam_b"
    (folder / "seam_b_0.jpg").unlink()
    (folder / "seam_b_1.jpg").write_bytes(b"")
    (folder / "seam_b_2.jpg").write_bytes((folder / "seam_b_2.jpg").read_bytes()[:-40])
    assert [f.problem for f in check_workspace(seams).findings] == [
        "1 picture of seam_b is damaged: seam_b_2.",
        "1 picture of seam_b is empty (0 bytes): seam_b_1.",
        "1 picture of seam_b is missing: seam_b_0.",
    ]
    report = repair(seams)
    assert report.is_whole
    assert len(report.repaired) == 3
    assert files(seams.frames) == whole


def test_without_its_original_a_picture_is_left_to_people(seams: Workspace) -> None:
    (seams.videos / "seam_b.mp4").write_bytes(b"")
    (seams.frames / "seam_b" / "seam_b_0.jpg").unlink()
    report = repair(seams)
    assert kinds(report) == ["original", "picture"]
    assert not report.repaired
    assert "is empty (0 bytes). Put it back from a backup" in " ".join(
        f"{f.problem} {f.advice}" for f in report.findings
    )


def test_an_original_that_is_missing_or_another_is_told(seams: Workspace) -> None:
    (seams.videos / "seam_a.mp4").unlink()
    shutil.copyfile(seams.videos / "seam_c.mp4", seams.videos / "seam_b.mp4")
    found = problems(seams)
    assert "The original of seam_a is missing." in found
    assert "The original of seam_b is not the file that was added" in found


def test_files_without_rows_are_set_aside_not_deleted(seams: Workspace) -> None:
    (seams.frames / "stray").mkdir()
    (seams.frames / "stray" / "stray_0.jpg").write_bytes(b"a")
    (seams.frames / "seam_a" / "extra.jpg").write_bytes(b"b")
    (seams.videos / "stray.mp4").write_bytes(b"c")
    assert {f.where for f in check_workspace(seams).findings} == {
        "frames/stray",
        "frames/seam_a",
        "videos/stray.mp4",
    }
    assert repair(seams).is_whole
    (day,) = (seams.path / "set-aside").iterdir()
    assert sorted(files(day)) == ["frames/seam_a/extra.jpg", "frames/stray/stray_0.jpg", "videos/stray.mp4"]
    assert not (seams.frames / "stray").exists()


def test_while_something_is_added_files_without_rows_are_not_judged(seams: Workspace) -> None:
    (seams.videos / "new.mp4").write_bytes(b"c")
    with FileLock(seams.path / ".adding.lock"):
        report = check_workspace(seams)
    assert report.is_whole
    assert "being added" in report.notes[0]


def test_rows_without_files_are_told_for_each_video(seams: Workspace) -> None:
    shutil.rmtree(seams.frames / "seam_a")
    (finding,) = check_workspace(seams).findings
    assert (
        finding.problem
        == f"{FRAMES} pictures of seam_a are missing: seam_a_0, seam_a_1, seam_a_2 and 3 more."
    )
    assert repair(seams).is_whole


def test_the_view_is_made_anew_from_the_log_after_a_copy_of_the_database(seams: Workspace) -> None:
    with db.writing(seams) as connection:
        connection.execute(update(db.current).where(db.current.c.index == 0).values(value=None))
        connection.execute(delete(db.current).where(db.current.c.index == 1))
    (finding,) = check_workspace(seams).findings
    assert "of the current view differ from the log" in finding.problem
    report = repair(seams)
    assert report.is_whole
    assert (seams.path / "backups" / "labels-before-repair.db").is_file()


def damaged_index(file: Path) -> None:
    """Take rows out of an index behind SQLite's back, as a torn page does."""
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA writable_schema = ON")
        row = database.execute(
            "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_master WHERE name = 'ix_events_action'"
        ).fetchone()
        database.execute("DELETE FROM sqlite_master WHERE name = 'ix_events_action'")
    with sqlite3.connect(file) as database:
        database.execute(
            "INSERT INTO events SELECT 900, 'x', at, annotator_id, video_id, \"first\", \"last\", attribute_id, value, source, undoes, 'y', role FROM events WHERE seq = 1"
        )
        database.execute("PRAGMA writable_schema = ON")
        database.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)


@pytest.mark.sqlite
def test_a_damaged_index_is_made_anew(seams: Workspace, tmp_path: Path) -> None:
    copy = open_workspace(Path(shutil.copytree(seams.path, tmp_path / "copy")))
    damaged_index(copy.path / "labels.db")
    assert "index" in kinds(check_workspace(copy))
    assert repair(copy).is_whole


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "is gone"),
        (b"", "is empty (0 bytes)"),
        (b"list " * 900, "is damaged"),
        ("other", "another workspace"),
    ],
)
def test_a_database_that_cannot_be_used_is_one_finding_and_nothing_is_moved(
    seams: Workspace, tmp_path: Path, content: bytes | str | None, words: str
) -> None:
    copy = open_workspace(Path(shutil.copytree(seams.path, tmp_path / "copy")))
    for file in copy.path.glob("labels.db*"):
        file.unlink()
    if content == "other":
        other = workspaces.create(tmp_path / "other")
        with db.writing(other):
            pass
        copies.copy_sqlite(other.path / "labels.db", copy.path / "labels.db")
    elif content is not None:
        (copy.path / "labels.db").write_bytes(content)
    before = files(copy.path)
    report = repair(copy)
    assert kinds(report) == ["database"]
    assert words in report.findings[0].problem
    assert files(copy.path) == before


def test_a_database_older_than_the_files_is_told_and_the_files_stay(seams: Workspace, tmp_path: Path) -> None:
    run = seams.runs / "run-1"
    run.mkdir()
    (run / "seen.json").write_text(json.dumps({"event": 10_000}))
    (seams.videos / "newer.mp4").write_bytes(b"c")
    report = repair(seams)
    assert kinds(report) == ["older labels", "stray", "run"]
    assert report.findings[0].where == labels_name(seams)
    assert (seams.videos / "newer.mp4").exists()


def test_leftovers_of_what_was_cut_off_are_set_aside_once_nobody_can_want_them(seams: Workspace) -> None:
    for name in (".upload-12345678", ".demo-12345678", ".adding-x"):
        (seams.path / name).mkdir()
        (seams.path / name / "big.mp4").write_bytes(b"c")
    (seams.path / ".split.csv.12345678.partial").write_bytes(b"d")
    (seams.path / f".upload-{unique()}").mkdir()
    for name in (".upload-12345678", ".demo-12345678", ".split.csv.12345678.partial"):
        age(seams.path / name)
    assert kinds(check_workspace(seams)) == ["leftover", "leftover"]
    assert repair(seams).is_whole
    assert not (seams.path / ".adding-x").exists()
    assert len(list(seams.path.glob(".upload-*"))) == 1  # this process may be uploading
    (day,) = (seams.path / "set-aside").iterdir()
    assert sorted(files(day)) == [
        ".demo-12345678/big.mp4", ".split.csv.12345678.partial", ".upload-12345678/big.mp4",
    ]  # fmt: skip
    sweep(seams.path)
    assert len(files(day)) == 3


def test_labels_given_during_a_check_are_no_finding(seams: Workspace) -> None:
    done = []

    def label(part: int, _total: int | None) -> None:
        record(seams, "Ben", "seam_a", part % FRAMES, part % FRAMES, {"good": True})
        done.append(part)

    assert check_workspace(seams, label).is_whole
    assert done


def test_rows_that_share_a_file_are_told(seams: Workspace) -> None:
    with db.writing(seams) as connection:
        second = update(db.frames).where(db.frames.c.name == "seam_a_1")
        connection.execute(second.values(file="frames/seam_a/seam_a_0.jpg"))
    report = check_workspace(seams)
    (finding,) = [each for each in report.findings if each.kind == "duplicate"]
    assert finding.problem == "Several rows of “frames” name the same file: frames/seam_a/seam_a_0.jpg."
    assert finding.where == labels_name(seams)
    assert {"duplicate", "stray", "picture"} == set(kinds(report))


@pytest.mark.sqlite
def test_rows_that_lack_what_they_belong_to_are_told(seams: Workspace) -> None:
    with sqlite3.connect(seams.path / "labels.db") as labels:  # which keeps no rule
        labels.execute("DELETE FROM annotators WHERE name = 'Ada'")
    assert set(kinds(check_workspace(seams))) == {"reference"}
    assert "of “events” without the row of “annotators”" in problems(seams)

"""A backup becomes the same workspace again, in an empty folder, or nothing."""

import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete

from core.errors import WorkspaceError
from core.labels.consensus import consensus
from core.maintenance.backup import backup
from core.maintenance.check import check_workspace, repair
from core.maintenance.restore import restore
from core.media.library import videos
from core.runs.run_store import list_runs
from core.storage import copies
from core.storage import database as db
from core.workspace import Workspace, open_workspace


@pytest.fixture
def file(seams: Workspace, tmp_path: Path) -> Path:
    return backup(seams, tmp_path / "class.zip").path


def changed(file: Path, change: Callable[[str, bytes], dict[str, bytes]]) -> Path:
    """Write the backup again, each file as ``change`` makes it."""
    target = file.with_name("changed.zip")
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(target, "w") as made:
        for info in source.infolist():
            for name, content in change(info.filename, source.read(info)).items():
                made.writestr(name, content)
    return target


def with_manifest(file: Path, **entries: object) -> Path:
    def change(name: str, content: bytes) -> dict[str, bytes]:
        if name != "manifest.json":
            return {name: content}
        return {name: json.dumps({**json.loads(content), **entries}).encode()}

    return changed(file, change)


def test_it_is_the_same_workspace(seams: Workspace, file: Path, tmp_path: Path) -> None:
    restored = restore(file, tmp_path / "new" / "class")
    assert check_workspace(restored.workspace).is_whole
    assert consensus(restored.workspace).equals(consensus(seams))
    assert videos(restored.workspace) == videos(seams)
    assert restored.workspace.split_file.read_bytes() == seams.split_file.read_bytes()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["class"]


def test_a_workspace_of_before_comes_back_with_its_run_and_its_session(
    trained: Workspace, tmp_path: Path
) -> None:
    made = backup(trained, tmp_path / "class.zip")
    new = restore(made.path, tmp_path / "new").workspace
    assert consensus(new).equals(consensus(trained))
    assert [run.to_json() for run in list_runs(new)] == [run.to_json() for run in list_runs(trained)]
    session = next(trained.runs.glob("*/events/*"))
    there = new.path / session.relative_to(trained.path)
    assert {path.name for path in there.iterdir()} == {path.name for path in session.iterdir()}


def test_a_run_that_was_training_is_interrupted(trained: Workspace, tmp_path: Path) -> None:
    list_runs(trained)[0].write_status(state="running", pid=1, born=1.0)
    made = backup(trained, tmp_path / "class.zip")
    assert list_runs(restore(made.path, tmp_path / "new").workspace)[0].status.state == "interrupted"


def test_what_the_workspace_lacked_is_said_and_no_obstacle(seams: Workspace, tmp_path: Path) -> None:
    (seams.videos / "seam_a.mp4").unlink()
    made = backup(seams, tmp_path / "lacking.zip")
    restored = restore(made.path, tmp_path / "new")
    assert [finding.where for finding in restored.findings] == ["videos/seam_a.mp4"]


def test_a_fault_in_the_labels_that_the_backup_knows_is_no_obstacle(seams: Workspace, tmp_path: Path) -> None:
    with db.writing(seams) as connection:
        connection.execute(delete(db.current).where(db.current.c.index == 1))
    made = backup(seams, tmp_path / "faulty.zip")
    restored = restore(made.path, tmp_path / "new")
    assert [finding.kind for finding in restored.findings] == ["view"]
    assert repair(restored.workspace).is_whole


@pytest.mark.sqlite
def test_labels_that_lie_elsewhere_are_a_file_of_the_new_workspace(seams: Workspace, tmp_path: Path) -> None:
    toml = seams.path / "workspace.toml"
    elsewhere = tmp_path / "elsewhere.db"
    copies.copy_sqlite(seams.path / "labels.db", elsewhere)
    toml.write_text(f'database = "sqlite:///{elsewhere}"\n' + toml.read_text())
    made = backup(open_workspace(seams.path), tmp_path / "class.zip")
    new = restore(made.path, tmp_path / "new").workspace
    assert new.database == f"sqlite:///{tmp_path / 'new' / 'labels.db'}"
    assert not consensus(new)["good"].isna().any()


def test_a_folder_that_is_not_empty_is_left_alone(seams: Workspace, file: Path) -> None:
    with pytest.raises(WorkspaceError, match="is not empty"):
        restore(file, seams.path)


def test_an_empty_folder_is_taken(file: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    assert restore(file, tmp_path / "new").workspace.path == tmp_path / "new"


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_backup_that_was_cut_off_makes_nothing(file: Path, tmp_path: Path, share: float) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    with pytest.raises(WorkspaceError, match="is not a backup of SeamLens"):
        restore(file, tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["frames/seam_b/seam_b_3.jpg", "labels.db", "split.csv"])
def test_a_damaged_backup_makes_nothing(file: Path, tmp_path: Path, name: str) -> None:
    other = changed(file, lambda each, content: {each: bytes(len(content)) if each == name else content})
    with pytest.raises(WorkspaceError, match=f"damaged: {name}"):
        restore(other, tmp_path / "new")
    flipped = bytearray(file.read_bytes())
    flipped[len(flipped) // 2] ^= 1
    file.write_bytes(flipped)
    with pytest.raises(WorkspaceError, match="damaged"):
        restore(file, tmp_path / "new")
    assert not list(tmp_path.glob("*new*")) + list(tmp_path.glob(".restore*"))


def test_a_backup_of_a_newer_version_is_refused(file: Path, tmp_path: Path) -> None:
    for entries in ({"format": 2}, {"schema": "9999"}):
        with pytest.raises(WorkspaceError, match=r"newer version of SeamLens \(2\.0\)"):
            restore(with_manifest(file, seamlens="2.0", **entries), tmp_path / "new")


@pytest.mark.parametrize(
    "evil", ["../evil", "/tmp/evil", "frames/../../evil", "C:/evil", "frames\\..\\evil", ".ssh/evil", "a//b"]
)
def test_a_name_that_leaves_the_folder_is_refused(file: Path, tmp_path: Path, evil: str) -> None:
    entry = {"size": 1, "sha256": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"}
    with zipfile.ZipFile(file) as archive:
        files = json.loads(archive.read("manifest.json"))["files"]
    named = with_manifest(file, files={**files, evil: entry})
    with zipfile.ZipFile(named, "a") as archive:
        info = zipfile.ZipInfo("x")
        info.filename = evil
        archive.writestr(info, "a")
    with pytest.raises(WorkspaceError, match=r"names a file .* that no backup has"):
        restore(named, tmp_path / "new")
    assert not (tmp_path / "evil").exists()


def test_a_file_too_many_or_too_few_is_refused(file: Path, tmp_path: Path) -> None:
    less = changed(file, lambda name, content: {} if name == "split.csv" else {name: content})
    with pytest.raises(WorkspaceError, match="not those of its manifest"):
        restore(less, tmp_path / "new")


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"format": 1}', b'{"format": "a", "schema": "0001"}'])
def test_a_zip_file_without_a_manifest_is_no_backup(file: Path, tmp_path: Path, content: bytes) -> None:
    other = changed(file, lambda name, data: {name: content if name == "manifest.json" else data})
    with pytest.raises(WorkspaceError, match="no manifest that can be read"):
        restore(other, tmp_path / "new")


def test_a_backup_whose_rows_miss_files_is_not_restored(seams: Workspace, file: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        files = json.loads(archive.read("manifest.json"))["files"]
    gone = "frames/seam_a/seam_a_0.jpg"
    less = changed(with_manifest(file, files={k: v for k, v in files.items() if k != gone}).rename(file),
                   lambda name, data: {} if name == gone else {name: data})  # fmt: skip
    with pytest.raises(WorkspaceError, match=r"does not make a whole workspace.*seam_a_0"):
        restore(less, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_restored_labels_are_one_file(file: Path, tmp_path: Path) -> None:
    restore(file, tmp_path / "new")
    with sqlite3.connect(tmp_path / "new" / "labels.db") as labels:
        assert labels.execute("SELECT COUNT(*) FROM events").fetchone()[0] > 0

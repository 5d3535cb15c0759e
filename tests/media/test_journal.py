"""The journal of an addition: whatever has moved already, it comes whole or not at all."""

import json
from contextlib import suppress
from pathlib import Path

import pytest

from core.errors import WorkspaceError
from core.media.journal import FILE, Journal

WAS = {
    "split.csv": "old split",
    "frames/seam/seam_0.png": "old 0",
    "frames/seam/seam_1.jpg": "old 1",
    "notes.txt": "mine",
}
COMES = {"split.csv": "new split", "frames/seam/seam_1.jpg": "new 1", "frames/seam/seam_2.jpg": "new 2",
         "videos/seam.mp4": "film", "truth/seam.csv": "truth"}  # fmt: skip
IS = WAS | COMES
del IS["frames/seam/seam_0.png"]


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder


def contents(folder: Path) -> dict[str, str]:
    """The files of a folder but those of a stage."""
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    named = {file.relative_to(folder).as_posix(): file for file in files}
    return {name: file.read_text() for name, file in named.items() if not name.startswith(".adding")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with a stage on which `COMES` waits; `videos` is there and empty, `truth` is to come."""
    (write(tmp_path / "class", WAS) / "videos").mkdir()
    write(tmp_path / "class" / ".adding-1" / "new", COMES)
    return tmp_path / "class"


@pytest.fixture
def journal(folder: Path) -> Journal:
    made = Journal.plan(folder / ".adding-1", [folder / "frames" / "seam"])
    made.write()
    return made


def test_folders_that_are_new_move_whole_and_files_into_those_that_are_there(journal: Journal) -> None:
    assert sorted(journal.moves) == [
        "frames/seam/seam_1.jpg", "frames/seam/seam_2.jpg", "split.csv", "truth", "videos/seam.mp4"
    ]  # fmt: skip
    assert sorted(journal.replaced) == ["frames/seam/seam_1.jpg", "split.csv"]
    assert journal.removed == ("frames/seam/seam_0.png",)


def test_writing_the_journal_moves_nothing(folder: Path, journal: Journal) -> None:
    assert contents(folder) == WAS
    assert Journal.read(folder / ".adding-1") == journal


def test_it_lands_and_what_was_put_aside_goes_last(folder: Path, journal: Journal) -> None:
    journal.land()
    assert contents(folder) == WAS | COMES
    journal.finish()
    journal.clear()
    assert contents(folder) == IS
    assert not (folder / ".adding-1").exists()


def stop_after(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    """Let so many renamings happen, and no more."""
    left, rename = [steps], Path.replace

    def replace(self: Path, target: Path) -> Path:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", replace)


@pytest.mark.parametrize("steps", range(5))
@pytest.mark.parametrize("undone", range(5))
def test_what_stopped_anywhere_is_undone_even_where_that_stopped_too(
    folder: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch, steps: int, undone: int
) -> None:
    for step, count in ((journal.land, steps), (journal.undo, undone)):
        with monkeypatch.context() as patch:
            stop_after(patch, count)
            with suppress(KeyboardInterrupt):
                step()
    Journal.read(folder / ".adding-1").undo()
    assert contents(folder) == WAS


@pytest.mark.parametrize("steps", range(6))
def test_what_stopped_anywhere_is_finished(
    folder: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
        stop_after(patch, steps)
        journal.land()
    Journal.read(folder / ".adding-1").finish()
    Journal.read(folder / ".adding-1").finish()
    assert contents(folder) == IS


def test_a_disk_without_links_keeps_copies(
    folder: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.link", lambda *_: (_ for _ in ()).throw(OSError(95, "not supported")))
    journal.land()
    journal.undo()
    assert contents(folder) == WAS


def test_without_a_journal_nothing_had_moved(folder: Path) -> None:
    assert Journal.read(folder / ".adding-1") is None


@pytest.mark.parametrize("content", ["", "[]", '{"moves": 3}', json.dumps({"moves": []})])
def test_a_damaged_journal_is_named(folder: Path, content: str) -> None:
    (folder / ".adding-1" / FILE).write_text(content)
    with pytest.raises(WorkspaceError, match=r"\.adding-1.*is damaged"):
        Journal.read(folder / ".adding-1")


@pytest.mark.parametrize("name", ["split.csv/x", "frames"])
def test_a_folder_and_a_file_of_one_name_are_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, WAS)
    write(tmp_path / ".adding-1" / "new", {name: "new"})
    with pytest.raises(FileExistsError):
        Journal.plan(tmp_path / ".adding-1", [])

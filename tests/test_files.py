"""Files appear whole or not at all; names sort as people count."""

import errno
import os
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import WorkspaceError
from core.files import make_folder, natural, plain, remove_partials, replacing, writable


def test_what_was_written_takes_the_place_of_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    with replacing(tmp_path / "a.txt") as partial:
        partial.write_text("new")
        assert (tmp_path / "a.txt").read_text() == "old"
    assert (tmp_path / "a.txt").read_text() == "new"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "a.txt") as partial:
        partial.write_text("half")
        raise ZeroDivisionError
    assert [file.read_text() for file in tmp_path.iterdir()] == ["old"]


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "run") as partial:
        partial.mkdir()
        (partial / "half.txt").write_text("half")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Files and folders that are flushed, by the number that the system knows them by."""
    numbers: list[int] = []
    for name in ("fsync", "fdatasync"):
        monkeypatch.setattr(os, name, lambda descriptor: numbers.append(os.fstat(descriptor).st_ino), False)
    return numbers


def test_a_file_is_flushed_before_it_takes_the_place_and_its_name_after(
    tmp_path: Path, flushed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.replace
    monkeypatch.setattr(Path, "replace", lambda self, to: (flushed.append(0), rename(self, to)))
    with replacing(tmp_path / "a.txt") as partial:
        partial.write_text("new")
        file = partial.stat().st_ino
    assert flushed == [file, 0, tmp_path.stat().st_ino]


def test_all_files_of_a_folder_are_flushed(tmp_path: Path, flushed: list[int]) -> None:
    with replacing(tmp_path / "run") as partial:
        (partial / "events").mkdir(parents=True)
        for name in ("config.json", "events/clip.mp4"):
            (partial / name).touch()
        inside = {partial.stat().st_ino, *(path.stat().st_ino for path in partial.rglob("*"))}
    assert set(flushed[:-1]) == inside and len(inside) == 4
    assert flushed[-1] == tmp_path.stat().st_ino


def test_the_names_of_new_folders_are_flushed_in_those_above_them(tmp_path: Path, flushed: list[int]) -> None:
    make_folder(tmp_path / "term" / "class")
    assert set(flushed) == {tmp_path.stat().st_ino, (tmp_path / "term").stat().st_ino}
    make_folder(tmp_path / "term" / "class")
    assert len(flushed) == 2


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    for name in (".a.txt.0a1b.partial", ".a.txt.2c3d.partial.png", ".b.txt.0a1b.partial", "a.txt"):
        (tmp_path / name).touch()
    (tmp_path / ".a.txt.4e5f.partial").mkdir()
    remove_partials(tmp_path / "a.txt")
    assert sorted(file.name for file in tmp_path.iterdir()) == [".b.txt.0a1b.partial", "a.txt"]


def test_a_place_that_cannot_be_written_is_named_with_the_reason(tmp_path: Path) -> None:
    with (
        pytest.raises(WorkspaceError, match="seam cannot be written: Is a directory"),
        writable(tmp_path / "seam"),
    ):
        (tmp_path / "seam").mkdir()
        (tmp_path / "seam").write_text("text")


def test_numbers_in_names_sort_as_numbers() -> None:
    assert sorted(["seam_10", "seam_9", "Seam_2", "fabric"], key=natural) == [
        "fabric",
        "Seam_2",
        "seam_9",
        "seam_10",
    ]


@given(st.lists(st.text("aA1٣²-_ ", max_size=6)))
def test_any_names_have_one_order(names: list[str]) -> None:
    backwards = names[::-1]
    assert sorted(names, key=natural) == sorted(backwards, key=natural)


def test_a_name_of_any_digits_has_an_order() -> None:
    names = ["9" * 5000, "10" * 3000, "007", "7"]
    assert sorted(names, key=natural) == ["007", "7", "9" * 5000, "10" * 3000]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "The disk is full"),
        (sqlite3.OperationalError("database or disk is full"), "The disk is full"),
        (OSError(errno.EROFS, "Read-only file system", "/class/.notes.txt.0bbfd16a-22-9025d8-3.partial"),
         "/class/notes.txt"),
        (PermissionError(errno.EACCES, "Permission denied", "/class/split.csv"), "/class/split.csv"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_said_in_plain_words(
    error: Exception, sentence: str, tmp_path: Path
) -> None:
    problem = plain(error, tmp_path)
    assert problem is not None and sentence in problem.problem and "partial" not in problem.problem


@pytest.mark.parametrize("error", [OSError(errno.EIO, "Input/output error"), ValueError("no number"),
                                   sqlite3.OperationalError("no such table: events")])  # fmt: skip
def test_other_errors_stay_what_they_are(error: Exception, tmp_path: Path) -> None:
    assert plain(error, tmp_path) is None


def test_a_name_that_is_too_long_for_a_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(OSError) as error:
        (tmp_path / ("9" * 5000)).read_bytes()
    assert "is too long for a file" in str(plain(error.value, tmp_path))

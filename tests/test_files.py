"""Files appear whole or not at all; names sort as people count."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import WorkspaceError
from core.files import natural, remove_partials, replacing, writable


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

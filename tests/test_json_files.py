"""JSON files are records, or damaged in a way that can be put into words."""

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from core.json_files import Count, DamagedError, FileName, checked, parsed, read_record, read_text


@dataclass(frozen=True)
class Point:
    """For tests."""

    x: Count
    file: FileName = "a.jpg"


def read(folder: Path, content: bytes) -> Point:
    (folder / "point.json").write_bytes(content)
    return read_record(folder / "point.json", partial(checked, Point))


def test_a_record_is_read_with_and_without_a_byte_order_mark(tmp_path: Path) -> None:
    assert read(tmp_path, b'{"x": 3}') == read(tmp_path, b'\xef\xbb\xbf{"x": 3}') == Point(3)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b'{"x": ', "it is not JSON from line 1 on"),
        (b"\xff\xfe{\x00", "it is not text in UTF-8"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b'{"x": ' + b"9" * 5000 + b"}", "a number is too large"),
        (b'{"x": 1e999}', "a number is too large"),
        (b'{"x": NaN}', "NaN is no number"),
        (b'{"x": -1}', "x: input should be greater than or equal to 0"),
        (b'{"x": "three"}', "x: input should be a valid integer, unable to parse string as an integer"),
        (b"{}", "x: field required"),
        (b'{"x": 1, "file": "../a"}', "file: value error, must be the name of a file"),
    ],
)
def test_what_is_damaged_says_why(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(DamagedError, match=f"^{reason}$"):
        read(tmp_path, content)


def test_a_folder_in_the_place_of_a_file_is_damage(tmp_path: Path) -> None:
    with pytest.raises(DamagedError, match="it is a folder"):
        read_record(tmp_path, partial(checked, Point))


def test_a_file_that_is_not_there_is_not_damaged(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_record(tmp_path / "none.json", partial(checked, Point))


def test_pipes_and_devices_are_damaged_files_and_nobody_waits_for_them(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "device").symlink_to("/dev/zero")
    for name in ("pipe", "device"):
        with pytest.raises(DamagedError, match="no file, but a pipe or a device"):
            read_text(tmp_path / name)
    with pytest.raises(DamagedError, match="it is a folder"):
        read_text(tmp_path)


def test_half_of_a_character_is_damage() -> None:
    assert parsed('{"name": "\\ud83e\\uddf5"}', dict) == {"name": "🧵"}
    with pytest.raises(DamagedError, match="half of a character"):
        parsed('{"name": "\\ud800"}', dict)

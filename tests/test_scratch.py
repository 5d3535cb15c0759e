"""Temporary folders and partial files go when their process has ended, and stay while it lives."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.files import replacing
from core.scratch import DAY, is_left, leftovers, make_temporary_folder, sweep, temporary_folder, unique

MAKE = """
import sys
from pathlib import Path
from core.files import replacing
from core.scratch import make_temporary_folder
folder = Path(sys.argv[1])
for kind in ("demo", "upload", "record"):
    (make_temporary_folder(folder, kind) / "file").write_text("x")
with replacing(folder / "runs" / "status.json") as partial:
    partial.write_text("{}")
    print("made", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("runs", "frames", ".adding-1"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def process(folder: Path):
    """Another process that has made one of each, and works on."""
    command = [sys.executable, "-c", MAKE, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path.cwd()) as made:
        assert made.stdout.readline() == b"made\n"
        yield made
        made.kill()


def kinds(paths: list[Path]) -> list[str]:
    return sorted(re.sub(r"[0-9a-f]{8}-\d+-[0-9a-f]{6}-\d+", "OWNER", path.name) for path in paths)


def aged(path: Path, seconds: float) -> Path:
    os.utime(path, (time.time() - seconds,) * 2)
    return path


def test_what_a_living_process_made_stays(folder: Path, process: subprocess.Popen) -> None:
    before = sorted(folder.rglob("*"))
    sweep(folder)
    assert sorted(folder.rglob("*")) == before and len(before) == 10


def test_what_a_killed_process_made_goes(folder: Path, process: subprocess.Popen) -> None:
    process.kill()
    process.wait()
    assert kinds(leftovers(folder)) == [
        ".demo-OWNER", ".record-OWNER", ".status.json.OWNER.partial", ".upload-OWNER"
    ]  # fmt: skip
    sweep(folder)
    assert sorted(path.name for path in folder.rglob("*")) == [".adding-1", "frames", "runs"]


def test_a_temporary_folder_is_gone_after_its_block(tmp_path: Path) -> None:
    with temporary_folder(tmp_path, "upload") as folder:
        (folder / "seam.mp4").write_text("x")
        assert leftovers(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_no_two_names_are_the_same(tmp_path: Path) -> None:
    assert len({unique() for _ in range(1000)}) == 1000
    assert make_temporary_folder(tmp_path, "demo") != make_temporary_folder(tmp_path, "demo")


def test_an_earlier_process_of_the_same_number_is_not_this_one(tmp_path: Path) -> None:
    """In a container the server is always process 1."""
    mine = tmp_path / f".split.csv.{unique()}.partial"
    earlier = re.sub(rf"-{os.getpid()}-[0-9a-f]{{6}}", f"-{os.getpid()}-abcdef", mine.name)
    for name in (mine.name, earlier):
        (tmp_path / name).touch()
    assert [path.name for path in leftovers(tmp_path)] == [earlier]


@pytest.mark.parametrize(
    "name",
    [".upload-00000000-1-abcdef-0", ".demo-x1y2z3_8", ".status.json.1a2b3c4d.partial",
     ".model.keras.00000000-1-abcdef-0.partial.keras", ".backup-x1y2z3_8",
     ".2026-01-02_03-04-05_tiny.deleted"],
)  # fmt: skip
def test_what_has_no_owner_or_one_on_another_machine_stays_for_a_day(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert not is_left(aged(tmp_path / name, DAY - 60))
    assert is_left(aged(tmp_path / name, DAY + 60))


@pytest.mark.parametrize(
    "name", ["notes.partial", ".upload", ".notes.partial", "my.12345678.partial", ".demo"]
)
def test_other_names_are_nobodys_leftovers(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert not is_left(aged(tmp_path / name, 100 * DAY))


def test_folders_of_many_files_are_not_looked_into(folder: Path) -> None:
    for place in (folder / "frames", folder / "runs"):
        aged_file = place / ".x.1a2b3c4d.partial"
        aged_file.touch()
        aged(aged_file, 2 * DAY)
    assert [path.parent.name for path in leftovers(folder)] == ["runs"]


def test_what_is_gone_meanwhile_is_no_leftover(tmp_path: Path) -> None:
    assert not is_left(tmp_path / ".status.json.1a2b3c4d.partial")


def test_replacing_names_its_owner(tmp_path: Path) -> None:
    with replacing(tmp_path / "split.csv") as partial:
        partial.touch()
        assert kinds([partial]) == [".split.csv.OWNER.partial"]

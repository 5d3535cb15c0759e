"""What tells that a cached result is outdated."""

import os
from pathlib import Path

from ui.shell import cache


def test_a_file_that_comes_or_is_written_changes_the_version(tmp_path: Path) -> None:
    file = tmp_path / "predictions.csv"
    missing = cache.changed(file)
    file.touch()
    there = cache.changed(file)
    os.utime(file, (1, 1))
    assert len({missing, there, cache.changed(file)}) == 3

"""What tells that a cached result is outdated."""

from pathlib import Path

from ui import loaders


def test_a_file_that_comes_changes_the_stamp(tmp_path: Path) -> None:
    here, missing = tmp_path / "here.csv", tmp_path / "missing.csv"
    here.touch()
    before = loaders.changed(here, missing)
    assert before == (here.stat().st_mtime_ns, 0)
    missing.touch()
    assert loaders.changed(here, missing) != before

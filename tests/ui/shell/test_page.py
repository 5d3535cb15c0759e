"""What every page has."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from ui.shell import page


@pytest.mark.parametrize(
    ("title", "file"),
    [
        ("Live", "pages/6_Live.py"),
        ("Stitch lengths", "pages/8_Stitch_lengths.py"),
        ("SeamLens", "Home.py"),
        ("Gone", "Home.py"),
    ],
)
def test_the_file_of_a_page_is_that_of_its_title(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, title: str, file: str
) -> None:
    (tmp_path / "pages").mkdir()
    for name in ("6_Live.py", "8_Stitch_lengths.py"):
        (tmp_path / "pages" / name).touch()
    here = SimpleNamespace(pages_manager=SimpleNamespace(main_script_parent=tmp_path))
    monkeypatch.setattr(page, "get_script_run_ctx", lambda: here)
    assert page.page_file(title) == file

"""A class in a folder, with codes, whose private files lie beside it."""

from pathlib import Path

import pytest

from core.access import codes, hashes
from core.access.codes import Codes


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashes, "N", 2)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEAMLENS_PRIVATE", str(tmp_path / "private"))
    (tmp_path / "class").mkdir()
    return tmp_path / "class"


@pytest.fixture
def made(folder: Path) -> Codes:
    return codes.ensure(folder)

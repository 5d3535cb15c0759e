"""Clients of the interface for programs, on the command line."""

import json
from pathlib import Path

import pytest

from core.access import clients, hashes
from core.workspace import create


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(hashes, "N", 2)
    return create(tmp_path / "class").path


def test_the_token_is_printed_once(folder, seamlens):
    code, out, _ = seamlens("clients", "add", "press 3")
    found = clients.client_of(folder, out.strip())
    assert code == 0 and found is not None and found.name == "press 3"
    code, out, _ = seamlens("clients", "list", "--json")
    assert [row["name"] for row in json.loads(out)] == ["press 3"] and "token" not in out


def test_removing_the_last_client_says_that_it_is_off(folder, seamlens):
    seamlens("clients", "add", "press 3")
    assert "is off" in seamlens("clients", "remove", "press 3")[1]
    assert "is off" in seamlens("clients", "list")[1]


def test_who_is_not_there_is_one_line(folder, seamlens):
    code, _, problem = seamlens("clients", "remove", "nobody")
    assert (code, problem.count("\n")) == (2, 1)

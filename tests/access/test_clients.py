"""Clients of the interface for programs: tokens that are stored as hashes only."""

from pathlib import Path

import pytest

from core.access import clients, hashes
from core.errors import AccessError, WorkspaceError
from core.maintenance.backup import LEFT_OUT


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashes, "N", 2)


def test_a_token_is_its_clients(tmp_path: Path) -> None:
    first, second = clients.add(tmp_path, "press 3"), clients.add(tmp_path, "office")
    found = [clients.client_of(tmp_path, token) for token in (first, second)]
    assert [each.name for each in found if each] == ["press 3", "office"]


def test_a_token_is_not_in_the_file_and_only_its_owner_reads_that(tmp_path: Path) -> None:
    secret = clients.add(tmp_path, "press 3").rpartition("_")[2]
    file = tmp_path / clients.FILE
    assert secret not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert clients.FILE in LEFT_OUT  # of backups


@pytest.mark.parametrize("change", [lambda t: t[:-1] + "~", lambda t: t.upper(), lambda t: t + "a", lambda _: "", lambda _: "é" * 60])  # fmt: skip
def test_another_token_is_nobodys(tmp_path: Path, change) -> None:
    token = clients.add(tmp_path, "press 3")
    assert clients.client_of(tmp_path, change(token)) is None
    assert clients.remembered(tmp_path, change(token)) is None


def test_a_token_opens_no_other_workspace(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    token = clients.add(one, "press 3")
    clients.add(other, "press 3")
    assert clients.client_of(one, token)
    assert clients.client_of(other, token) is None and clients.remembered(other, token) is None


def test_a_token_that_was_right_is_remembered_until_its_client_is_removed(tmp_path: Path) -> None:
    token = clients.add(tmp_path, "press 3")
    assert clients.remembered(tmp_path, token) is None
    clients.client_of(tmp_path, token)
    assert clients.remembered(tmp_path, token)
    clients.remove(tmp_path, "Press  3")
    assert clients.remembered(tmp_path, token) is None and clients.client_of(tmp_path, token) is None


def test_two_clients_have_no_name_in_common(tmp_path: Path) -> None:
    clients.add(tmp_path, "press 3")
    with pytest.raises(AccessError, match="already"):
        clients.add(tmp_path, "PRESS 3")


def test_a_client_that_is_not_there_is_said_with_those_that_are(tmp_path: Path) -> None:
    clients.add(tmp_path, "press 3")
    with pytest.raises(AccessError, match="press 3"):
        clients.remove(tmp_path, "press 4")


def test_a_damaged_file_lets_nobody_in(tmp_path: Path) -> None:
    token = clients.add(tmp_path, "press 3")
    clients.client_of(tmp_path, token)
    (tmp_path / clients.FILE).write_text("{")
    for ask in (clients.client_of, clients.remembered):
        with pytest.raises(WorkspaceError, match="damaged"):
            ask(tmp_path, token)

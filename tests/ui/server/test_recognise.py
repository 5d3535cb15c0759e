"""Who acts in a page: known by the cookie of its websocket, also when that has just been closed, and until they are signed out."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from core.access import accounts, codes, hashes, tickets
from core.access.person import NOBODY, Person, Role
from core.workspace import Workspace
from ui.server import recognise as recognising
from ui.server.recognise import recognise


@pytest.fixture
def cookie(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(hashes, "N", 2)
    monkeypatch.setenv("SEAMLENS_PRIVATE", str(tmp_path / "private"))
    ticket = accounts.sign_in(workspace.path, codes.ensure(workspace.path).student, "Anna", "1234")
    return tickets.sign(workspace.path, ticket)


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> dict[str, SimpleNamespace]:
    """The open websockets by session; the page that runs here is of the session “mine”."""
    found: dict[str, SimpleNamespace] = {}
    monkeypatch.setattr(recognising.runtime, "exists", lambda: True)
    monkeypatch.setattr(
        recognising.runtime,
        "get_instance",
        lambda: SimpleNamespace(get_client=lambda session: found.get(session)),
    )
    monkeypatch.setattr(recognising, "get_script_run_ctx", lambda **_: SimpleNamespace(session_id="mine"))
    recognising._cookies.clear()
    return found


def opened_with(workspace: Workspace, cookie: str) -> SimpleNamespace:
    cookies = {tickets.cookie_name(workspace.path, is_https=True): cookie}
    return SimpleNamespace(client_context=SimpleNamespace(cookies=cookies))


def test_a_page_acts_as_who_opened_it(workspace: Workspace, cookie: str, clients: dict) -> None:
    clients["mine"] = opened_with(workspace, cookie)
    assert recognise() == Person("Anna", Role.STUDENT)


def test_a_run_that_outlives_its_browser_still_acts_as_them(
    workspace: Workspace, cookie: str, clients: dict
) -> None:
    clients["mine"] = opened_with(workspace, cookie)
    recognise()
    del clients["mine"]
    assert recognise().name == "Anna"


def test_who_was_signed_out_is_nobody_in_the_middle_of_a_run(
    workspace: Workspace, cookie: str, clients: dict
) -> None:
    clients["mine"] = opened_with(workspace, cookie)
    assert recognise().name == "Anna"
    accounts.sign_out(workspace.path, "Anna")
    assert recognise() == NOBODY


def test_a_session_that_another_browser_takes_up_acts_as_that_one(
    workspace: Workspace, cookie: str, clients: dict
) -> None:
    clients["mine"] = opened_with(workspace, cookie)
    recognise()
    clients["mine"] = opened_with(workspace, "forged")
    assert recognise() == NOBODY


def test_the_page_of_another_session_is_nobodys(workspace: Workspace, cookie: str, clients: dict) -> None:
    clients["other"] = opened_with(workspace, cookie)
    assert recognise() == NOBODY


def test_a_thread_without_a_page_is_nobody(clients: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognising, "get_script_run_ctx", lambda **_: None)
    assert recognise() == NOBODY


def test_few_sessions_are_remembered(
    workspace: Workspace, cookie: str, clients: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognising, "MOST", 3)
    for number in range(9):
        session = f"session {number}"
        clients[session] = opened_with(workspace, cookie)
        recognising._cookie(session)
    assert len(recognising._cookies) == 3

from typing import Any
from unittest.mock import patch

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message

from core.workspace import Workspace
from tests.helpers.in_loop import in_loop
from ui.server import guard
from ui.server.guard import trusted_hosts
from ui.server.look import content_of

FRAME = "/api/frames/1/0.jpg"


def test_a_page_of_this_server_gets_the_frame(client: TestClient) -> None:
    assert client.get(FRAME, headers={"Origin": "http://localhost:8501"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:8502"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize(
    "address", [FRAME, "/api/videos", "/api/desk/1", "/api/labeller/app.js", "/api/pace", "/api/seen/1/0.jpg"]
)
def test_another_site_gets_nothing(client: TestClient, headers: dict[str, str], address: str) -> None:
    assert client.get(address, headers=headers).status_code == 403


def test_labels_are_not_taken_from_a_form(client: TestClient) -> None:
    answer = client.post("/api/labels", content="{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 403


def test_labels_are_not_taken_from_another_origin(client: TestClient) -> None:
    assert client.post("/api/labels", json={}, headers={"Origin": "http://evil.example"}).status_code == 403


def answers_to(host: str, *allowed: str) -> bool:
    """Return whether a server whose ``server.allowedHosts`` are ``allowed`` answers under this name."""
    with patch("ui.server.guard.st.get_option", return_value=list(allowed)):
        app = Starlette(routes=[Route("/", lambda _: Response("hello"))], middleware=[trusted_hosts()])
    return TestClient(app).get("/", headers={"Host": host}).status_code == 200


def test_a_name_that_only_points_here_gets_nothing(client: TestClient) -> None:
    assert client.get(FRAME, headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "localhost:8501", "127.0.0.1:8501", "[::1]:8501"])
def test_this_machine_is_known_by_its_own_names(host: str) -> None:
    assert answers_to(host)


@pytest.mark.parametrize(
    ("allowed", "host", "is_allowed"),
    [
        (["192.168.1.20"], "192.168.1.20:8501", True),
        (["192.168.1.20"], "192.168.1.21:8501", False),
        (["[fd00::2]"], "[fd00::2]:8501", True),
        (["*.school.example"], "sewing.school.example", True),
        (["*.school.example"], "school.example.evil", False),
        (["*"], "anything", True),
        ([], "anything", False),
    ],
)
def test_other_names_have_to_be_allowed(allowed: list[str], host: str, is_allowed: bool) -> None:
    assert answers_to(host, *allowed) is is_allowed


@pytest.mark.parametrize(("method", "address"), [("PUT", "/api/look"), ("POST", "/api/labels")])
def test_a_browser_that_goes_in_the_middle_of_what_it_sends_is_no_bug(
    method: str, address: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endpoint(request: Request, _body: Any) -> Response:
        return Response(content_of(request))

    logged: list[Exception] = []
    monkeypatch.setattr(guard, "logged", logged.append)
    scope = {
        "type": "http", "method": method, "path": address, "query_string": b"",
        "headers": [(b"content-type", b"application/json")], "client": None, "state": {},
    }  # fmt: skip

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    answer = in_loop(guard.guarded(endpoint)(Request(scope, receive)))
    assert (answer.status_code, logged) == (400, [])

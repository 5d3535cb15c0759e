from unittest.mock import patch

import pytest
from starlette.testclient import TestClient

from ui.server.guard import known_host

FRAME = "/api/frames/1/0.jpg"


def test_a_page_of_this_server_gets_the_frame(client: TestClient) -> None:
    assert client.get(FRAME, headers={"Origin": "http://localhost:8501"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:8502"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize(
    "address", [FRAME, "/api/videos", "/api/desk/1", "/api/labeller/app.js", "/api/pace"]
)
def test_another_site_gets_nothing(client: TestClient, headers: dict[str, str], address: str) -> None:
    assert client.get(address, headers=headers).status_code == 403


def test_labels_are_not_taken_from_a_form(client: TestClient) -> None:
    answer = client.post("/api/labels", content="{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 403


def test_labels_are_not_taken_from_another_origin(client: TestClient) -> None:
    assert client.post("/api/labels", json={}, headers={"Origin": "http://evil.example"}).status_code == 403


@pytest.mark.parametrize(
    ("name", "known"), [("localhost", True), ("127.0.0.1", True), ("::1", True), ("", False)]
)
def test_this_machine_is_known_by_its_own_names(name: str, known: bool) -> None:
    assert known_host(name) is known


@pytest.mark.parametrize(
    ("allowed", "name", "known"),
    [
        (["192.168.1.20"], "192.168.1.20", True),
        (["192.168.1.20"], "192.168.1.21", False),
        (["*.school.example"], "sewing.school.example", True),
        (["*.school.example"], "school.example.evil", False),
        (["*"], "anything", True),
        ([], "anything", False),
    ],
)
def test_other_names_have_to_be_allowed(allowed: list[str], name: str, known: bool) -> None:
    with patch("ui.server.guard.st.get_option", return_value=allowed):
        assert known_host(name) is known

"""The routes of uploads."""

import pytest
from starlette.testclient import TestClient

from core.workspace import Workspace
from ui.server import uploads

CONTENT = bytes(range(256)) * 40
ABOUT = {"name": "seam.mp4", "size": len(CONTENT), "fingerprint": "a", "formats": [".mp4"]}


def piece(client: TestClient, id: str, content: bytes, offset: object) -> tuple[int, dict[str, object]]:
    headers = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
    answer = client.patch(f"/api/uploads/{id}", content=content, headers=headers)
    return answer.status_code, answer.json()


def test_a_file_comes_in_pieces_and_goes_on_after_a_break(client: TestClient, workspace: Workspace) -> None:
    id = client.post("/api/uploads", json=ABOUT).json()["id"]
    assert piece(client, id, CONTENT[:700], 0)[0] == 200
    assert client.get(f"/api/uploads/{id}").json()["offset"] == 700
    assert piece(client, id, CONTENT, 0)[0] == 409  # the browser does not know how far it is
    assert client.post("/api/uploads", json=ABOUT).json() == {
        "id": id, "name": "seam.mp4", "size": len(CONTENT), "offset": 700, "whole": False,
    }  # fmt: skip
    status, told = piece(client, id, CONTENT[700:], 700)
    assert (status, told["whole"]) == (200, True)
    assert (workspace.path / ".uploads" / id / "seam.mp4").read_bytes() == CONTENT


def test_an_upload_is_removed(client: TestClient) -> None:
    id = client.post("/api/uploads", json=ABOUT).json()["id"]
    assert client.delete(f"/api/uploads/{id}").status_code == 200
    assert client.get(f"/api/uploads/{id}").status_code == 404


def test_a_piece_has_a_size(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "PIECE", 100)
    id = client.post("/api/uploads", json=ABOUT).json()["id"]
    assert piece(client, id, bytes(101), 0)[0] == 413


@pytest.mark.parametrize("offset", ["x", "-1", "", "9" * 400])
def test_an_offset_is_a_number(client: TestClient, offset: str) -> None:
    id = client.post("/api/uploads", json=ABOUT).json()["id"]
    assert piece(client, id, CONTENT, offset)[0] == 409


@pytest.mark.parametrize(
    "body", [{}, [], {**ABOUT, "size": "9"}, {**ABOUT, "name": 1}, {**ABOUT, "formats": [".zip"]}]
)
def test_what_is_no_upload_is_refused(client: TestClient, body: object) -> None:
    assert client.post("/api/uploads", json=body).status_code in (400, 404)


def test_a_form_or_another_site_sends_no_piece(client: TestClient) -> None:
    id = client.post("/api/uploads", json=ABOUT).json()["id"]
    address, piece_of = (
        f"/api/uploads/{id}",
        {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"},
    )
    assert client.patch(address, content=b"x", headers={"Content-Type": "text/plain"}).status_code == 403
    for stranger in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.patch(address, content=b"x", headers={**piece_of, **stranger}).status_code == 403
        assert client.delete(address, headers=stranger).status_code == 403

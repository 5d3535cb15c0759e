"""Downloads come from the disk, and only to whom they were offered."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from core.access.person import Person, Role, acting_as
from ui.server import downloads


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "lookup tables.zip"
    made.write_bytes(b"content")
    return made


def offered(file: Path, person: str = "") -> str:
    return downloads._offered(downloads._Offer(file, "application/zip", person))


def test_an_offered_file_is_downloaded_under_its_name(client: TestClient, file: Path) -> None:
    answer = client.get(f"/api/downloads/{offered(file)}")
    assert answer.content == b"content"
    assert "lookup%20tables.zip" in answer.headers["content-disposition"]
    assert answer.headers["content-disposition"].startswith("attachment")
    assert offered(file) == offered(file)


def test_what_was_offered_to_another_is_not_there(client: TestClient, file: Path) -> None:
    with acting_as(Person("Ann", Role.INSTRUCTOR)):
        token = offered(file, "Ann")
    assert client.get(f"/api/downloads/{token}").status_code == 404
    assert client.get("/api/downloads/guess").status_code == 404


def test_a_file_that_is_gone_is_said(client: TestClient, file: Path) -> None:
    token = offered(file)
    file.unlink()
    assert "not here any more" in client.get(f"/api/downloads/{token}").json()["error"]

"""The page for phones and what it asks of the server."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient

from core.access.person import Person, Role, acting_as
from core.media.library import videos
from core.workspace import Workspace
from tests.helpers import jobs_here
from tests.helpers.waiting import until
from tests.ui.phone.test_look import JPEG, begin, picture
from ui.phone.routes import FILES, HERE


@pytest.fixture(autouse=True)
def jobs_end_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs_here.end_at_once(monkeypatch)


def test_the_page_and_all_that_it_needs_is_there(client: TestClient) -> None:
    page = client.get("/phone")
    assert page.headers["content-type"].startswith("text/html")
    assert "BASE" not in page.text
    for name in FILES:
        assert client.get(f"/phone/files/{name}").status_code == 200
    for name in ("phone.html", "..%2fphone.html", "api.py"):
        assert client.get(f"/phone/files/{name}").status_code == 404


def test_what_the_page_names_is_handed_out() -> None:
    words = (HERE / "phone.html").read_text(encoding="utf-8")
    named = {part.split('"')[0] for part in words.split("BASE/phone/files/")[1:]}
    assert named <= set(FILES)


def test_it_answers_under_trusted_names_only(client: TestClient) -> None:
    for address in ("/phone", "/phone/setup"):
        assert client.get(address, headers={"Host": "evil.example"}).status_code == 400


def test_without_a_trained_network_there_is_the_instant_network(client: TestClient) -> None:
    setup = client.get("/phone/setup").json()
    assert [network["id"] for network in setup["networks"]] == ["sketch"]
    assert [answer["title"] for answer in setup["answers"]] == [
        "good", "error", "break", "2 mm stitches", "4 mm stitches",
    ]  # fmt: skip
    assert setup["asksName"] is True


def test_who_signed_in_is_not_asked_for_a_name(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    with acting_as(Person("Ada", Role.STUDENT)):
        setup = client.get("/phone/setup").json()
    assert (setup["name"], setup["asksName"]) == ("Ada", False)


def test_nobody_begins_without_a_sign_in(client: TestClient) -> None:
    with acting_as(Person("", Role.NOBODY)):
        for address in ("begin", "offer", "try_connection", "recording"):
            assert "not signed in" in client.post(f"/phone/{address}", json={}).json()["error"]
        answer = client.put("/api/look?token=x", content=b"", headers=JPEG)
    assert "not signed in" in answer.json()["error"]


def test_a_token_of_ones_own_is_not_taken(client: TestClient) -> None:
    assert client.post("/phone/begin", json={"token": "guessed"}).json()["token"] != "guessed"


def test_an_offer_that_is_none_is_refused(client: TestClient) -> None:
    token = begin(client)
    for address in ("offer", "try_connection"):
        answer = client.post(f"/phone/{address}", json={"token": token, "sdp": "v=0 nonsense"})
        assert (answer.status_code, "Reload" in answer.json()["error"]) == (400, True)


def test_a_websocket_of_the_check_opens(client: TestClient) -> None:
    with client.websocket_connect("/phone/echo", headers={"Host": "localhost:8501"}) as socket:
        assert socket.receive_text() == "here"


def test_posting_is_measured_by_the_bytes_that_came(client: TestClient) -> None:
    assert client.put("/phone/ping", content=b"x" * 1000, headers=JPEG).json() == {"bytes": 1000}


def send(client: TestClient, token: str, count: int) -> None:
    for seed in range(count):
        content = cv2.imencode(".jpg", picture(seed))[1].tobytes()
        client.put(f"/api/look?token={token}", content=content, headers=JPEG)


def test_what_a_phone_records_becomes_a_video_of_the_workspace(
    client: TestClient, workspace: Workspace
) -> None:
    before, token = len(videos(workspace)), begin(client)
    assert (
        client.post("/phone/recording", json={"token": token, "on": True, "note": "blue"}).json()["seconds"]
        >= 0
    )
    send(client, token, 3)
    ended = client.post("/phone/recording", json={"token": token, "on": False}).json()
    until(lambda: not client.post("/phone/recording", json={"adding": ended["adding"]}).json()["running"])
    (said,) = client.post("/phone/recording", json={"adding": ended["adding"]}).json()["said"]
    assert "ready to label" in said
    assert len(videos(workspace)) == before + 1
    assert videos(workspace)[-1].key.endswith("__blue") and videos(workspace)[-1].frames == 3


def test_a_recording_whose_phone_is_gone_is_added(client: TestClient, workspace: Workspace) -> None:
    before, token = len(videos(workspace)), begin(client)
    client.post("/phone/recording", json={"token": token, "on": True})
    send(client, token, 2)
    client.post("/phone/end", json={"token": token})
    until(lambda: len(videos(workspace)) == before + 1)


def test_the_routes_do_not_import_streamlit_webrtc_before_the_server_runs() -> None:
    # Its component would be registered nowhere, and the Live page have no stream.
    code = "import sys, ui.phone.routes; print('streamlit_webrtc' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[3]
    )
    assert run.stdout.strip() == "False"


def test_a_network_that_is_gone_gives_way_to_the_instant_network(client: TestClient) -> None:
    token = begin(client, network="run-that-is-gone")
    send(client, token, 1)
    assert np.isfinite(client.post("/api/live", json={"token": token}).json()["rows"][0]["probability"])

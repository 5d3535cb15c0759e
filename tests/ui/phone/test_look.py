"""Single pictures, where a network lets no live video through."""

import json
import threading
from typing import Any

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient

from core.inspection.inspector import InspectedFrame
from core.inspection.panel import DisplayOptions, draw_picture, fitted
from core.media.images import encode_jpeg
from core.workspace import Workspace
from ui.live.network import NewestInspector
from ui.server import look
from ui.server.look import VISITS

JPEG = {"Content-Type": "image/jpeg"}


def picture(seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).integers(60, 200, (30, 40, 3), dtype=np.uint8)
    return cv2.resize(noise, (640, 480), interpolation=cv2.INTER_CUBIC)


def begin(client: TestClient, **more: Any) -> str:
    answer = client.post("/phone/begin", json=more).json()
    assert answer["line"] == 0
    return str(answer["token"])


def parts(content: bytes) -> tuple[dict[str, Any], np.ndarray]:
    end = 4 + int.from_bytes(content[:4], "big")
    drawn = cv2.imdecode(np.frombuffer(content[end:], np.uint8), cv2.IMREAD_COLOR)
    return json.loads(content[4:end]), drawn


def test_a_picture_comes_back_as_the_inspector_sees_it(client: TestClient, workspace: Workspace) -> None:
    token, sent = begin(client), encode_jpeg(picture())
    said, drawn = parts(client.put(f"/api/look?token={token}", content=sent, headers=JPEG).content)
    inspector = NewestInspector(workspace)()
    assert inspector is not None
    seen = cv2.imdecode(np.frombuffer(sent, np.uint8), cv2.IMREAD_COLOR)
    inspection = inspector.inspect(seen)
    for row in said["verdict"]["rows"]:
        assert row["probability"] == pytest.approx(inspection.probabilities[row["name"]], abs=1e-6)
        assert row["decided"] == inspection.decisions[row["name"]]
    wanted = draw_picture(fitted(seen), inspector.attributes, inspection, DisplayOptions())
    assert np.abs(drawn.astype(int) - wanted).mean() < 3


def test_each_picture_is_inspected_before_it_comes_back(client: TestClient) -> None:
    token = begin(client)
    for seed in range(3):
        client.put(f"/api/look?token={token}", content=encode_jpeg(picture(seed)), headers=JPEG)
        visit = VISITS.find(token)
        assert visit is not None
        latest: InspectedFrame | None = visit.feed.viewer.latest
        assert latest is not None and latest.index == seed


@pytest.mark.parametrize(
    ("content", "headers", "status", "words"),
    [
        (b"no picture", JPEG, 400, "no JPEG"),
        (b"", JPEG, 400, "no JPEG"),
        (b"x" * (look.MOST_BYTES + 1), JPEG, 400, "more than 1,000 kB"),
        (b"", {**JPEG, "Origin": "http://evil.example"}, 403, "not this server"),
    ],
)
def test_what_is_no_small_picture_of_an_own_page_is_refused(
    client: TestClient, content: bytes, headers: dict[str, str], status: int, words: str
) -> None:
    answer = client.put(f"/api/look?token={begin(client)}", content=content, headers=headers)
    assert answer.status_code == status
    assert words in answer.json()["error"]


def test_a_small_file_of_many_pixels_is_not_decoded(client: TestClient) -> None:
    bomb = cv2.imencode(".jpg", np.zeros((8000, 8000), np.uint8))[1].tobytes()
    assert len(bomb) < look.MOST_BYTES
    answer = client.put(f"/api/look?token={begin(client)}", content=bomb, headers=JPEG)
    assert (answer.status_code, "8,000 × 8,000" in answer.json()["error"]) == (400, True)


def test_without_a_visit_it_is_gone(client: TestClient) -> None:
    sent = encode_jpeg(picture())
    assert client.put("/api/look?token=none", content=sent, headers=JPEG).status_code == 410
    token = begin(client)
    client.post("/phone/end", json={"token": token})
    assert client.put(f"/api/look?token={token}", content=sent, headers=JPEG).status_code == 410


def test_a_second_picture_at_the_same_time_is_not_queued(client: TestClient) -> None:
    token = begin(client)
    visit = VISITS.find(token)
    assert visit is not None
    with visit.looking:
        answer = client.put(f"/api/look?token={token}", content=encode_jpeg(picture()), headers=JPEG)
    assert answer.status_code == 429


def test_devices_that_send_pictures_take_the_places_of_the_server(
    client: TestClient, workspace: Workspace
) -> None:
    tokens = [begin(client) for _ in range(workspace.places)]
    third = client.post("/phone/begin", json={}).json()
    assert third["line"] == 1
    client.post("/phone/end", json={"token": tokens[0]})
    assert client.post("/phone/begin", json={"token": third["token"]}).json()["line"] == 0


def test_a_device_whose_place_went_to_another_is_told_its_line(
    client: TestClient, workspace: Workspace
) -> None:
    token, *_ = [begin(client) for _ in range(workspace.places)]
    visit = VISITS.find(token)
    assert visit is not None
    visit.places.rest(token)
    begin(client)
    answer = client.put(f"/api/look?token={token}", content=encode_jpeg(picture()), headers=JPEG)
    assert (answer.status_code, answer.json()) == (409, {"line": 1})


def test_pictures_of_many_devices_need_one_thread_for_all(client: TestClient) -> None:
    tokens = [begin(client), begin(client)]
    names = [thread.name for thread in threading.enumerate()]
    for token in tokens:
        client.put(f"/api/look?token={token}", content=encode_jpeg(picture()), headers=JPEG)
    now = [thread.name for thread in threading.enumerate()]
    assert now.count("live visits") == 1
    assert [name for name in now if "inspector" in name] == [name for name in names if "inspector" in name]


def test_pictures_that_are_sent_can_be_taught_from(client: TestClient, workspace: Workspace) -> None:
    from ui.server.labelling_api import workspace_id

    token = begin(client, network="sketch")
    said = {
        "workspace": workspace_id(workspace),
        "token": token,
        "annotator": "Ada",
        "held": [["break", True]],
    }
    client.post("/api/teach", json=said)
    client.put(f"/api/look?token={token}", content=encode_jpeg(picture()), headers=JPEG)
    answer = client.post("/api/teach", json={**said, "held": []}).json()
    assert answer["counts"] == [["break", True, 1]]

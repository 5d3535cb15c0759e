"""The route by which the Live page teaches: what is held, and who may say so."""

from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from core.labels.consensus import labels_of
from core.live.teaching import Teacher
from core.media import add_frames
from core.workspace import Workspace
from tests.helpers.waiting import until
from ui.server import teaching
from ui.server.labelling_api import workspace_id

PICTURE = np.zeros((24, 32, 3), np.uint8)


@pytest.fixture
def teacher(workspace: Workspace) -> Teacher:
    made = Teacher(workspace.path, add_frames.stream_origin())
    teaching.register("page", made)
    return made


def body(workspace: Workspace, *held: Any, **more: Any) -> dict[str, Any]:
    return {
        "workspace": workspace_id(workspace),
        "token": "page",
        "annotator": "Ada",
        "held": list(held),
        "rate": 4,
    } | more


def test_what_is_held_is_taken_counted_and_taken_back(
    client: TestClient, workspace: Workspace, teacher: Teacher
) -> None:
    assert client.post("/api/teach", json=body(workspace, ["break", True])).json()["counts"] == []
    teacher.offer(PICTURE, 0, 0.0)
    until(lambda: client.post("/api/teach", json=body(workspace)).json()["waiting"] == 0)
    answer = client.post("/api/teach", json=body(workspace)).json()
    assert answer["counts"] == [["break", True, 1]]
    assert answer["canUndo"] and answer["problem"] == ""
    assert labels_of(workspace, "Ada", answer["video"])["break"].tolist() == [True]

    assert client.post("/api/teach", json=body(workspace, undo=True)).json()["counts"] == []
    until(lambda: labels_of(workspace, "Ada", answer["video"])["break"].isna().all())


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"annotator": " "}, "needs the name"),
        ({"held": [["gap", True]]}, "no attribute 'gap'"),
        ({"held": "break"}, "a list of attributes"),
        ({"held": [["break", 1]]}, "a list of attributes"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(
    client: TestClient, workspace: Workspace, teacher: Teacher, more: dict[str, Any], words: str
) -> None:
    answer = client.post("/api/teach", json=body(workspace, ["break", True], **more))
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert teacher.status().counts == {}


def test_a_page_without_a_stream_is_idle_and_another_site_or_workspace_is_refused(
    client: TestClient, workspace: Workspace
) -> None:
    idle = body(workspace, ["break", True], token="other")
    assert client.post("/api/teach", json=idle).json() == {"idle": True}
    assert client.post("/api/teach", json=idle | {"workspace": "/elsewhere"}).status_code == 409
    assert client.post("/api/teach", json=idle, headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.get("/api/teach").status_code == 405

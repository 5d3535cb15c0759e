"""What the routes answer on a class server, where somebody is known by their sign-in."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from starlette.routing import Mount
from starlette.testclient import TestClient

from core.access.person import NOBODY
from core.labels.consensus import labels_of
from core.live.teaching import Teacher
from core.media import add_frames
from core.workspace import Workspace
from tests.helpers.signed_in import ANNA, BEN, TEACHER, SignIn, signing_in
from tests.helpers.waiting import until
from tests.ui.server.test_routes import VIDEO, body, event
from ui.server import presence, teaching
from ui.server.labelling_api import workspace_id
from ui.server.routes import routes

ADDRESSES = {
    "/videos": "/api/videos?annotator=Ben",
    "/desk/{video}": "/api/desk/1?annotator=Ben",
    "/suggestions/{video}": "/api/suggestions/1?annotator=Ben",
    "/seen/{video}/{index}.jpg": "/api/seen/1/0.jpg?annotator=Ben",
    "/pace": "/api/pace?annotator=Ben&since=2026-01-01T00:00:00",
}
"""With another student's name."""
POSTS = {"/labels", "/teach"}
REFUSED = (401, 403)
UPLOADS = {"/uploads", "/uploads/{upload}"}
"""Of whoever is signed in: core.exchange.uploads tells no others of them."""
INFERENCE = {"/v1/runs/{run}/inspect", "/v1/openapi.json", "/v1/docs", "/v1/{rest:path}"}
"""For programs, with a token of their own: see test_inference_api."""
NAMELESS = {
    "/frames/{video}/{index}.jpg",
    "/labeller/{file}",
    "/live",
    "/look",
    *UPLOADS,
    "/downloads/{offer}",
    *INFERENCE,
}
"""They take nobody's name; the token of `/live` and `/look` is known to its page alone."""


@pytest.fixture
def sign_in() -> Iterator[SignIn]:
    with signing_in() as function:
        yield function


@pytest.fixture
def teacher(workspace: Workspace) -> Teacher:
    made = Teacher(workspace.path, add_frames.stream_origin())
    teaching.register("page", made)
    return made


def held(workspace: Workspace, name: str, *answers: Any, **more: Any) -> dict[str, Any]:
    return {"workspace": workspace_id(workspace), "token": "page", "annotator": name, "held": list(answers), **more}  # fmt: skip


def test_every_route_is_known_here() -> None:
    mount = routes()[0]
    assert isinstance(mount, Mount)
    assert {getattr(route, "path", "") for route in mount.routes} == {*ADDRESSES, *POSTS, *NAMELESS}


@pytest.mark.parametrize("address", ADDRESSES.values())
def test_a_student_reads_nothing_under_another_name(
    client: TestClient, sign_in: SignIn, address: str
) -> None:
    sign_in(ANNA)
    assert client.get(address).status_code == 403
    own = client.get(address.replace("Ben", "Anna"))
    assert own.status_code != 403


@pytest.mark.parametrize("address", [*ADDRESSES.values(), "/api/frames/1/0.jpg"])
def test_nobody_reads_anything(client: TestClient, sign_in: SignIn, address: str) -> None:
    sign_in(NOBODY)
    assert client.get(address).status_code in REFUSED


@pytest.mark.parametrize("events", [[], [event()]], ids=["none", "some"])
def test_nobody_answers_under_another_name(
    client: TestClient, workspace: Workspace, sign_in: SignIn, events: list[dict[str, Any]]
) -> None:
    for person in (ANNA, TEACHER, NOBODY):
        sign_in(person)
        sent = body(workspace, *events, annotator="Ben")
        assert client.post("/api/labels", json=sent).status_code in REFUSED
    sign_in(BEN)
    assert labels_of(workspace, "Ben", VIDEO)["error"].isna().all()


def test_a_student_answers_under_their_own_name(
    client: TestClient, workspace: Workspace, sign_in: SignIn
) -> None:
    sign_in(BEN)
    sent = body(workspace, event(), annotator="ben")
    assert client.post("/api/labels", json=sent).json()["acknowledged"]


def test_nobody_teaches_under_another_name(
    client: TestClient, workspace: Workspace, sign_in: SignIn, teacher: Teacher
) -> None:
    sign_in(ANNA)
    assert client.post("/api/teach", json=held(workspace, "Ben", ["break", True])).status_code == 403
    assert client.post("/api/teach", json=held(workspace, "Ben")).status_code == 403


def test_what_a_student_teaches_is_stored_by_a_thread_that_nobody_knows(
    client: TestClient, workspace: Workspace, sign_in: SignIn, teacher: Teacher
) -> None:
    sign_in(ANNA)
    client.post("/api/teach", json=held(workspace, "Anna", ["break", True]))
    sign_in(NOBODY)  # as the server knows the thread of a stream
    teacher.offer(np.zeros((24, 32, 3), np.uint8), 0, 0.0)
    until(lambda: teacher.status().waiting == 0)
    assert teacher.status().problem == ""
    sign_in(ANNA)
    assert labels_of(workspace, "Anna", teacher.status().video)["break"].tolist() == [True]


def test_another_student_takes_nothing_back_that_was_taught(
    client: TestClient, workspace: Workspace, sign_in: SignIn, teacher: Teacher
) -> None:
    sign_in(ANNA)
    client.post("/api/teach", json=held(workspace, "Anna", ["break", True]))
    teacher.offer(np.zeros((24, 32, 3), np.uint8), 0, 0.0)
    until(lambda: teacher.status().waiting == 0)
    sign_in(BEN)
    assert client.post("/api/teach", json=held(workspace, "Ben", undo=True)).status_code == 403


def test_students_are_not_told_who_else_is_here(workspace: Workspace, sign_in: SignIn) -> None:
    presence.here(workspace, "Anna", "1", VIDEO, 3)
    sign_in(BEN)
    assert presence.here(workspace, "Ben", "2", VIDEO, 0)[0]["annotator"] == presence.SOMEBODY
    sign_in(TEACHER)
    assert "Anna" in [each["annotator"] for each in presence.here(workspace, "Mr Li", "3", VIDEO, 0)]

import json
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from ui.server import bodies

JSON = {"Content-Type": "application/json"}


def test_a_body_that_says_it_is_too_large_is_refused(client: TestClient) -> None:
    answer = client.post("/api/labels", content=b"[" + b" " * bodies.MOST, headers=JSON)
    assert (answer.status_code, answer.json()) == (413, {"error": "The request is too large."})


def test_a_body_of_unknown_length_is_counted_while_it_comes(client: TestClient) -> None:
    read = 0

    def chunks() -> Iterator[bytes]:
        nonlocal read
        for _ in range(40):
            read += 1
            yield bytes(1024**2)

    assert client.post("/api/labels", content=chunks(), headers=JSON).status_code == 413


def test_the_largest_outbox_of_a_day_is_taken(client: TestClient) -> None:
    event = {"id": "0" * 32, "first": 100_000, "last": 100_001, "attribute": "error", "value": True, "source": "paint",
             "at": "2026-01-01T10:00:00.000Z"}  # fmt: skip
    assert len(json.dumps([event] * 25_000)) < bodies.MOST


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "\udcff".encode(errors="surrogateescape")])
def test_what_is_no_json_is_refused(client: TestClient, text: str | bytes) -> None:
    assert client.post("/api/labels", content=text, headers=JSON).status_code == 400

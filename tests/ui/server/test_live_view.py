"""The route by which the Live page asks what is to be said of the picture."""

import gc

from starlette.testclient import TestClient

from core.inspection.panel import DisplayOptions
from core.live.viewer import Viewer
from tests.live.test_viewer import Begun, Told, grey
from ui.server import live_view


def test_the_page_is_told_the_verdict_of_its_own_viewer(client: TestClient) -> None:
    viewer = Viewer(Told(), DisplayOptions(), Begun())  # type: ignore[arg-type]
    live_view.register("page", viewer)
    assert client.post("/api/live", json={"token": "page"}).json()["state"] == "waiting"
    viewer.inspect(grey(204), 0, 0.0)
    viewer.draw(grey(204))
    answer = client.post("/api/live", json={"token": "page", "seen": 1}).json()
    assert (answer["state"], answer["words"][0]["words"], answer["words"][0]["probability"]) == (
        "judged",
        "error",
        0.8,
    )
    assert [row["name"] for row in answer["rows"]] == ["good", "error", "break", "length"]
    for other in ({"token": "else"}, [], {}, {"seen": "x"}):
        assert client.post("/api/live", json=other).json() == {"idle": True}
    assert (
        client.post(
            "/api/live", json={"token": "page"}, headers={"Origin": "http://evil.example"}
        ).status_code
        == 403
    )


def test_a_viewer_that_its_page_has_left_is_not_kept(client: TestClient) -> None:
    viewer = Viewer(Told(), DisplayOptions(), Begun())  # type: ignore[arg-type]
    live_view.register("left", viewer)
    del viewer
    gc.collect()
    assert client.post("/api/live", json={"token": "left"}).json() == {"idle": True}

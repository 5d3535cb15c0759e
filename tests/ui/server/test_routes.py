import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import cv2
import numpy as np
import pandas as pd
import pytest
from sqlalchemy import update
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.assist import suggestions
from core.labels.assignments import assign, remove
from core.labels.consensus import labels_of
from core.labels.labels import record
from core.media.images import decode_picture, read_picture
from core.media.library import frame_table
from core.review import gold
from core.storage import database as db
from core.workspace import Workspace, set_scale
from tests.helpers.page_workspace import FRAMES, VIDEO, small_workspace
from ui.server import labelling_api
from ui.server.labelling_api import workspace_id
from ui.server.routes import routes


def event(
    attribute: str = "error", first: int = 1, last: int = 3, value: bool | None = True
) -> dict[str, Any]:
    return {"id": str(uuid4()), "action": str(uuid4()), "video": 1, "attribute": attribute,
            "first": first, "last": last, "value": value, "source": "paint"}  # fmt: skip


def body(workspace: Workspace, *events: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"workspace": workspace_id(workspace), "annotator": "Ada", "tab": "1", "video": 1, "key": VIDEO, "index": 0,
            "events": list(events), **more}  # fmt: skip


def said(workspace: Workspace, annotator: str = "Ada") -> list[bool | None]:
    return [
        None if pd.isna(value) else bool(value) for value in labels_of(workspace, annotator, VIDEO)["error"]
    ]


def test_a_frame_is_the_file_on_disk(client: TestClient, workspace: Workspace) -> None:
    file = workspace.path / frame_table(workspace)["file"][2]
    assert client.get("/api/frames/1/2.jpg").content == file.read_bytes()


def test_an_addition_that_was_cut_off_is_taken_back_before_videos_are_listed(
    client: TestClient, workspace: Workspace
) -> None:
    client.get("/api/videos")
    stage = workspace.path / ".adding-1a2b3c4d5e6f"
    (stage / "new").mkdir(parents=True)
    landed = workspace.frames / "half.jpg"
    landed.touch()
    lists = {"moves": ["frames/half.jpg"], "replaced": [], "removed": []}
    (stage / "journal.json").write_text(json.dumps(lists))
    assert client.get("/api/videos").status_code == 200
    assert not (stage.exists() or landed.exists())


def test_a_frame_that_browsers_do_not_show_is_served_as_jpeg(
    client: TestClient, workspace: Workspace
) -> None:
    table = frame_table(workspace)
    stored = workspace.path / table["file"][2]
    picture = read_picture(stored)
    cv2.imwrite(str(stored.with_suffix(".tif")), picture)
    with db.writing(workspace) as connection:
        file = Path(table["file"][2]).with_suffix(".tif").as_posix()
        connection.execute(update(db.frames).where(db.frames.c.name == table["name"][2]).values(file=file))
    answer = client.get("/api/frames/1/2.jpg")
    assert answer.headers["content-type"] == "image/jpeg"
    assert np.abs(decode_picture(answer.content, stored).astype(int) - picture).mean() < 3


def test_a_frame_may_be_kept_by_the_browser(client: TestClient) -> None:
    assert "immutable" in client.get("/api/frames/1/2.jpg").headers["cache-control"]


@pytest.mark.parametrize("address", ["/api/frames/1/99.jpg", "/api/frames/9/0.jpg", "/api/labeller/other.js"])
def test_what_is_not_there_is_not_found(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_frame_whose_file_is_gone_is_explained(client: TestClient, workspace: Workspace) -> None:
    file = workspace.path / frame_table(workspace)["file"][2]
    file.unlink()
    answer = client.get("/api/frames/1/2.jpg")
    assert answer.status_code == 404
    assert file.name in answer.json()["error"]


@pytest.mark.parametrize("name", ["../__init__.py", "..%2f__init__.py", "__init__.py"])
def test_only_scripts_and_styles_are_handed_out(client: TestClient, name: str) -> None:
    assert client.get(f"/api/labeller/{name}").status_code == 404


def test_labels_are_stored_and_acknowledged(client: TestClient, workspace: Workspace) -> None:
    sent = event()
    answer = client.post("/api/labels", json=body(workspace, sent)).json()
    assert answer["acknowledged"] == [sent["id"]]
    assert said(workspace) == [None, True, True, True, None, None]


def test_what_cannot_be_stored_is_refused_and_the_rest_is_stored(
    client: TestClient, workspace: Workspace
) -> None:
    bad, good = event("stitch"), event()
    answer = client.post("/api/labels", json=body(workspace, bad, good)).json()
    assert list(answer["refused"]) == [bad["id"]]
    assert answer["acknowledged"] == [good["id"]]


def test_labels_of_another_workspace_are_not_taken(client: TestClient, workspace: Workspace) -> None:
    sent = body(workspace, event()) | {"workspace": "elsewhere"}
    assert client.post("/api/labels", json=sent).status_code == 409
    assert said(workspace) == [None] * FRAMES


def test_a_page_learns_that_something_was_said_elsewhere(client: TestClient, workspace: Workspace) -> None:
    seen = client.get("/api/desk/1?annotator=Ada").json()["seq"]
    client.post("/api/labels", json=body(workspace, event()))
    assert client.post("/api/labels", json=body(workspace, seen=seen)).json()["changed"] is True


def test_a_page_that_knows_everything_learns_nothing(client: TestClient, workspace: Workspace) -> None:
    seen = client.post("/api/labels", json=body(workspace, event())).json()["seq"]
    assert client.post("/api/labels", json=body(workspace, seen=seen)).json()["changed"] is False


def test_who_else_labels_is_said(client: TestClient, workspace: Workspace) -> None:
    client.post("/api/labels", json=body(workspace, annotator="Ben", tab="2", index=4))
    answer = client.post("/api/labels", json=body(workspace)).json()
    assert answer["others"] == [{"annotator": "Ben", "video": VIDEO, "index": 4}]


def test_the_desk_has_the_labels_as_stretches(client: TestClient, workspace: Workspace) -> None:
    client.post("/api/labels", json=body(workspace, event()))
    assert client.get("/api/desk/1?annotator=Ada").json()["lanes"]["error"] == [[1, 3, True]]


def test_the_videos_say_how_much_is_labelled(client: TestClient, workspace: Workspace) -> None:
    client.post("/api/labels", json=body(workspace, event()))
    [video] = client.get("/api/videos?annotator=Ada").json()
    assert (video["key"], video["frames"], video["labelled"]) == (VIDEO, FRAMES, 3)
    assert video["new"] is False


def test_a_video_that_nobody_has_labelled_is_new(client: TestClient) -> None:
    assert [video["new"] for video in client.get("/api/videos?annotator=Ada").json()] == [True]


def test_todays_frames_are_counted(client: TestClient, workspace: Workspace) -> None:
    client.post("/api/labels", json=body(workspace, event()))
    answer = client.get("/api/pace", params={"annotator": "Ada", "since": "2020-01-01T00:00:00Z"}).json()
    assert answer["answered"] == 3


def test_without_a_network_there_are_no_suggestions(client: TestClient) -> None:
    answer = client.get("/api/suggestions/1?annotator=Ada").json()
    assert (answer["status"], answer["source"]) == ("no run", "sketch")
    assert [source["id"] for source in answer["sources"]] == ["sketch", "ruler"]


def test_the_stitch_ruler_suggests_where_it_is_chosen(client: TestClient, workspace: Workspace) -> None:
    set_scale(workspace, 0.1)
    answer = client.get("/api/suggestions/1?annotator=Ada&source=ruler").json()
    assert (answer["status"], answer["source"], answer["attributes"]) == ("ready", "ruler", ["length"])
    assert answer["probabilities"] == {"length": [None] * FRAMES}  # there is no seam


def test_the_stitch_ruler_says_what_it_needs(client: TestClient) -> None:
    answer = client.get("/api/suggestions/1?annotator=Ada&source=ruler").json()
    assert "how long a pixel is" in answer["status"]


def run(id: str, gain: float | None = None) -> SimpleNamespace:
    """A run that suggests nothing in particular; tested where it has a gain over guessing."""
    return SimpleNamespace(id=id, test=gain and SimpleNamespace(gain=gain))


@pytest.mark.parametrize(
    ("runs", "asked", "chosen"),
    [
        ([run("new"), run("good", 0.9), run("poor", 0.6)], "", "good"),
        ([run("new"), run("good", 0.9)], "new", "new"),
        ([run("new"), run("good", 0.9)], "sketch", "sketch"),
        ([run("new"), run("old")], "", "new"),
        ([run("new")], "gone", "new"),
    ],
)
def test_the_better_network_suggests_unless_another_one_is_chosen(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, runs: list[SimpleNamespace], asked: str, chosen: str
) -> None:
    monkeypatch.setattr(suggestions, "suggesting_runs", lambda _: runs)
    monkeypatch.setattr(suggestions, "part_of", lambda run, _: "train")
    monkeypatch.setattr(suggestions, "suggest", lambda *_: None)
    monkeypatch.setattr(suggestions, "to_json", lambda run, *_: {"run": run.id})
    answer = client.get(f"/api/suggestions/1?annotator=Ada&source={asked}").json()
    assert answer["source"] == chosen
    assert [source["id"] for source in answer["sources"]] == ["sketch", "ruler", *(each.id for each in runs)]
    assert answer.get("run") == (None if chosen == "sketch" else chosen)


@pytest.mark.parametrize("content", ["", "[1", '"text"', "[]", "{}"])
def test_nonsense_is_answered_with_an_error_and_stores_nothing(
    client: TestClient, workspace: Workspace, content: str
) -> None:
    answer = client.post("/api/labels", content=content, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500
    assert "error" in answer.json()


def test_a_picture_reads_as_sent(client: TestClient, tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "sent.jpg").write_bytes(client.get("/api/frames/1/0.jpg").content)
    assert read_picture(tmp_path / "sent.jpg").shape == (120, 160, 3)


def test_a_malformed_event_keeps_no_other_out(client: TestClient, workspace: Workspace) -> None:
    bad, good = event() | {"first": "one"}, event()
    answer = client.post("/api/labels", json=body(workspace, bad, good)).json()
    assert list(answer["refused"]) == [bad["id"]]
    assert answer["acknowledged"] == [good["id"]]


def test_a_page_that_stores_learns_what_was_said_elsewhere_before(
    client: TestClient, workspace: Workspace
) -> None:
    seen = client.get("/api/desk/1?annotator=Ada").json()["seq"]
    client.post("/api/labels", json=body(workspace, event()))
    assert client.post("/api/labels", json=body(workspace, event(), seen=seen)).json()["changed"] is True


def test_a_page_that_stores_learns_nothing_of_its_own(client: TestClient, workspace: Workspace) -> None:
    seen = client.get("/api/desk/1?annotator=Ada").json()["seq"]
    assert client.post("/api/labels", json=body(workspace, event(), seen=seen)).json()["changed"] is False


ANSWERS = {"good": False, "error": True, "break": False, "length": True}
"""What Ben and Eva say of every frame, and what is gold."""


@pytest.fixture
def checked(workspace: Workspace) -> Workspace:
    """Ada is assigned to the video and has answered one frame; Ben has answered all, and frame 4 is gold."""
    for name, last in (("Ben", FRAMES - 1), ("Eva", FRAMES - 1)):
        record(workspace, name, VIDEO, 0, last, ANSWERS)
    gold.add_gold(workspace, "Eva", VIDEO, 4, 4)
    record(workspace, "Ada", VIDEO, 0, 0, dict.fromkeys(ANSWERS, True))
    assign(workspace, [VIDEO], ["Ada"], 1)
    return workspace


def test_a_blind_desk_is_what_it_would_be_without_the_others(client: TestClient, checked: Workspace) -> None:
    found = client.get("/api/desk/1?annotator=Ada").json()
    assert found["blind"] is True
    assert found["disputed"] == []
    assert found["lanes"] == {name: [[0, 0, True]] for name in ANSWERS}


def test_no_route_tells_which_frames_are_gold(client: TestClient, checked: Workspace) -> None:
    """One more gold frame changes nothing of what is answered."""
    remove(checked, [VIDEO])
    asked = {"annotator": "Ada", "since": "2020-01-01T00:00:00Z"}
    addresses = ("/api/desk/1", "/api/videos", "/api/pace", "/api/suggestions/1")
    before = [client.get(address, params=asked).text for address in addresses]
    gold.add_gold(checked, "Eva", VIDEO, 2, 2)
    assert [client.get(address, params=asked).text for address in addresses] == before


def test_suggestions_are_withheld_from_who_labels_blind(client: TestClient, checked: Workspace) -> None:
    answer = client.get("/api/suggestions/1?annotator=Ada&insist=true")
    assert answer.json() == {"status": "blind"}


def test_of_a_video_with_gold_frames_nothing_but_a_reason_is_said(
    client: TestClient, checked: Workspace
) -> None:
    remove(checked, [VIDEO])
    answer = client.get("/api/suggestions/1?annotator=Ada&insist=true")
    assert answer.json() == {"status": "gold"}


def test_suggestions_are_for_somebody(client: TestClient) -> None:
    assert client.get("/api/suggestions/1").status_code == 400


def test_the_videos_say_which_are_assigned_and_how_far_they_are(
    client: TestClient, checked: Workspace
) -> None:
    [video] = client.get("/api/videos?annotator=Ada").json()
    assert (video["assigned"], video["answered"]) == (True, 1)
    [video] = client.get("/api/videos?annotator=Ben").json()
    assert (video["assigned"], video["answered"]) == (False, 0)


@pytest.mark.parametrize("number", [str(2**63), "9" * 5000, "x", "-1", "٣"])
@pytest.mark.parametrize("address", ["/api/frames/{}/0.jpg", "/api/frames/1/{}.jpg", "/api/desk/{}"])
def test_a_number_that_nothing_can_have_is_not_found(client: TestClient, address: str, number: str) -> None:
    assert client.get(address.format(number)).status_code == 404


@pytest.mark.parametrize("name", ["9" * 5000, "a\x07b", "a\u202eb"])
def test_a_name_that_nobody_can_have_is_refused_in_words(client: TestClient, name: str) -> None:
    answer = client.get("/api/videos", params={"annotator": name})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("The name of an annotator has")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_not_json_is_refused(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/labels", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()) == (400, {"error": "The request is not JSON."})


def test_labels_are_stored_under_one_form_of_a_name(client: TestClient, workspace: Workspace) -> None:
    client.post("/api/labels", json=body(workspace, event(), annotator=" Zoe\u0308 "))
    assert said(workspace, "Zo\u00eb") == [None, True, True, True, None, None]


def test_what_nobody_expected_is_in_the_log_and_not_in_the_answer(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(labelling_api, "progress", None)
    answer = client.get("/api/videos?annotator=Ada")
    assert answer.status_code == 500
    number = answer.json()["error"].removesuffix(".").rpartition(" ")[2]
    assert number in caplog.text and "Traceback" in caplog.text


def test_any_character_may_stand_in_the_path_of_a_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "Näh ?a=1&b 100% #2 %41"
    made = small_workspace(place, labelled=False)
    monkeypatch.setenv("SEAMLENS_WORKSPACE", str(place))
    with TestClient(Starlette(routes=routes()), base_url="http://localhost:8501") as client:
        assert client.get("/api/frames/1/2.jpg").status_code == 200
        sent = event()
        assert client.post("/api/labels", json=body(made, sent)).json()["acknowledged"] == [sent["id"]]
    assert (place / "labels.db").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == [place.name]

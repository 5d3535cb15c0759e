"""The server learns while people label."""

import threading
from uuid import uuid4

import pandas as pd
import pytest

from core.inputs import feature_cache
from core.labels.labels import record_table
from core.networks.pretrained import trunk
from core.videos.add_video import add_video
from tests.helpers.page_workspace import FRAMES, VIDEO, small_workspace, video_file
from ui.server import instant_learning, labelling_api
from ui.server.instant_learning import Learner

NEVER = threading.Event()


@pytest.fixture
def learner(monkeypatch):
    made = Learner(lambda function, *arguments: function(*arguments))
    monkeypatch.setattr(labelling_api, "LEARNER", made)
    return made


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("SEAMLENS_WORKSPACE", str(tmp_path / "workspace"))
    return small_workspace(tmp_path / "workspace", videos=2)  # every attribute has six answers of each kind


def test_it_sees_every_frame_and_learns(workspace, learner):
    learner.look(workspace, NEVER)
    sketch = learner.sketch(workspace)
    assert "labelled pictures of" in sketch.network.title
    assert not sketch.is_starter
    assert len(feature_cache.open_store(workspace).rows) == 12


def test_nothing_new_is_nothing_to_do(workspace, learner, monkeypatch):
    learner.look(workspace, NEVER)
    version = learner.sketch(workspace).version
    learner.look(workspace, NEVER)
    assert learner.sketch(workspace).version == version


def test_labels_are_learned_from_once_they_are_told_of(workspace, learner, client):
    learner.look(workspace, NEVER)
    event = {"id": str(uuid4()), "action": str(uuid4()), "video": 1, "attribute": "error", "first": 0, "last": 3,
             "value": None, "source": "paint"}  # fmt: skip
    body = {"workspace": labelling_api.workspace_id(workspace), "annotator": "Ada", "events": [event]}
    sketch = client.post("/api/labels", json=body).json()["sketch"]
    assert sketch["own"] and sketch["learning"]
    learner.look(workspace, NEVER)
    assert (
        "error" not in learner.sketch(workspace).network.attributes.names
    )  # four of twelve answers are left
    after = client.post("/api/labels", json=body | {"events": []}).json()["sketch"]
    assert not after["learning"] and after["version"] > sketch["version"]


def test_it_suggests_where_there_is_no_run(workspace, learner, client):
    address = "/api/suggestions/1?annotator=Ben"
    assert client.get(address).json()["status"] == "no run"
    learner.look(workspace, NEVER)
    answer = client.get(address).json()
    assert answer["origin"] == "Instant network: 12 labelled pictures of 2 videos, not tested"
    assert [len(answer["probabilities"][name]) for name in answer["attributes"]] == [6, 6, 6, 6]


def test_what_it_sees_is_a_small_picture(workspace, learner, client):
    address = "/api/seen/1/0.jpg?annotator=Ada"
    assert client.get(address).status_code == 404
    learner.look(workspace, NEVER)
    assert client.get(address).content[:2] == b"\xff\xd8"


@pytest.mark.parametrize("reason", ["blind", "gold"])
def test_nothing_of_it_is_shown_where_suggestions_are_withheld(
    workspace, learner, client, monkeypatch, reason
):
    learner.look(workspace, NEVER)
    monkeypatch.setattr(labelling_api.suggesting, "withheld", lambda *_: reason)
    assert client.get("/api/suggestions/1?annotator=Ada").json() == {"status": reason}
    assert client.get("/api/seen/1/0.jpg?annotator=Ada").status_code == 404


def test_damaged_weights_are_said_in_a_sentence(workspace, learner, client, monkeypatch, tmp_path):
    def damaged(*_):
        raise trunk.ModelError("The pretrained weights are damaged.", "Install SeamLens again.")

    monkeypatch.setattr(instant_learning.feature_cache, "add", damaged)
    learner.look(workspace, NEVER)
    assert (
        client.get("/api/suggestions/1?annotator=Ada").json()["status"].startswith("The pretrained weights")
    )


def test_a_starter_that_sees_nothing_says_why(tmp_path, learner, client, monkeypatch):
    made = small_workspace(tmp_path / "unlabelled", labelled=False)
    monkeypatch.setattr(labelling_api, "served_workspace", lambda: made)
    with monkeypatch.context() as patch:
        patch.setattr(
            instant_learning.feature_cache, "add", lambda *_: (_ for _ in ()).throw(OSError(28, "full"))
        )
        learner.look(made, NEVER)
    assert (
        client.get("/api/suggestions/1?annotator=Ada").json()["status"] == f"{instant_learning.FULL} (full)."
    )


def test_a_full_disk_is_said_in_a_sentence(workspace, learner, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(instant_learning.feature_cache, "add", full)
    learner.look(workspace, NEVER)
    assert learner.sketch(workspace).trouble == f"{instant_learning.FULL} (No space left on device)."


def test_what_is_urgent_interrupts_the_rest(workspace, learner, monkeypatch):
    monkeypatch.setattr(instant_learning, "AT_ONCE", 1)
    over = threading.Event()
    over.set()
    learner.look(workspace, over)
    assert len(feature_cache.open_store(workspace).rows) == 0
    learner.look(workspace, NEVER)
    assert len(feature_cache.open_store(workspace).rows) == 12


def test_the_starter_goes_once_there_is_a_sketch(tmp_path, learner):
    made = small_workspace(tmp_path / "new", labelled=False)
    learner.look(made, NEVER)
    sketch = learner.sketch(made)
    assert sketch.is_starter and sketch.network.title.startswith(
        "Starter (rendered seams): the instant network before your first labels"
    )
    rows = pd.DataFrame({"video": VIDEO, "index": range(FRAMES), "good": [True, False] * 3})
    for video in ("seam_b", "seam_c"):
        add_video(made, video_file(made.path / f"{video}.mp4", 99 if video == "seam_b" else 140))
    every = pd.concat([rows.assign(video=video) for video in (VIDEO, "seam_b", "seam_c")])
    record_table(made, "Ada", every)
    learner.look(made, NEVER)
    sketch = learner.sketch(made)
    assert not sketch.is_starter and "labelled pictures of" in sketch.network.title

"""The Test page, on a network that has learned."""

import json
import shutil

import pytest

from core import workspace as workspaces
from core.data.labels import record
from core.model import networks
from core.model.runs import create_run
from core.workspace import Workspace
from tests.model import classroom
from tests.model.conftest import tiny_network, trained  # noqa: F401
from tests.pages.conftest import words


@pytest.fixture
def copied(place, trained) -> Workspace:  # noqa: F811
    shutil.copytree(trained.workspace.path, place)
    return workspaces.open_workspace(place)


def test_the_page_says_that_no_label_began_as_a_suggestion(visit, copied):
    text = words(visit("5_Test.py"))
    assert "None of the labels of these frames began as a suggestion of a network." in text


def test_the_page_says_how_many_labels_began_as_suggestions(visit, copied, trained):  # noqa: F811
    video = trained.frames.loc[trained.frames["part"] == "test", "group"].iloc[0]
    record(copied, "teacher", video, 0, 8, {"spot": True}, "suggestion")
    assert "9 of 36 labels (25 %) began as suggestions of a network" in words(visit("5_Test.py"))


def test_a_leaking_run_is_never_shown_as_one_of_unseen_videos(visit, copied, trained):  # noqa: F811
    file = copied.runs / trained.id / "config.json"
    kept = json.loads(file.read_text("utf-8"))
    kept["leak"] = {"meter": 97.0, "test_frames": 100, "leaking_test_frames": 97}
    file.write_text(json.dumps(kept), "utf-8")
    text = words(visit("5_Test.py"))
    assert "Tested on a leaking split: 97 % of the test frames have a twin in training." in text
    assert "that the network has never seen." not in text


def test_of_classes_the_page_shows_recall_and_confusion(visit, place):
    workspace = classroom.make_classes(place)
    run = create_run(workspace, classroom.quick())
    networks.get_network("tiny").build(2, True, run.size).save(run.model_file)
    text = words(visit("5_Test.py"))
    assert "the most frequent class, is right in 50.0% of the frames." in text
    assert "A row is a class as it is labelled, a column what the network decided" in text


def test_the_page_says_why_there_is_no_interval(visit, copied):
    assert "No interval: too few videos, 1 where 6 are needed." in words(visit("5_Test.py"))


def test_changed_labels_are_told_with_the_numbers_of_now(visit, copied, trained):  # noqa: F811
    visit("5_Test.py")
    video = trained.frames.loc[trained.frames["part"] == "test", "group"].iloc[0]
    record(copied, "teacher", video, 1, 2, {"spot": True})
    text = words(visit("5_Test.py"))
    assert "2 labels have changed since, on 2 of 12 test frames. 2 frames were relabelled" in text
    assert "With the labels of now the accuracy would be: " in text


def test_a_second_run_is_compared_on_the_same_frames(visit, copied, trained):  # noqa: F811
    twin = copied.runs / "twin"
    shutil.copytree(copied.runs / trained.id, twin)
    config = json.loads((twin / "config.json").read_text("utf-8"))
    (twin / "config.json").write_text(json.dumps(config | {"run": "twin"}), "utf-8")
    app = visit("5_Test.py")
    beside = app.selectbox(key="test_beside")
    beside.select(next(name for name in beside.options if name in ("twin", trained.id))).run()
    text = words(app)
    assert "Compared on 12 frames of 1 video that both are tested on." in text
    assert "There is none: both decided alike on every frame." in text

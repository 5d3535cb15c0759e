import json
import shutil

import pytest

from core.events.clips import Evidence
from core.events.detector import Event, EventRule, Reading
from core.events.writer import SessionWriter
from core.media.library import videos
from core.runs.run import Run
from core.workspace import open_workspace
from tests.events.test_send_to_labelling import PICTURE
from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)


@pytest.fixture(scope="module")
def made(trained, tmp_path_factory):
    """A run with a session of a camera: three events, and two frames in doubt."""
    place = tmp_path_factory.mktemp("sessions") / "class"
    shutil.copytree(trained.workspace.path, place)
    run = Run(open_workspace(place), trained.id)
    writer = SessionWriter(run, "camera 0", {"spot": EventRule(0.5, 0.3)}, None)
    for index, spot in enumerate((0.5, 0.01, 0.5)):
        writer.add(PICTURE, Reading(index, float(index), {"clean": 0.99, "spot": spot, "narrow": 0.01}))
    for number in (1, 2, 3):
        writer.write(
            Event(number, "spot", number, number + 0.5, 0.9, number, 10 * number), Evidence(PICTURE, ())
        )
    writer.finish()
    return run


@pytest.fixture
def of_session(seamlens, made, tmp_path):
    """Run ``sessions latest latest …`` on a copy."""
    shutil.copytree(made.workspace.path, tmp_path / "class")
    return lambda *arguments: seamlens("sessions", "latest", *arguments, workspace=tmp_path / "class")


def test_sessions_are_listed(of_session):
    (found,) = json.loads(of_session("--json")[1])
    assert (found["source"], found["events"], found["seam_seconds"]) == (
        "camera 0",
        {"spot": 3, "unfamiliar": 0},
        2.0,
    )


def test_events_are_listed_and_false_alarms_marked_with_who_says_so(of_session):
    table = of_session("latest", "--false-alarm", 1, "--by", "Ada")[1].splitlines()
    assert [line.split()[-1] == "false" for line in table[1:]] == [True, False, False]
    found = json.loads(of_session("latest", "--json")[1])
    assert found["events"][0]["marked_by"] == "Ada"
    assert found["summary"][0]["false_alarms"] == 1
    assert found["summary"][0]["metres"] is None


@pytest.mark.parametrize("other", [("--real", 99), ("--send-back", "3,99"), ("--delete",)])
def test_nothing_is_marked_where_the_rest_is_refused(of_session, other):
    assert of_session("latest", "--false-alarm", 1, *other)[0] == 2
    assert not json.loads(of_session("latest", "--json")[1])["events"][0]["false_alarm"]


def test_a_mark_is_taken_back(of_session):
    of_session("latest", "--false-alarm", 1)
    of_session("latest", "--real", 1)
    assert json.loads(of_session("latest", "--json")[1])["summary"][0]["false_alarms"] == 0


def test_the_feed_counts_for_the_summary(of_session, tmp_path):
    of_session("latest", "--feed", 500, "--summary", tmp_path / "s.csv")
    row = dict(
        zip(*(line.split(",") for line in (tmp_path / "s.csv").read_text().splitlines()[:2]), strict=True)
    )
    assert (row["metres"], row["per_metre"]) == ("1.0", "3.0")  # 2 s at 500 mm per second


def test_the_frames_in_doubt_are_sent_to_labelling_once(of_session, tmp_path):
    found = json.loads(of_session("latest", "--send-back", "doubtful", "--json")[1])
    assert [(one["index"], one["new"]) for one in found] == [(0, True), (2, True)]
    assert "sent before" in of_session("latest", "--send-back", "doubtful")[1]
    (group,) = [v for v in videos(open_workspace(tmp_path / "class")) if v.origin == "live"]
    assert group.frames == 2


def test_the_frames_of_events_are_sent_to_labelling(of_session):
    found = json.loads(of_session("latest", "--send-back", "3,1", "--json")[1])
    assert [one["index"] for one in found] == [30, 10]


@pytest.mark.parametrize(
    "options",
    [
        ("yesterday",),
        ("x" * 300,),
        (".", "--delete", "--yes"),
        ("latest", "--false-alarm", 9),
        ("latest", "--send-back", "9"),
        ("latest", "--delete"),
        ("latest", "--attribute", "hole"),
        ("latest", "--feed", 45, "--summary", "/nonexistent/x.csv"),
        ("latest", "--false-alarm", 1, "--summary", "/"),
        ("--delete", "--yes"),
        ("--send-back", "doubtful"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_changes_nothing(of_session, options):
    before = of_session("--json")[1]
    code, out, error = of_session(*options)
    assert (code, out, error.count("\n")) == (2, "", 1)
    assert of_session("--json")[1] == before


def test_what_is_no_session_is_said_in_one_line(of_session, tmp_path):
    (tmp_path / "session.json").write_text('{"user": "Ada"}')
    code, _, error = of_session(tmp_path, "--delete", "--yes")
    assert (code, error.count("\n")) == (2, 1)
    assert (tmp_path / "session.json").exists()


def test_the_session_in_whose_folder_one_stands_is_deleted(of_session, tmp_path, monkeypatch):
    (folder,) = (tmp_path / "class").glob("runs/*/events/*")
    monkeypatch.chdir(folder)
    assert of_session(".", "--delete", "--yes")[0] == 0
    assert not folder.exists()


def test_a_session_is_deleted_when_that_is_meant(of_session):
    of_session("latest", "--send-back", "doubtful")
    assert of_session("latest", "--delete", "--yes")[0] == 0
    assert json.loads(of_session("--json")[1]) == []

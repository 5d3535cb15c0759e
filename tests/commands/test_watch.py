import json
import sys

import pytest

from tests.helpers.cases import CASES
from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)


@pytest.fixture(scope="module", autouse=True)
def unchecked():
    """What is unfamiliar to a network is tested elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.explain.out_of_distribution.familiar_to", lambda run: None)
        yield


@pytest.fixture
def of_trained(seamlens, trained):
    """Run a command on the workspace of a run that has learned."""
    return lambda *arguments: seamlens(*arguments, workspace=trained.workspace.path)


def test_watching_prints_a_line_per_event_and_keeps_a_session(of_trained, tmp_path):
    code, out, error = of_trained("watch", "latest", "video_0", "--min-length", 0, "--out", tmp_path / "s")
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert {event["attribute"] for event in events} == {"spot"}
    assert len(events) == 4  # every third of 12 frames, a second apart
    assert "12 readings" in error
    assert (tmp_path / "s" / "summary.csv").exists()


def test_what_was_corrected_of_a_film_is_said_once_on_the_other_output(of_trained, tmp_path):
    film = CASES / "interlaced" / "avchd.mp4"
    _, out, error = of_trained("watch", "latest", film, "--until", 0.2, "--readings", "--out", tmp_path / "s")
    assert error.count("It is interlaced: its frames were deinterlaced.") == 1 and "interlaced" not in out
    _, out, error = of_trained("film", "latest", film, "--frames", 1, "--json")
    assert error.count("deinterlaced") == 1 and len(json.loads(out)) > 1


def test_other_attributes_and_thresholds_can_be_asked_for(of_trained, tmp_path):
    options = ("--attributes", "narrow,spot", "--on", "narrow=0.5,spot=1.1", "--min-length", 0)
    _, out, _ = of_trained("watch", "latest", "video_0", *options, "--out", tmp_path / "s")
    assert {json.loads(line)["attribute"] for line in out.splitlines()} == {"narrow"}


def test_readings_are_printed_where_they_are_wanted(of_trained, tmp_path):
    options = ("--readings", "--until", 2, "--out", tmp_path / "s")
    _, out, _ = of_trained("watch", "latest", "video_0", *options)
    assert [json.loads(line)["index"] for line in out.splitlines() if "probabilities" in line] == [0, 1, 2]


@pytest.mark.parametrize(
    "options",
    [
        ("nowhere",),
        ("99999999999",),
        ("x" * 300,),
        ("video_0", "--attributes", "hole"),
        ("video_0", "--on", "0.2", "--off", "0.9"),
        ("video_0", "--on", "clean=0.5"),
        ("video_0", "--on", "hole=0.5"),
        ("video_0", "--min-length", "nan"),
    ],
)
def test_what_cannot_be_watched_is_one_line_and_stores_nothing(of_trained, tmp_path, options):
    code, out, error = of_trained("watch", "latest", *options, "--out", tmp_path / "s")
    assert (code, out, error.count("\n")) == (2, "", 1)
    assert not (tmp_path / "s").exists()


def test_a_number_that_is_none_is_said_in_one_line(of_trained):
    code, _, error = of_trained("watch", "latest", "video_0", "--on", "spot=abc")
    assert (code, error.count("\n")) == (2, 1)
    assert "--on must be a number" in error and ", not spot=abc." in error


def test_all_after_on_event_is_the_command_that_is_run(of_trained, tmp_path):
    code = "import sys; open(sys.argv[-1], 'a').write(sys.stdin.read())"
    command = (sys.executable, "-c", code, "--json", tmp_path / "heard")
    options = ("--min-length", 0, "--out", tmp_path / "s", "--on-event", *command)
    assert of_trained("watch", "latest", "video_0", *options)[0] == 0
    assert '"attribute": "spot"' in (tmp_path / "heard").read_text()


def test_the_feed_is_kept_with_the_session(of_trained, tmp_path):
    of_trained("watch", "latest", "video_0", "--feed", 50, "--out", tmp_path / "s")
    assert json.loads((tmp_path / "s" / "session.json").read_text())["feed"] == 50
    assert "per_metre" in (tmp_path / "s" / "summary.csv").read_text()


def test_a_film_prints_a_line_of_json_per_frame(of_trained):
    lines = of_trained("film", "latest", "video_0", "--json", "--frames", 3)[1].splitlines()
    assert [json.loads(line)["index"] for line in lines] == [0, 1, 2]

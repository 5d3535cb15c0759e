"""The tab Label issues of the Balance page, with networks that were never trained."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.jobs import jobs, series, slots
from core.labels import assignments, corrections
from core.labels.consensus import consensus
from core.runs import run_store as runs
from core.training.create_run import create_run
from core.workspace import Workspace
from tests.helpers import fake_predictions, tiny_class
from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)
from tests.helpers.fake_predictions import judged  # noqa: F401
from tests.pages.conftest import words
from tests.pages.test_review import buttons, press

Open = Callable[..., AppTest]


@pytest.fixture
def tab(visit: Callable[..., AppTest]) -> Open:
    """Return a function that opens the tab as an annotator."""

    def opened(annotator: str = "Eva") -> AppTest:
        app = visit("3_Balance.py", annotator)
        app.session_state["review"] = "Label issues"
        return app.run()

    return opened


@pytest.fixture
def taught(place: Path, tiny_network: None) -> Workspace:
    return tiny_class.make(place)


@pytest.fixture
def doubted(place: Path, judged: Workspace) -> Workspace:  # noqa: F811
    """Three networks doubt a spot, and another frame without one."""
    return fake_predictions.copied(judged, place)


@pytest.fixture
def nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are queued and wait."""
    monkeypatch.setattr(jobs, "enqueue", lambda run, on: run.write_status(state="queued", queued=0))
    monkeypatch.setattr(slots, "advance", lambda workspace: [])


def spot(workspace: Workspace, name: str) -> bool:
    return bool(consensus(workspace).set_index("name").at[name, "spot"])


def test_with_two_videos_it_says_what_is_missing(tab: Open, place: Path, tiny_network: None) -> None:
    tiny_class.make(place, videos=2)
    assert "The label check needs three labelled videos" in words(tab())


def test_at_first_it_says_what_it_does_and_how_long_it_takes(tab: Open, taught: Workspace) -> None:
    run = create_run(taught, tiny_class.quick(network="seam_lite", leaking=True))
    (run.path / "history.csv").write_text("epoch,seconds\n1,30\n")
    app = tab()
    assert "Which labels may be wrong?" in words(app)
    assert "About 40 min, judging by the last training" in words(app)  # five networks of sixteen epochs


@pytest.mark.usefixtures("nothing_starts")
def test_one_button_queues_all_networks(tab: Open, taught: Workspace) -> None:
    app = press(tab(), "Find label issues")
    assert len(series.find(taught, "folds")[0].runs) == 5
    assert "Networks are learning to check the labels" in words(app)
    press(app, "Stop")
    assert {run.state for run in runs.list_runs(taught)} == {"stopped"}


def test_a_check_that_ended_early_can_be_deleted(tab: Open, doubted: Workspace) -> None:
    series.find(doubted, "folds")[0].runs[1].write_status(state="failed", error="The disk is full.")
    app = tab()
    assert "Network 2 of 3 is failed. The disk is full." in words(app)
    assert "Which labels may be wrong?" in words(press(app, "Cancel and delete"))


def test_the_most_doubtful_label_comes_first_with_who_gave_it(tab: Open, doubted: Workspace) -> None:
    app = tab()
    assert "1 of 2, the most doubtful first · video_1, frame 3" in words(app)
    assert "**2 % true**" in words(app)
    assert any("teacher: true" in element.proto.body for element in app.get("html"))


def test_a_corrected_label_goes(tab: Open, doubted: Workspace) -> None:
    app = press(tab(), "Change to spot: false")
    assert spot(doubted, "video_1_3") is False
    assert "1 of 1, the most doubtful first · video_2, frame 4" in words(app)
    assert "Changed since the check: 1 label." in words(app)


@pytest.mark.parametrize(
    ("annotator", "how"), [("Eva", "You decide as Eva"), ("teacher", "It becomes your own label as teacher")]
)
def test_it_says_what_an_answer_is(tab: Open, doubted: Workspace, annotator: str, how: str) -> None:
    assert how in words(tab(annotator))


def test_a_label_that_is_right_does_not_come_again(tab: Open, doubted: Workspace) -> None:
    press(tab(), "The label is right")
    assert corrections.accepted_labels(doubted)["name"].tolist() == ["video_1_3"]
    assert spot(doubted, "video_1_3") is True
    assert "1 of 1, the most doubtful first · video_2, frame 4" in words(tab())


@pytest.mark.parametrize("button", ["Change to spot: false", "The label is right"])
def test_it_can_be_taken_back(tab: Open, doubted: Workspace, button: str) -> None:
    app = press(press(tab(), button), "Take back")
    assert "1 of 2, the most doubtful first · video_1, frame 3" in words(app)
    assert spot(doubted, "video_1_3") is True


def test_without_a_name_there_is_no_button_to_decide(tab: Open, doubted: Workspace) -> None:
    assert "The label is right" not in buttons(tab(""))


def test_a_video_that_is_labelled_blind_shows_nothing(tab: Open, doubted: Workspace) -> None:
    assignments.assign(doubted, ["video_1"], ["Eva"], 1)
    assert "1 of 1, the most doubtful first · video_2, frame 4" in words(tab())


def test_after_a_correction_it_is_told_where_its_gain_is_seen(tab: Open, doubted: Workspace) -> None:
    assert "compare the new run" not in words(tab())
    assert "compare the new run with the one before" in words(press(tab(), "Change to spot: false"))

"""The split gap on the Test page, with networks that were never trained."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.assist import split_gap
from core.jobs import jobs, series, slots
from core.training.create_run import create_run
from core.workspace import Workspace
from tests.helpers import fake_predictions, tiny_class
from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)
from tests.pages.conftest import words
from tests.pages.test_review import press

SPOTS = {(f"video_{v}_{i}", "spot"): 0.1 for v in range(5) for i in (0, 3, 6, 9)}


@pytest.fixture
def taught(place: Path, tiny_network: None) -> Workspace:
    """A workspace with one run, tested, whose network is gone."""
    made = tiny_class.make(place)
    run = create_run(made, tiny_class.quick(leaking=True))
    fake_predictions.foretell(run, {})
    return made


def test_at_first_it_says_what_is_measured(test_page: Callable[..., AppTest], taught: Workspace) -> None:
    assert "near copies of the test frames train the network" in words(test_page(more="Split gap"))


def test_one_button_trains_both_like_the_run(
    test_page: Callable[..., AppTest], taught: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "enqueue", lambda run, on: run.write_status(state="queued", queued=0))
    monkeypatch.setattr(slots, "advance", lambda workspace: [])
    app = press(test_page(more="Split gap"), "Measure the gap")
    made = series.find(taught, "gap")[0].runs
    assert [(run.config.network, run.config.split.by) for run in made] == [
        ("tiny", "video"),
        ("tiny", "random"),
    ]
    assert "training continues" in words(app)


def test_both_accuracies_are_shown_with_the_sentence(
    test_page: Callable[..., AppTest], taught: Workspace
) -> None:
    both = fake_predictions.make(taught, "gap", split_gap.plan(taught, tiny_class.quick()))
    fake_predictions.foretell(both.runs[0], SPOTS)
    app = test_page(more="Split gap")
    assert "A random split would have claimed 100.0 %" in words(app)
    assert app.dataframe[-1].value["Gap, points"].round(1).tolist() == [0.0, 33.3, 0.0]

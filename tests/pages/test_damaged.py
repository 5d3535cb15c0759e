"""A damaged run, an odd name and an unexpected error break nothing else of a page."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.runs.run_names import title
from core.training.create_run import create_run
from tests.helpers import tiny_class
from tests.helpers.page_workspace import small_workspace
from tests.pages.conftest import words
from ui.shell import steps

Visit = Callable[..., AppTest]


def test_a_damaged_run_is_a_line_beside_the_others(place: Path, visit: Visit, tiny_network: None) -> None:
    workspace = tiny_class.make(place)
    whole, hurt = (create_run(workspace, tiny_class.quick(leaking=True)) for _ in range(2))
    (hurt.path / "status.json").write_text("torn")
    app = visit("4_Train.py")
    assert not app.exception and not app.error
    [table] = [each.value for each in app.dataframe if "Run" in each.value and "State" in each.value]
    assert dict(zip(table["Run"], table["State"], strict=True)) == {
        title(whole): "waiting",
        hurt.id: "damaged",
    }


def test_choosing_a_damaged_run_says_what_to_do(place: Path, visit: Visit, tiny_network: None) -> None:
    workspace = tiny_class.make(place)
    hurt = create_run(workspace, tiny_class.quick(leaking=True))
    (hurt.path / "history.csv").write_text("loss\n")
    assert "history.csv cannot be read (it has no column epoch)" in words(visit("5_Test.py"))


def test_a_name_that_cannot_be_one_is_refused_in_words(place: Path, visit: Visit) -> None:
    small_workspace(place)
    app = visit("", "9" * 5000)
    assert "The name of an annotator has 5,000 characters" in words(app)
    assert not app.exception


def test_what_nobody_expected_is_a_sentence_with_a_number_of_the_log(
    place: Path, visit: Visit, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("a secret path")

    small_workspace(place)
    monkeypatch.setattr(steps, "class_figures", fail)
    with caplog.at_level(logging.ERROR, "seamlens"):
        shown = words(visit())
    assert "Something went wrong on this page." in shown and "secret" not in shown
    number = shown.rpartition("log number: ")[2].partition(".")[0]
    assert number in caplog.text and "a secret path" in caplog.text

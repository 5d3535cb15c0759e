"""The section of the Test page about the heatmaps."""

import shutil

import pandas as pd
import pytest

from core import workspace as workspaces
from core.evaluation import evaluate
from core.explain import heatmap_audit
from core.runs.run import Run
from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)
from tests.pages.conftest import words
from ui.test import heatmaps


@pytest.fixture
def run(place, trained):
    shutil.copytree(trained.workspace.path, place)
    made = Run(workspaces.open_workspace(place), trained.id)
    evaluate.test(made)
    return made


def button(app):
    return [b for b in app.button if b.label == "Check the heatmaps"]


def test_the_heatmaps_are_checked_on_a_click_and_the_result_is_kept(test_page, run):
    app = test_page("Trust")
    button(app)[0].click().run()
    assert not app.exception
    assert "On 12 test frames of 1 group, at the layer" in words(app)
    assert heatmap_audit.stored(run)


def test_what_was_checked_is_shown_at_once(test_page, run):
    heatmap_audit.audit(run)
    app = test_page("Trust")
    assert not button(app)
    assert "The seam is estimated" in words(app)
    assert "Nobody has marked where the defects are" in words(app)


def test_shares_as_great_as_that_of_the_picture_are_marked():
    row = pd.Series({"spot": 0.5, "narrow": 0.4, "clean": None, heatmaps.OUTSIDE: 0.5}, dtype=float)
    assert heatmaps.marked(row, ()) == [heatmaps.MARK, "", "", ""]


def test_what_says_that_nothing_is_wrong_anywhere_may_look_everywhere():
    row = pd.Series({"clean": 0.9, "spot": 0.9, heatmaps.OUTSIDE: 0.5})
    assert heatmaps.marked(row, ["clean"]) == ["", heatmaps.MARK, ""]

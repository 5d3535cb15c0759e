"""Thresholds, calibration and mistakes on the Test page, of a run whose predictions are known."""

import shutil

import pytest

from core import workspace as workspaces
from core.evaluation import evaluate, mistakes
from core.labels.consensus import consensus
from core.runs import run_store as runs
from core.training.create_run import create_run
from tests.helpers import tiny_class
from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)
from tests.helpers.fake_predictions import foretell_a_miss
from tests.pages.conftest import words


@pytest.fixture
def run(place, trained):
    """A trained run that misses one spot in each part."""
    shutil.copytree(trained.workspace.path, place)
    made = foretell_a_miss(runs.get_run(workspaces.open_workspace(place), trained.id))
    evaluate.measure(made)
    return made


def press(app, key):
    return app.button(key=key).click().run()


def choose(app, key, value):
    return app.segmented_control(key=key).set_value(value).run()


def test_the_cheapest_threshold_is_stored_and_the_test_follows(test_page, run):
    app = choose(test_page(annotator="Ada", more="Thresholds"), f"threshold_of_{run.id}", "spot")
    app.select_slider(key=f"cost_{run.id}_spot").set_value(10).run()
    app = press(press(app, "cheapest_spot"), "store_spot")
    assert run.thresholds.tolist() == [0.5, 0.3, 0.5]
    assert (run.tuning.log[0].by, run.tuning.log[0].cost) == ("Ada", 10)
    assert "Thresholds were changed once after the test part was seen." in words(app)
    app.session_state["test_tabs"] = "Mistakes"
    assert "There are no mistakes; 12 frames of 1 group were tested." in words(app.run())


def test_the_sliders_show_what_a_threshold_would_do(test_page, run):
    app = choose(test_page(more="Thresholds"), f"threshold_of_{run.id}", "spot")
    assert [metric.value for metric in app.metric] == ["1 of 4", "0 of 8", "87.5 %", "1"]
    app.slider(key=f"threshold_{run.id}_spot").set_value(0.35).run()
    assert [metric.value for metric in app.metric] == ["0 of 4", "0 of 8", "100.0 %", "0"]
    assert not (run.path / "thresholds.json").exists()


def test_calibrating_moves_the_probabilities(test_page, run):
    app = test_page(annotator="Ada", more="Calibration")
    next(button for button in app.button if button.label == "Calibrate").click().run()
    assert run.temperatures[1] != 1
    assert "Temperatures: spot" in words(app)
    assert "The temperature of spot is uncertain: only one decision of 12 is wrong." in words(app)


def test_a_mistake_is_relabelled_in_a_click_and_taken_back(test_page, run):
    app = test_page("Mistakes", "Ada")
    (name,) = mistakes.find_mistakes(run)["name"]
    app = press(app, f"set_{name}_spot")
    assert not consensus(run.workspace).set_index("name").at[name, "spot"]
    assert "now false" in words(app)
    press(app, f"back_{name}_spot")
    assert consensus(run.workspace).set_index("name").at[name, "spot"]


def test_a_mistake_for_which_nothing_speaks_says_so(test_page, run):
    tiny_class.say_always(run, 0.4)
    assert "no evidence: the heatmap is empty" in words(test_page("Mistakes"))


def test_without_a_name_nothing_is_relabelled(test_page, run):
    app = test_page("Mistakes")
    assert "Write your name on the left to relabel." in words(app)
    assert not [button for button in app.button if str(button.key).startswith("set_")]


def test_what_was_relabelled_elsewhere_is_said(test_page, run):
    from core.labels.corrections import correct

    (mistake,) = mistakes.find_mistakes(run).itertuples()
    correct(run.workspace, "teacher", mistake.video, int(mistake.name.rsplit("_", 1)[1]), int(mistake.name.rsplit("_", 1)[1]),
            "spot", False)  # fmt: skip
    assert "relabelled: false" in words(test_page("Mistakes", "Ada"))


def test_classes_have_no_thresholds(test_page, place, tiny_network):
    made = create_run(tiny_class.make_classes(place), tiny_class.quick())
    table = made.frames[made.frames["part"] != "train"].reset_index(drop=True)
    table["plain_probability"], table["dark_probability"] = 0.8, 0.2
    table.to_csv(made.path / "predictions.csv", index=False)
    made.network.build(2, True, made.size).save(made.model_file)
    evaluate.measure(made)
    app = test_page("Mistakes")
    assert "**dark** taken for **plain**" in words(app)
    app.session_state["test_tabs"] = "More"
    assert app.run().segmented_control(key="test_more").options == [
        "Compare",
        "Calibration",
        "Split gap",
        "Export",
    ]

"""Whether pictures show a continuous material, and what follows for the recipe."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from core.inputs import augmentation_preview, material
from core.labels.consensus import consensus
from core.networks.recipe import LONGEST
from core.networks.registry import get_network
from core.runs.settings import TrainSettings
from core.training.create_run import create_run
from core.workspace import open_workspace, set_material
from tests.helpers import tiny_class

SETTINGS = TrainSettings(size=(tiny_class.SIDE, tiny_class.SIDE))


def seam(x: int) -> np.ndarray:
    """A bright line from top to bottom."""
    picture = np.full((64, 64, 3), 90, np.uint8)
    picture[:, x : x + 4] = 200
    return picture


def disc(x: int) -> np.ndarray:
    """A bright thing that touches the lower edge only."""
    return cv2.circle(np.full((64, 64, 3), 90, np.uint8), (x, 63), 12, (200, 200, 200), -1)


def test_a_seam_from_top_to_bottom_looks_alike_at_both_ends():
    assert material.likeness([seam(10), seam(40)]) == pytest.approx(1)


def test_a_thing_at_one_end_only_has_no_likeness():
    assert material.likeness([disc(20), disc(50)]) == 0


def test_a_material_is_cut_recoloured_and_woven():
    kind = get_network("seam_lite").recipe_for(exclusive=False).augmentation
    assert kind.roll and kind.colour and kind.weave


def test_what_is_separate_is_none_of_these():
    kind = get_network("seam_lite").recipe_for(exclusive=False, continuous=False).augmentation
    assert (kind.roll, kind.colour, kind.weave) == (False, 0, 0)
    assert kind.flip


def test_what_is_separate_lies_on_its_side_where_frames_are_square():
    network = get_network("seam_lite")
    assert network.recipe_for(False, continuous=False, square=True).augmentation.quarter
    assert not network.recipe_for(False, continuous=False).augmentation.quarter
    assert not network.recipe_for(False, continuous=True, square=True).augmentation.quarter


def test_the_published_recipe_does_not_depend_on_the_material():
    network = get_network("seam_resnet")
    assert network.recipe_for(False, continuous=False, square=True) == network.recipe


def names(workspace):
    return consensus(workspace)["name"].tolist()


def test_bars_over_the_whole_width_are_separate_things(workspace):
    assert material.material_of(workspace, names(workspace), (32, 32)) == "separate"


def test_a_picture_that_cannot_be_read_is_no_evidence(workspace):
    next(workspace.frames.rglob("video_0_0.jpg")).write_bytes(b"no picture")
    assert material.material_of(workspace, names(workspace), (32, 32)) is None
    recipe, *_ = material.recipe_of(workspace, SETTINGS, False, names(workspace))
    assert recipe.augmentation.roll


@pytest.mark.parametrize(("region", "quarter"), [(None, True), ((0, 0, 1, 0.5), False)])
def test_square_is_what_the_network_sees_of_every_frame(workspace, region, quarter):
    chosen = replace(SETTINGS, region=region)
    recipe, *_ = material.recipe_of(workspace, chosen, False, names(workspace))
    assert recipe.augmentation.quarter is quarter


def test_the_first_training_sets_what_the_pictures_show(workspace):
    create_run(workspace, SETTINGS)
    assert open_workspace(workspace.path).material == "separate"


@pytest.mark.parametrize(("shown", "roll"), [("continuous", True), ("separate", False)])
def test_what_is_set_is_not_looked_for(workspace, monkeypatch, shown, roll):
    monkeypatch.setattr(material, "material_of", lambda *_: pytest.fail("it looked"))
    run = create_run(set_material(workspace, shown), SETTINGS)
    assert run.recipe.augmentation.roll is roll
    assert open_workspace(workspace.path).material == shown


def test_a_run_notes_what_it_left_out(workspace):
    run = create_run(workspace, TrainSettings(size=(tiny_class.SIDE, tiny_class.SIDE)))
    assert not run.recipe.augmentation.roll
    assert any(note.startswith("Trained without cutting, recolouring and weave") for note in run.config.notes)


def test_an_own_recipe_is_taken_as_it_is(workspace):
    recipe = get_network("seam_lite").recipe
    run = create_run(workspace, TrainSettings(size=(tiny_class.SIDE, tiny_class.SIDE), recipe=recipe))
    assert run.recipe == recipe
    assert not run.config.notes


def test_the_page_shows_what_the_run_will_do(workspace):
    assert augmentation_preview.vary(workspace, TrainSettings("seam_lite"), frames=1).kind.roll is False


def test_what_the_user_chose_is_changed_in_the_fitted_recipe(workspace):
    size = (tiny_class.SIDE, tiny_class.SIDE)
    run = create_run(workspace, TrainSettings(size=size, balance=0.5, patience=3))
    assert (run.recipe.balance, run.recipe.patience, run.recipe.augmentation.roll) == (0.5, 3, False)


def test_minutes_without_epochs_leave_the_end_to_the_time():
    recipe = get_network("seam_lite").recipe
    assert TrainSettings(minutes=10).on(recipe).epochs == LONGEST * recipe.epochs
    assert TrainSettings(minutes=10, epochs=3).on(recipe).epochs == 3

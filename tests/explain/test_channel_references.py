"""Evidence beyond the background, on networks whose channels say the colour of a cell: every number can be checked by hand."""

import numpy as np
import pytest

from core.explain import channel_references
from core.explain.channel_references import ChannelReferences, centre, explainer_of, references, spread
from core.explain.gradcam import Explainer
from core.explain.heatmap_audit import audit
from core.media.library import frame_table
from core.networks.backend import keras
from core.training.create_run import create_run
from tests.helpers import tiny_class

layers = keras.layers
WEIGHTS = np.array(
    [[2.0, -1.0], [0.0, 3.0]], np.float32
)  # (channel, attribute): blue speaks for 0, against 1


def colour_network(side=16, outputs=2):
    """Channels 0 and 1 are the mean blue and red of 2x2 pixels; the logits weigh their peaks."""
    picture = keras.Input((side, side, 3), dtype="uint8")
    x = layers.Rescaling(1.0)(picture)
    x = layers.Conv2D(2, 2, strides=2, use_bias=False, activation="relu", name="features")(x)
    x = layers.GlobalMaxPooling2D(name="peak")(x)
    x = layers.Dense(outputs, name="logits")(x)
    model = keras.Model(picture, layers.Activation("sigmoid")(x))
    kernel = np.zeros((2, 2, 3, 2), np.float32)
    kernel[:, :, 0, 0] = kernel[:, :, 2, 1] = 0.25
    model.get_layer("features").set_weights([kernel])
    weights = WEIGHTS if outputs == 2 else np.eye(2, outputs, dtype=np.float32)
    model.get_layer("logits").set_weights([weights, np.zeros(outputs, np.float32)])
    return model


def cloth(box=False):
    """A cloth of blue 40 and red 10, on which a box of one cell has blue 90."""
    picture = np.zeros((1, 16, 16, 3), np.uint8)
    picture[..., 0], picture[..., 2] = 40, 10
    if box:
        picture[0, 6:8, 4:6, 0] = 90  # row 3, column 2
    return picture


def measured(shift=(0.0, 0.0)):
    """Frames without attribute 0 have blue up to 40, frames with 1 as well; red is 10 at most."""
    channels = np.array([[0, 1], [0, 1]], np.int32)
    shifts = np.zeros((2, 2, 2), np.float32)
    shifts[:] = shift
    return ChannelReferences(
        channels, np.array([[40, 10], [40, 10]], np.float32), shifts, np.ones((2, 2), np.float32)
    )


@pytest.fixture(scope="module")
def explainer():
    return Explainer(colour_network(), "features")


def test_only_what_exceeds_the_background_is_evidence_in_logits(explainer):
    maps = explainer.beyond(measured())(cloth(box=True)).maps[0]
    assert maps[3, 2].tolist() == [100, -50]  # (90 - 40) times the weights 2 and -1
    maps[3, 2] = 0
    assert not maps.any()


def test_channels_that_do_not_matter_are_left_out(explainer):
    both = measured((0, 1))
    red = ChannelReferences(both.channels[:, 1:], both.reference[:, 1:], both.shifts[:, 1:], both.full)
    spot = cloth()
    spot[0, 6:8, 4:6] = (90, 0, 60)
    maps = explainer.beyond(red)(spot).maps[0]
    assert maps[3, 3].tolist() == [0, 150]  # (60 - 10) times the weights 0 and 3
    assert np.count_nonzero(maps) == 1


def test_a_frame_without_evidence_has_an_empty_map(explainer):
    assert not explainer.beyond(measured())(cloth()).maps.any()


def test_the_published_map_lights_up_the_cloth(explainer):
    maps = explainer(cloth(box=True)).maps[0, :, :, 0]
    assert maps[3, 2] == pytest.approx(90 * 2 / 64)
    assert maps[0, 0] == pytest.approx(40 * 2 / 64)


def test_probabilities_are_those_of_the_network(explainer):
    assert np.array_equal(
        explainer.beyond(measured())(cloth(True)).probabilities, explainer(cloth(True)).probabilities
    )


@pytest.mark.parametrize(
    ("shift", "cells"),
    [((0, 1), {(3, 3): 100}), ((-1, 0), {(2, 2): 100}), ((0.25, 0), {(3, 2): 75, (4, 2): 25})],
)
def test_evidence_is_moved_to_what_the_channel_responds_to(explainer, shift, cells):
    maps = explainer.beyond(measured(shift))(cloth(box=True)).maps[0, :, :, 0]
    assert {at: maps[at] for at in zip(*map(np.ndarray.tolist, np.nonzero(maps)), strict=True)} == cells


def test_the_reference_is_of_frames_with_the_other_answer():
    peaks = np.array([[1.0], [2], [3], [4], [5], [90], [90]], np.float32)
    targets = np.array([[0.0], [0], [0], [0], [0], [1], [-1]], np.float32)
    assert references(peaks, targets, np.array([[1.0]])).tolist() == [[3]]  # the median of 1 to 5
    assert references(peaks, targets, np.array([[-1.0]])).tolist() == [[90]]  # speaks for false


def test_without_a_frame_of_the_other_answer_all_are_the_background():
    assert references(np.full((4, 1), 7.0), np.ones((4, 1)), np.array([[1.0]])).tolist() == [[7]]


def test_a_receptive_field_has_its_centre_where_its_gradient_is():
    gradient = np.zeros((16, 16, 3))
    gradient[7, 10] = 1  # the middle of this pixel is at 3.75 and 5.25 cells of 2 pixels
    assert centre(gradient, 3, 5, (8, 8)) == (0.25, -0.25)
    assert centre(np.zeros((16, 16, 3)), 3, 5, (8, 8)) is None


def test_a_channel_that_looks_to_its_right_is_measured_so():
    model = colour_network()
    kernel = np.zeros((2, 2, 3, 2), np.float32)
    kernel[:, 1, 0, 0] = 0.5
    model.get_layer("features").set_weights([kernel])
    ((gradient, row, column),) = Explainer(model, "features").receptive_fields(cloth(box=True), 0)
    assert (row, column) == (3, 2)
    assert centre(gradient, row, column, (8, 8)) == (0, 0.25)


def test_frames_are_spread_evenly():
    assert spread(9, 3).tolist() == [0, 4, 8]
    assert spread(2, 5).tolist() == [0, 1]


@pytest.fixture
def peak_run(workspace):
    """A run whose network takes the peaks of the colours."""
    made = create_run(workspace, tiny_class.quick())
    colour_network(tiny_class.SIDE, len(made.attributes)).save(made.model_file)
    return made


def test_a_run_shows_what_exceeds_its_training_frames_and_keeps_what_that_is(peak_run, monkeypatch):
    explainer, note = explainer_of(peak_run)
    assert (explainer.method, note) == ("excess", "")
    monkeypatch.setattr(channel_references, "references", lambda *_: pytest.fail("measured again"))
    again, _ = explainer_of(peak_run)
    assert np.array_equal(again.background.reference, explainer.background.reference)


def test_a_damaged_file_is_measured_again(peak_run):
    explainer_of(peak_run)
    (peak_run.path / channel_references.FILE).write_bytes(b"PK\x03\x04 cut off")
    explainer, note = explainer_of(peak_run)
    assert (explainer.method, note) == ("excess", "")
    assert channel_references.read(peak_run.path / channel_references.FILE, "1 another network") is None


def test_where_frames_are_gone_the_map_is_plain_and_says_so(peak_run):
    for picture in peak_run.workspace.frames.rglob("*.jpg"):
        picture.unlink()
    explainer, note = explainer_of(peak_run)
    assert explainer.method == "gradcam"
    assert note.startswith("The heatmaps are plain Grad-CAM")


def test_a_check_of_heatmaps_says_that_they_are_plain(peak_run):
    table = frame_table(peak_run.workspace).merge(peak_run.frames[["name", "part"]])
    for file in table.loc[table["part"] == "train", "file"]:
        (peak_run.workspace.path / file).unlink()
    assert audit(peak_run).note.startswith("The heatmaps are plain Grad-CAM")


def test_of_a_network_of_means_and_of_another_layer_the_map_is_plain(run, peak_run):
    run.network.build(len(run.attributes), False, run.size).save(run.model_file)
    assert (explainer_of(run)[0].method, explainer_of(run)[1]) == ("gradcam", "")
    assert explainer_of(peak_run, method="gradcam")[0].method == "gradcam"

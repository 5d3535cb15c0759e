import numpy as np
import pytest

from core.errors import RunError
from core.inputs import batches
from core.networks import architectures
from core.networks import registry as networks
from core.networks.backend import keras

NAMES = list(networks.NETWORKS)


def trainable(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def pictures(size, count=2):
    width, height = size
    return np.random.default_rng(1).integers(0, 256, (count, height, width, 3), dtype=np.uint8)


def test_seam_resnet_is_the_published_one():
    model = networks.get_network("seam_resnet").build(4)
    assert model.count_params() == 3_409_552
    assert trainable(model) == 3_404_810


def test_fruit_convnet_is_the_published_one():
    assert networks.get_network("fruit_convnet").build(3, exclusive=True).count_params() == 693_859


def test_seam_lite_is_small():
    assert 100_000 < networks.get_network("seam_lite").build(4).count_params() < 350_000


def test_summary():
    assert networks.summary()["seam_resnet"] == {
        "parameters": 3_409_552, "input": [100, 100, 3], "multiply_adds": 5_587_876_864, "weights_mb": 13.638
    }  # fmt: skip


def test_multiply_adds_of_the_fruit_network_by_hand():
    # positions x filters x 3x3 x channels, pooled to 50, 25 and 12 pixels a side; then 6x6x128 -> 128 -> 3
    convolutions = 100**2 * 32 * 9 * 3 + 50**2 * 32 * 9 * 32 + 25**2 * 64 * 9 * 32 + 12**2 * 128 * 9 * 64
    dense = 6 * 6 * 128 * 128 + 128 * 3
    assert networks.summary()["fruit_convnet"]["multiply_adds"] == convolutions + dense


@pytest.mark.parametrize("name", NAMES)
def test_what_the_page_says_of_a_network_is_so(name):
    network = networks.get_network(name)
    model = network.build(network.outputs, network.exclusive)
    assert model.count_params() == network.parameters
    assert architectures.multiply_adds(model) == network.multiply_adds


@pytest.mark.parametrize(("exclusive", "activation"), [(False, "sigmoid"), (True, "softmax")])
@pytest.mark.parametrize("name", NAMES)
def test_classes_exclude_each_other_and_attributes_do_not(name, exclusive, activation):
    model = networks.get_network(name).build(3, exclusive, (32, 32))
    assert model.get_layer("probabilities").activation.__name__ == activation
    assert model.get_layer("logits").activation.__name__ == "linear"


@pytest.mark.parametrize("name", NAMES)
def test_raw_pictures_in_probabilities_out(name):
    model = networks.get_network(name).build(5, size=(64, 96))
    assert model.input_shape == (None, 96, 64, 3)
    assert model.input.dtype == "uint8"
    probabilities = model(pictures((64, 96))).numpy()
    assert probabilities.shape == (2, 5)
    assert ((probabilities >= 0) & (probabilities <= 1)).all()


@pytest.mark.parametrize("name", NAMES)
def test_last_layers_and_target_are_known_by_name(name):
    network = networks.get_network(name)
    model = network.build(4, exclusive=True)
    assert [layer.name for layer in model.layers[-2:]] == ["logits", "probabilities"]
    assert len(model.get_layer(network.target).output.shape) == 4
    assert model(pictures(network.size)).numpy().sum(axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_saved_and_loaded_is_the_same(name, tmp_path):
    network = networks.get_network(name)
    model = network.build(4)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", compile=False)
    frames = pictures(network.size)
    assert np.array_equal(model(frames).numpy(), loaded(frames).numpy())


@pytest.mark.parametrize("name", NAMES)
def test_a_constant_picture_is_no_accident(name):
    network = networks.get_network(name)
    width, height = network.size
    probabilities = network.build(4)(np.full((1, height, width, 3), 90, np.uint8)).numpy()
    assert np.isfinite(probabilities).all()


def test_seam_lite_heatmap_has_sixteen_cells_a_side():
    network = networks.get_network("seam_lite")
    assert network.build(4).get_layer(network.target).output.shape[1:3] == (16, 16)


def test_unknown_network_names_the_known_ones():
    with pytest.raises(RunError, match="seam_resnet"):
        networks.get_network("resnet")


@pytest.mark.parametrize(
    ("chosen", "labelled", "exclusive", "is_recommended"),
    [
        ("seam_lite", 100, False, True),
        ("seam_pretrained", 100, False, False),
        ("seam_lite", 2000, False, False),
        ("fruit_convnet", 100, True, False),
    ],
)
def test_a_pretrained_network_is_recommended_for_few_labels(chosen, labelled, exclusive, is_recommended):
    sentence = networks.recommendation(chosen, labelled, exclusive)
    assert ("seam_pretrained" in sentence) == is_recommended


@pytest.mark.parametrize(("frames", "steps"), [(20, 30), (100, 30), (101, 60), (2500, 60), (15_000, 120)])
def test_a_pretrained_network_takes_its_steps_by_the_number_of_frames(frames, steps):
    recipe = networks.get_network("seam_pretrained").recipe_for(exclusive=False, frames=frames)
    assert batches.steps_per_epoch(frames, recipe) == steps

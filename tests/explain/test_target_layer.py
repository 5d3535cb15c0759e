import numpy as np
import pytest

from core.errors import ModelError
from core.explain.gradcam import Explainer
from core.explain.heatmap import display
from core.explain.target_layer import cut
from core.networks import registry as networks
from core.networks.backend import keras, tf

layers = keras.layers
PICTURES = np.random.default_rng(3).integers(0, 256, (3, 24, 16, 3), dtype=np.uint8)


def network(head, last="sigmoid", outputs=2):
    """A small backbone with the layer ``features``, and a head that a test names."""
    keras.utils.set_random_seed(8)
    picture = keras.Input((24, 16, 3), dtype="uint8")
    x = layers.Rescaling(1 / 255)(picture)
    x = layers.Conv2D(5, 3, strides=2, padding="same", activation="relu", name="features")(x)
    model = keras.Model(picture, layers.Dense(outputs, activation=last, name="end")(head(x)))
    for weight in model.weights:
        weight.assign(weight + np.random.default_rng(1).normal(0, 0.2, weight.shape))
    return model


def normalised(pool):
    return layers.BatchNormalization()(pool)


HEADS = {
    "average": lambda x: layers.GlobalAveragePooling2D()(x),
    "maximum": lambda x: layers.GlobalMaxPooling2D()(x),
    "both, normalised": lambda x: layers.Concatenate()(
        [normalised(layers.GlobalAveragePooling2D()(x)), normalised(layers.GlobalMaxPooling2D()(x))]
    ),
    "pooled twice": lambda x: layers.Flatten()(
        layers.MaxPooling2D(3, 2)(normalised(layers.AveragePooling2D(2, padding="same")(x)))
    ),
    "flattened": lambda x: layers.Flatten()(layers.Dropout(0.5)(x)),
    "one dense layer more": lambda x: layers.Dense(4)(layers.GlobalMaxPooling2D()(x)),
}


def textbook(model, target, pictures, output="end"):
    """One gradient tape per picture and attribute, of the logit behind the last layer's activation."""
    end = model.get_layer(output)
    both = keras.Model(model.input, [model.get_layer(target).output, end.input])
    maps = np.zeros((len(pictures), *model.get_layer(target).output.shape[1:3], model.output_shape[-1]))
    for n, a in np.ndindex(len(pictures), maps.shape[-1]):
        with tf.GradientTape() as tape:
            features, x = both(pictures[n : n + 1], training=False)
            logit = (tf.matmul(x, end.kernel) + end.bias)[0, a]
        weights = tf.reduce_mean(tape.gradient(logit, features), axis=(0, 1, 2))
        maps[n, ..., a] = tf.reduce_sum(features[0] * weights, axis=-1)
    return maps


def shown(maps):
    return np.stack([display(m) for picture in maps for m in np.moveaxis(picture, -1, 0)])


@pytest.mark.parametrize("head", HEADS)
def test_a_linear_head_has_constant_gradients_which_give_the_textbook_map(head):
    model = network(HEADS[head])
    assert cut(model, "features").is_linear
    found = Explainer(model, "features")(PICTURES)
    assert np.allclose(shown(found.maps), shown(textbook(model, "features", PICTURES)), atol=1e-4)
    assert np.allclose(found.probabilities, model(PICTURES), atol=1e-5)


def test_a_hidden_layer_is_differentiated_for_each_picture():
    model = network(lambda x: layers.Dense(6, activation="relu")(layers.Flatten()(x)))
    assert not cut(model).is_linear
    found = Explainer(model)(PICTURES)
    assert np.allclose(shown(found.maps), shown(textbook(model, "features", PICTURES)), atol=1e-4)


@pytest.mark.parametrize("name", networks.NETWORKS)
def test_the_rule_finds_the_targets_of_our_networks(name):
    known = networks.get_network(name)
    assert cut(known.build(2, size=(64, 48))).target == known.target


def test_logits_are_taken_for_sigmoids_and_on_request_for_a_softmax():
    model = network(HEADS["average"], last="linear")
    each, one_of = Explainer(model), Explainer(model, exclusive=True)
    assert (each.exclusive, one_of.exclusive) == (False, True)
    assert each(PICTURES).probabilities == pytest.approx(tf.sigmoid(model(PICTURES)).numpy(), abs=1e-5)
    assert one_of(PICTURES).probabilities == pytest.approx(tf.nn.softmax(model(PICTURES)).numpy(), abs=1e-5)


@pytest.mark.parametrize(("last", "assumed"), [("linear", True), ("sigmoid", False), ("softmax", False)])
def test_it_is_known_whether_the_network_says_how_it_ends(last, assumed):
    assert Explainer(network(HEADS["average"], last=last)).is_assumed == assumed


def test_sigmoids_do_not_exclude_each_other():
    with pytest.raises(ModelError, match="ends in sigmoid do not exclude"):
        cut(network(HEADS["average"]), exclusive=True)


def test_the_signed_map_and_the_bias_sum_to_the_logit():
    model = network(HEADS["average"], last="linear")
    summed = Explainer(model)(PICTURES).maps.sum(axis=(1, 2))
    assert np.allclose(summed + model.get_layer("end").bias, model(PICTURES), atol=1e-4)


@pytest.mark.parametrize("head", ["average", "maximum"])
def test_by_position_the_map_and_the_bias_sum_to_the_logit_also_behind_a_maximum(head):
    model = network(HEADS[head], last="linear")
    summed = Explainer(model, method="hirescam")(PICTURES).maps.sum(axis=(1, 2))
    assert np.allclose(summed + model.get_layer("end").bias, model(PICTURES), atol=1e-4)


def test_behind_a_mean_both_methods_are_the_same():
    model = network(HEADS["average"])
    one, other = (Explainer(model, method=method)(PICTURES).maps for method in ("gradcam", "hirescam"))
    assert np.allclose(one, other, atol=1e-5)


def test_a_batch_is_explained_like_its_pictures():
    explainer = Explainer(network(HEADS["both, normalised"]))
    together = explainer(PICTURES).maps
    alone = np.concatenate([explainer(PICTURES[n : n + 1]).maps for n in range(3)])
    assert np.allclose(together, alone, atol=1e-5)


def test_a_saturated_probability_keeps_its_map():
    model = network(HEADS["average"])
    before = Explainer(model)(PICTURES).maps
    model.get_layer("end").bias.assign([60.0, -60.0])
    after = Explainer(model)(PICTURES)
    assert after.probabilities[0].tolist() == pytest.approx([1, 0])
    assert np.allclose(after.maps, before, atol=1e-6) and before.any()


def test_a_nested_network_is_followed():
    inner = keras.Sequential(
        [
            keras.Input((24, 16, 3)),
            layers.Conv2D(4, 3, name="deep", activation="relu"),
            layers.MaxPooling2D(2),
        ]
    )
    picture = keras.Input((24, 16, 3))
    x = layers.GlobalAveragePooling2D()(inner(layers.Rescaling(1 / 255)(picture)))
    nested = keras.Model(picture, layers.Dense(2, activation="softmax", name="end")(x))
    flat = keras.Sequential(
        [keras.Input((24, 16, 3)), layers.Rescaling(1 / 255), *inner.layers, *nested.layers[-2:]]
    )
    explainer = Explainer(nested)
    assert (explainer.target, explainer.exclusive) == ("deep", True)
    assert explainer(PICTURES).maps.shape[1:3] == (22, 14)
    assert np.allclose(explainer(PICTURES).maps, Explainer(flat)(PICTURES).maps, atol=1e-6)


def test_a_functional_network_in_another_is_followed():
    """As an application of Keras is used, with a branch inside and a maximum behind."""
    entry = keras.Input((24, 16, 3))
    x = layers.Conv2D(4, 3, padding="same", name="first")(entry)
    x = layers.Add(name="sum")([x, layers.Conv2D(4, 1, activation="relu", name="side")(x)])
    base = keras.Model(entry, layers.ReLU(name="last")(x))
    picture = keras.Input((24, 16, 3))
    pooled = layers.GlobalMaxPooling2D()(base(layers.Rescaling(1 / 255)(picture), training=False))
    model = keras.Model(picture, layers.Dense(2, activation="sigmoid", name="end")(pooled))
    explainer = Explainer(model)
    assert explainer.target == "last"
    found = explainer(PICTURES)
    features = base(PICTURES / 255.0).numpy()
    kernel = model.get_layer("end").kernel.numpy()
    assert np.allclose(found.maps, features @ kernel / (24 * 16), atol=1e-5)
    assert np.allclose(found.probabilities, model(PICTURES), atol=1e-5)


def test_another_layer_can_be_chosen():
    known = networks.get_network("fruit_convnet")
    explainer = Explainer(known.build(2, size=(64, 48)), "norm3")
    assert explainer(np.zeros((1, 48, 64, 3), np.uint8)).maps.shape[1:3] == (12, 16)


def test_an_unknown_layer_is_answered_with_those_that_fit():
    with pytest.raises(ModelError, match=r"has no layer conv99\. Choose one of: features"):
        Explainer(network(HEADS["average"]), "conv99")


def test_a_grid_of_one_cell_is_no_target():
    model = network(lambda x: layers.Flatten()(layers.Conv2D(3, (12, 8), name="one_cell")(x)))
    assert cut(model).target == "features"
    with pytest.raises(ModelError, match="more than one cell"):
        cut(model, "one_cell")


def test_convolutions_of_one_cell_only_are_named():
    model = keras.Sequential(
        [
            keras.Input((24, 16, 3)),
            layers.Conv2D(3, (24, 16)),
            layers.Flatten(),
            layers.Dense(2, activation="sigmoid"),
        ]
    )
    with pytest.raises(
        ModelError, match="No convolution of this network has an output of more than one cell"
    ):
        Explainer(model)


def test_without_a_convolution_there_is_no_heatmap():
    model = keras.Sequential(
        [keras.Input((24, 16, 3)), layers.Flatten(), layers.Dense(2, activation="sigmoid")]
    )
    with pytest.raises(ModelError, match="has no convolution"):
        Explainer(model)


def test_a_layer_that_is_passed_by_is_no_target():
    def two_ways(x):
        y = layers.Conv2D(3, 3, name="aside")(x)
        return layers.Concatenate()([layers.GlobalMaxPooling2D()(x), layers.GlobalMaxPooling2D()(y)])

    model = network(two_ways)
    assert cut(model).target == "features"
    with pytest.raises(ModelError, match="through which everything passes"):
        cut(model, "aside")


def test_an_end_without_probabilities_is_refused():
    with pytest.raises(ModelError, match="ends in the layer end"):
        Explainer(network(HEADS["average"], last="tanh"))

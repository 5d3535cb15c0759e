import numpy as np
import pytest

from core.explain.gradcam import Explainer, log_odds_gradients
from core.explain.heatmap import METHODS, display
from core.networks import registry as networks
from core.networks.backend import keras, tf

NAMES = list(networks.NETWORKS)


def network_and_model(name, exclusive=False):
    network = networks.get_network(name)
    model = network.build(3, exclusive, size=(64, 48))
    rng = np.random.default_rng(5)
    for weight in model.weights:  # none at its start value: a scale of zero would hide a whole branch
        weight.assign(weight + rng.uniform(0, 0.05, weight.shape))
    return network, model


def frames(count=2):
    return np.random.default_rng(2).integers(0, 256, (count, 48, 64, 3), dtype=np.uint8)


def plain_gradcam(model, target, output, pictures):
    """The textbook: one whole pass per attribute, one picture at a time."""
    both = keras.Model(model.input, [model.get_layer(target).output, model.get_layer(output).output])
    maps = []
    for picture in pictures:
        per_attribute = []
        for attribute in range(model.output_shape[-1]):
            with tf.GradientTape() as tape:
                features, scores = both(picture[None], training=False)
                score = scores[0, attribute]
            weights = tf.reduce_mean(tape.gradient(score, features)[0], axis=(0, 1))
            per_attribute.append(tf.reduce_sum(features[0] * weights, axis=-1).numpy())
        maps.append(np.stack(per_attribute, axis=-1))
    return np.stack(maps)


@pytest.mark.parametrize("name", NAMES)
def test_equals_the_textbook(name):
    network, model = network_and_model(name)
    found = Explainer(model, network.target)(frames())
    expected = plain_gradcam(model, network.target, "logits", frames())
    assert np.abs(found.maps - expected).max() <= 1e-4 * np.abs(expected).max()
    assert np.allclose(found.probabilities, model(frames()).numpy(), atol=1e-6)


def test_classes_equal_the_published_map_of_the_probability():
    network, model = network_and_model("fruit_convnet", exclusive=True)
    logits = keras.Model(model.input, model.get_layer("logits").output)(frames())
    kernel = model.get_layer("logits").kernel
    kernel.assign(kernel / tf.reduce_max(tf.abs(logits)))  # near 0 and 1 the published gradient vanishes
    found = Explainer(model, network.target)(frames())
    expected = plain_gradcam(model, network.target, "probabilities", frames())
    assert found.probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    for picture in range(2):
        for attribute in range(3):
            ours, theirs = (display(maps[picture, :, :, attribute]) for maps in (found.maps, expected))
            assert np.allclose(ours, theirs, atol=1e-3)


def test_maps_of_a_mean_and_dense_head_sum_to_the_logit():
    picture = keras.Input((48, 64, 3), dtype="uint8")
    x = keras.layers.Rescaling(1 / 255)(picture)
    x = keras.layers.Conv2D(8, 5, strides=4, activation="relu", name="features")(x)
    x = keras.layers.BatchNormalization(name="norm")(keras.layers.GlobalAveragePooling2D()(x))
    logits = keras.layers.Dense(3, name="logits", bias_initializer="ones")(x)
    model = keras.Model(picture, keras.layers.Activation("sigmoid", name="probabilities")(logits))
    found = Explainer(model, "features")(frames())
    expected = keras.Model(picture, logits)(frames()).numpy()
    # A new BatchNorm shifts nothing, so that what is left is the bias.
    assert np.allclose(found.maps.sum(axis=(1, 2)) + 1, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("head", ["mean", "dense"])
@pytest.mark.parametrize("last", ["sigmoid", "softmax"])
def test_a_network_of_mixed_precision_is_explained_in_whole_floats(method, head, last):
    """Its maps are those of the same weights in float32, but for what half floats cannot say."""
    half, whole = (small_network(policy, head, last) for policy in ("mixed_float16", "float32"))
    whole.set_weights(half.get_weights())
    found, expected = (Explainer(model, method=method)(frames()) for model in (half, whole))
    assert (found.probabilities.dtype, found.maps.dtype, found.signatures.dtype) == (np.float32,) * 3
    assert found.probabilities == pytest.approx(expected.probabilities, abs=2e-3)
    assert np.abs(found.maps - expected.maps).max() <= 1e-2 * np.abs(expected.maps).max()


def small_network(policy, head, last):
    """A network whose head is linear (the mean of each channel) or not (a dense layer more), of a policy of precision."""
    keras.utils.set_random_seed(3)
    layers = keras.layers
    picture = keras.Input((48, 64, 3))
    x = layers.Rescaling(1 / 255, dtype=policy)(picture)
    x = layers.Conv2D(8, 3, strides=4, activation="relu", dtype=policy)(x)
    x = layers.GlobalAveragePooling2D(dtype=policy)(x)
    if head == "dense":
        x = layers.Dense(6, "relu", dtype=policy)(x)
    return keras.Model(picture, layers.Dense(3, last, dtype=policy)(x))


def test_log_odds_have_the_gradients_of_their_formula():
    logits = tf.constant([[0.3, -2.0, 1.1]])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        p = tf.nn.softmax(logits)
        odds = tf.math.log(p / (1 - p))
    assert np.allclose(log_odds_gradients(logits), tape.batch_jacobian(odds, logits), atol=1e-5)


def test_display_keeps_what_speaks_for_it():
    shown = display(np.array([[-3.0, 1.0], [2.0, 0.0]]))
    assert shown.tolist() == [[0, 0.5], [1, 0]]


def test_on_a_measured_scale_weak_evidence_is_faint():
    shown = display(np.array([[-3.0, 0.2], [2.12, 8.0]]), full=4.0)
    assert shown.ravel().tolist() == pytest.approx([0, 0, 0.5, 1])  # (0.53 - 0.06) / 0.94; 0.05 is nothing


def test_no_evidence_is_an_empty_map():
    assert not display(np.array([[-3.0, -1.0], [0.0, -0.1]])).any()
    assert not display(np.zeros((4, 4))).any()

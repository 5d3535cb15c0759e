"""Heatmaps: what they cost beside the bare network, and beside other ways to the same maps. One frame, four attributes.

- over_forward: probabilities and all heatmaps, beyond a background where the network takes peaks, over a compiled forward
  pass that gives the probabilities alone.
- times_published: model.predict and then a gradient tape per attribute, not compiled, over ours.
- times_tf_keras_vis: tf-keras-vis' Gradcam, called per attribute, over ours; null where it is not installed.
- over_lite, over_resnet: probabilities and all heatmaps of seam_pretrained at its own size, over the compiled forward
  pass of seam_lite and of seam_resnet at 100x100. Bars: at most 1.5 and 0.10.
"""

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np

from benchmarks.harness import main, medians
from core.explain.channel_references import CHANNELS, ChannelReferences
from core.explain.gradcam import Explainer
from core.networks import architectures
from core.networks import registry as networks
from core.networks.backend import keras, tf

NETWORKS = ("seam_lite", "seam_resnet", "seam_pretrained")
ATTRIBUTES = 4
SIZE = (100, 100)
QUICK = 30  # calls a round of the sides that take a few milliseconds


def published(model: keras.Model, target: str, picture: np.ndarray) -> list[np.ndarray]:
    """Predict, then one gradient tape per attribute, as the paper describes it."""
    model.predict(picture, verbose=0)
    both = keras.Model(model.input, [model.get_layer(target).output, model.get_layer("logits").output])
    return tape_heatmaps(both, picture, ATTRIBUTES)


def tape_heatmaps(model: keras.Model, picture: np.ndarray, attributes: int) -> list[np.ndarray]:
    """Return the heatmap (1, h, w) of each attribute, from a model of two outputs: features and scores."""
    return [_tape_heatmap(model, picture, attribute) for attribute in range(attributes)]


def _tape_heatmap(model: keras.Model, picture: np.ndarray, attribute: int) -> np.ndarray:
    with tf.GradientTape() as tape:
        features, scores = model(picture, training=False)
        score = scores[:, attribute]
    weights = tf.reduce_mean(tape.gradient(score, features), axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(features * weights, axis=-1)).numpy()


def tf_keras_vis(model: keras.Model, target: str) -> Callable[[np.ndarray], object]:
    """Return a function that computes the maps of all attributes by tf-keras-vis (MIT)."""
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.utils.scores import CategoricalScore

    # It follows the gradient from the picture on, and whole numbers have none.
    real = keras.Input(model.input_shape[1:], dtype="float32")
    logits = architectures.logits_model(model)
    twin = keras.models.clone_model(logits, input_tensors=real)
    twin.set_weights(logits.get_weights())
    gradcam = Gradcam(twin, clone=False)
    return lambda picture: [
        gradcam(CategoricalScore(a), picture.astype(np.float32), penultimate_layer=target)
        for a in range(ATTRIBUTES)
    ]


def as_drawn(explainer: Explainer) -> Explainer:
    """Return an explainer whose maps cost what those of a run cost: beyond a background, as far as there can be one."""
    if not explainer.takes_peaks:
        return explainer
    attributes, channels = explainer.weights.shape
    chosen = np.tile(np.arange(min(channels, CHANNELS), dtype=np.int32), (attributes, 1))
    shifts = np.random.default_rng(2).uniform(-1, 1, (*chosen.shape, 2)).astype(np.float32)
    full = np.ones((attributes, 2), np.float32)
    return explainer.beyond(ChannelReferences(chosen, np.full(chosen.shape, 0.1, np.float32), shifts, full))


class Side:
    """A network with random weights, a picture, and two ways to look at it: the bare forward pass, and ours with all heatmaps.

    Args:
        name: of the network.
    """

    def __init__(self, name: str) -> None:
        network = networks.get_network(name)
        width, height = network.size if network.is_pretrained else SIZE
        self.model, self.target = network.build(ATTRIBUTES, size=(width, height)), network.target
        self.picture = np.random.default_rng(1).integers(0, 256, (1, height, width, 3), dtype=np.uint8)
        self._explainer = as_drawn(Explainer(self.model, self.target))
        signature = [tf.TensorSpec(self.model.input_shape, tf.uint8)]
        self._bare = tf.function(
            lambda x: self.model(x, training=False), input_signature=signature, autograph=False
        )

    def forward(self) -> np.ndarray:
        return self._bare(self.picture).numpy()

    def ours(self) -> object:
        return self._explainer(self.picture)


def compare(side: Side, rounds: int) -> dict[str, float | None]:
    """Return the figures of one network."""
    forward, ours = medians(QUICK * rounds, side.forward, side.ours)
    sides = [side.ours, lambda: published(side.model, side.target, side.picture)]
    if find_spec("tf_keras_vis"):
        vis = tf_keras_vis(side.model, side.target)
        sides.append(lambda: vis(side.picture))
    beside, *slow = medians(rounds, *sides)
    times = [seconds / beside for seconds in slow]
    return {
        "over_forward": ours / forward,
        "times_published": times[0],
        "times_tf_keras_vis": times[1] if times[1:] else None,
        "forward_ms": 1e3 * forward,
        "ours_ms": 1e3 * ours,
    }


def measure(rounds: int) -> dict[str, dict[str, float | None]]:
    """Return the figures by network, and of seam_pretrained beside the others."""
    sides = {name: Side(name) for name in NETWORKS}
    figures = {name: compare(side, rounds) for name, side in sides.items()}
    lite, resnet, pretrained = (sides[name] for name in NETWORKS)
    ours, of_lite, of_resnet = medians(QUICK * rounds, pretrained.ours, lite.forward, resnet.forward)
    return figures | {
        "seam_pretrained beside": {"over_lite": ours / of_lite, "over_resnet": ours / of_resnet}
    }


if __name__ == "__main__":
    main(__doc__, measure)

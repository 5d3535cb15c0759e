"""Heatmaps: what they cost beside the bare network, and beside other ways to the same maps. One frame, four attributes.

- over_forward: probabilities and all heatmaps over a compiled forward pass that gives the probabilities alone.
- times_published: model.predict and then a gradient tape per attribute, not compiled, over ours.
- times_tf_keras_vis: tf-keras-vis' Gradcam, called per attribute, over ours; null where it is not installed.

python -m benchmarks.gradcam [--json] [--rounds N]
"""

import argparse
import json
import statistics
from collections.abc import Callable
from importlib.util import find_spec
from time import perf_counter

import numpy as np

from core.explain.gradcam import Explainer
from core.networks import architectures
from core.networks import registry as networks
from core.networks.backend import keras, tf

NETWORKS = ("seam_lite", "seam_resnet")
ATTRIBUTES = 4
SIZE = (100, 100)
QUICK = 30  # calls of the two quick sides a round, in turn
SLOW = 1  # calls of the two slow sides a round


def published(model: keras.Model, target: str, picture: np.ndarray) -> list[np.ndarray]:
    """Predict, then one gradient tape per attribute, as the paper describes it."""
    model.predict(picture, verbose=0)
    both = keras.Model(model.input, [model.get_layer(target).output, model.get_layer("logits").output])
    return [_taped(both, picture, attribute) for attribute in range(ATTRIBUTES)]


def _taped(both: keras.Model, picture: np.ndarray, attribute: int) -> np.ndarray:
    with tf.GradientTape() as tape:
        features, logits = both(picture, training=False)
        logit = logits[:, attribute]
    weights = tf.reduce_mean(tape.gradient(logit, features), axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(features * weights, axis=-1)).numpy()


def tf_keras_vis(model: keras.Model, target: str) -> Callable[[np.ndarray], object] | None:
    """Return the maps of all attributes by tf-keras-vis (MIT); none where it is not installed."""
    if find_spec("tf_keras_vis") is None:
        return None
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


def in_turn(rounds: int, sides: dict[str, tuple[Callable[[], object], int]]) -> dict[str, float]:
    """Return the median seconds of a call of each side; in each round a side is called as often as it says, and the
    sides take turns call by call, so that what else the machine does falls on all alike.
    """
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for work, _ in sides.values():
        work()
    for _ in range(rounds):
        for call in range(max(calls for _, calls in sides.values())):
            for name, (work, calls) in sides.items():
                if call < calls:
                    start = perf_counter()
                    work()
                    taken[name].append(perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def compare(name: str, rounds: int) -> dict[str, float | None]:
    """Return the figures of one network with random weights."""
    network = networks.get_network(name)
    model = network.build(ATTRIBUTES, size=SIZE)
    picture = np.random.default_rng(1).integers(0, 256, (1, SIZE[1], SIZE[0], 3), dtype=np.uint8)
    explainer = Explainer(model, network.target)
    signature = [tf.TensorSpec(model.input_shape, tf.uint8)]
    bare = tf.function(lambda x: model(x, training=False), input_signature=signature, autograph=False)
    quick = in_turn(
        rounds, {"bare": (lambda: bare(picture).numpy(), QUICK), "ours": (lambda: explainer(picture), QUICK)}
    )
    sides: dict[str, tuple[Callable[[], object], int]] = {
        "ours": (lambda: explainer(picture), SLOW),
        "published": (lambda: published(model, network.target, picture), SLOW),
    }
    other = tf_keras_vis(model, network.target)
    if other is not None:
        sides["tf_keras_vis"] = (lambda: other(picture), SLOW)
    slow = in_turn(rounds, sides)
    return _figures(quick, slow)


def _figures(quick: dict[str, float], slow: dict[str, float]) -> dict[str, float | None]:
    vis = slow.get("tf_keras_vis")
    return {
        "over_forward": quick["ours"] / quick["bare"],
        "times_published": slow["published"] / slow["ours"],
        "times_tf_keras_vis": vis / slow["ours"] if vis else None,
        "forward_ms": 1e3 * quick["bare"],
        "ours_ms": 1e3 * quick["ours"],
    }


def main() -> None:
    """Print a line per network, or one JSON object by network."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=5, help="of which medians are taken (default: 5)")
    choice = parser.parse_args()
    found = {name: compare(name, choice.rounds) for name in NETWORKS}
    if choice.json:
        print(json.dumps(found))
        return
    for name, figures in found.items():
        said = (f"{key} {'none' if value is None else f'{value:.4g}'}" for key, value in figures.items())
        print(f"{name:12} {'  '.join(said)}")


if __name__ == "__main__":
    main()

"""How a pretrained network begins: with the weights of its trunk, and a head that is learned in seconds."""

import numpy as np

from core.attributes import AttributeSet
from core.files import Progress
from core.inputs.augmentation import augment
from core.inputs.batches import Part
from core.networks.augmentation_settings import Augmentation
from core.networks.backend import keras, tf
from core.networks.pretrained.head import fit_head
from core.networks.pretrained.starter_head import base_for
from core.networks.pretrained.trunk import set_weights
from core.networks.recipe import Recipe

VIEWS = 8
"""Times that each frame is looked at: as it is, and varied, see :func:`_variation`."""

MOST = 4000
"""Pictures after which frames are looked at fewer times; each once at least."""

TOGETHER = 64
"""Pictures that the trunk sees at once."""


def begin(
    network: keras.Model,
    recipe: Recipe,
    attributes: AttributeSet,
    training: Part,
    seed: int,
    progress: Progress | None = None,
) -> None:
    """Give ``network`` its pretrained weights, and its layer ``logits`` what the training part teaches them.

    Args:
        network: of :func:`core.networks.pretrained.trunk.build_trunk`, with the layers ``peak`` and ``logits``.
        recipe: its augmentation counts.
        attributes: what the logits say.
        training: the frames.
        seed: of the augmentation.
        progress: called as ``progress(done, total)`` with numbers of pictures.

    Raises:
        ModelError: the file of weights is missing or damaged.
    """
    set_weights(network)
    views = max(1, min(VIEWS, MOST // max(len(training), 1)))
    predict = tf.function(keras.Model(network.input, network.get_layer("peak").output), reduce_retracing=True)
    rng, variation = np.random.default_rng(seed), _variation(recipe)
    peaks, total = [], views * len(training)
    for view in range(views):
        for first in range(0, len(training), TOGETHER):
            pictures = training.pictures[np.arange(first, min(first + TOGETHER, len(training)))]
            if view:
                pictures = augment(pictures, variation, rng, into=pictures)
            peaks.append(predict(tf.constant(pictures)).numpy())
            if progress:
                progress(min(view * len(training) + first + TOGETHER, total), total)
    # Few frames of real cloth tell little: of seams, the head then only corrects what rendered ones teach.
    base = base_for(attributes.names) if recipe.head_only and not attributes.exclusive else None
    targets = np.tile(training.targets, (views, 1))
    head = fit_head(np.concatenate(peaks), targets, attributes.exclusive, base=base)
    network.get_layer("logits").set_weights([head.kernel, head.bias])


def _variation(recipe: Recipe) -> Augmentation:
    """Return how the views differ: as the recipe says; where nothing but the head learns, they are only moved and mirrored.

    Other colours and weaves cost such a head more than they teach it: on real seams of a fabric held out it then told broken from
    good seams by an AUROC of 0.76 to 1.00, by the draw, instead of 1.00 (docs/benchmarks.md).
    """
    varied = recipe.augmentation
    return (
        Augmentation(flip=varied.flip, roll=varied.roll, quarter=varied.quarter)
        if recipe.head_only
        else varied
    )

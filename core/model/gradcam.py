"""Grad-CAM: which parts of a picture speak for an attribute, and which against it.

Source: Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization" (2017).
The backbone runs once; only the small head behind the target layer is differentiated, for all attributes together.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.model.backend import keras, tf


@dataclass(frozen=True)
class Explanation:
    """What a network says of some pictures, and what makes it say so.

    Args:
        probabilities: (N, A) float32, 0 to 1.
        maps: (N, h, w, A) float32 in the grid of the target layer: evidence for (positive) and against (negative)
            each attribute, as the network weighs it. Rectify and scale it only to look at it.
    """

    probabilities: np.ndarray
    maps: np.ndarray


class Explainer:
    """Probabilities and signed Grad-CAM maps of a model in one pass.

    Args:
        model: from (N, h, w, 3) uint8 BGR to (N, A) probabilities, with the layers ``logits`` and
            ``probabilities`` at its end.
        target: name of the layer whose channels are weighed, (N, h, w, C).
    """

    def __init__(self, model: keras.Model, target: str) -> None:
        features = model.get_layer(target).output
        self._backbone = keras.Model(model.input, features)
        self._head = keras.Model(features, model.get_layer("logits").output)
        self._activation = model.get_layer("probabilities").activation
        self._exclusive = self._activation is keras.activations.softmax
        signature = tf.TensorSpec(model.input.shape, tf.uint8)
        self._run = tf.function(self._explain, input_signature=[signature], autograph=False)

    def __call__(self, pictures: np.ndarray) -> Explanation:
        """Explain ``pictures`` (N, h, w, 3) uint8 BGR, prepared for this model."""
        probabilities, maps = self._run(pictures)
        return Explanation(probabilities.numpy(), maps.numpy())

    def _explain(self, pictures: Any) -> tuple[Any, Any]:
        features = self._backbone(pictures, training=False)
        with tf.GradientTape() as tape:
            tape.watch(features)
            logits = self._head(features, training=False)
            scores = log_odds(logits) if self._exclusive else logits
        gradients = tape.batch_jacobian(scores, features)  # (N, A, h, w, C)
        weights = tf.reduce_mean(gradients, axis=(2, 3))  # (N, A, C): what a channel is worth to an attribute
        maps = tf.einsum("nhwc,nac->nhwa", features, weights)
        return self._activation(logits), maps


def log_odds(logits: Any) -> Any:
    """Return log(p / (1 - p)) of each class (N, A) for the softmax p of ``logits`` (N, A).

    Its gradient points where that of the probability points, so that the map is the published one up to its
    scale; but it does not vanish where the probability comes close to 0 or 1. For a sigmoid it is the logit itself.
    """
    count = logits.shape[-1]
    others = tf.where(
        tf.eye(count, dtype=tf.bool), -np.inf, logits[:, None, :]
    )  # (N, class, every other class)
    return logits - tf.reduce_logsumexp(others, axis=-1)


def display(evidence: np.ndarray) -> np.ndarray:
    """Make signed ``evidence`` (h, w) ready for the eye: only what speaks for it, divided by its own maximum.

    Returns:
        (h, w) float32, 0 to 1. Without any positive evidence it is empty: all zero, never scaled-up noise.
    """
    positive = np.maximum(evidence, 0).astype(np.float32)
    greatest = float(positive.max(initial=0.0))
    return positive / greatest if greatest > 0 else positive

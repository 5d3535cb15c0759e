"""A network and its heatmaps as one functional model of Keras' own operations, without gradients: what is exported.

Where the head is linear, Grad-CAM weighs each channel by a constant, and what exceeds a background is a sum over channels: see
`core.explain.gradcam`, whose maps these are. Behind a head that is not linear the weights differ from picture to picture; such a
network is exported without heatmaps.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from core.explain.gradcam import Explainer, excess_kernels
from core.export.engine import HEATMAPS, PROBABILITIES, SIGNATURES
from core.networks.backend import keras

if TYPE_CHECKING:
    from core.explain.channel_references import ChannelReferences

ops = keras.ops

Tensor = Any

FAR = 1e9
"""A logit that no softmax sees."""


def build(explainer: Explainer, signatures: bool = False) -> keras.Model:
    """Return the model from frames to what ``explainer`` says of them, sharing its weights.

    Args:
        explainer: of a trained network.
        signatures: whether it also gives what `core.explain.out_of_distribution` measures.

    Returns:
        From ``frames`` (N, h, w, 3) uint8 BGR to a dictionary: ``probabilities`` (N, A) float32; ``heatmaps`` (N, rows, columns, A)
        float32, only where `Explainer.has_constants`; with ``signatures`` also these, (N, D) float32.
    """
    cut = explainer.cut
    frames = keras.Input(cut.backbone.input_shape[1:], dtype="uint8", name="frames")
    features = ops.cast(cut.backbone(ops.cast(frames, cut.backbone.inputs[0].dtype)), "float32")
    logits = ops.cast(cut.head(features), "float32")
    outputs = {PROBABILITIES: _named(cut.activation(logits), PROBABILITIES)}
    if explainer.has_constants:
        outputs[HEATMAPS] = _named(_heatmaps(explainer, features, logits), HEATMAPS)
    if signatures:
        outputs[SIGNATURES] = _named(_signature(features), SIGNATURES)
    return keras.Model(frames, outputs, name="exported")


def _named(x: Tensor, name: str) -> Tensor:
    return keras.layers.Activation("linear", dtype="float32", name=name)(x)


def _heatmaps(explainer: Explainer, features: Tensor, logits: Tensor) -> Tensor:
    if explainer.background is not None:
        kernels = excess_kernels(explainer.background, explainer.weights)
        maps = _excess(features, explainer.background, kernels)
    else:
        maps = ops.matmul(features, explainer.constants.T)
    return (
        ops.matmul(maps, ops.transpose(_log_odds(logits), (0, 2, 1))[:, None])
        if explainer.exclusive
        else maps
    )


def _excess(features: Tensor, background: "ChannelReferences", kernels: np.ndarray) -> Tensor:
    """Do as `core.explain.gradcam.excess`, with the same steps."""
    attributes, count = background.channels.shape
    _, rows, columns, channels = features.shape
    cells = ops.reshape(features, (-1, 1, rows * columns, channels))
    if count != channels:
        chosen = ops.take(cells[:, 0], background.channels.ravel(), axis=-1)
        chosen = ops.reshape(chosen, (-1, rows * columns, attributes, count))
        cells = ops.transpose(chosen, (0, 2, 1, 3))
    shares = ops.matmul(ops.relu(cells - background.reference[:, None]), kernels)  # (N, A, h * w, 9)
    shares = ops.reshape(shares, (-1, rows, columns, 9))
    neighbours = np.eye(9, dtype=np.float32)[::-1].reshape(3, 3, 9, 1)
    moved = ops.conv(shares, neighbours, 1, "same", data_format="channels_last")
    return ops.transpose(ops.reshape(moved, (-1, attributes, rows, columns)), (0, 2, 3, 1))


def _log_odds(logits: Tensor) -> Tensor:
    """Do as `core.explain.gradcam.log_odds_gradients`: (N, A, A)."""
    count = logits.shape[-1]
    own = np.eye(count, dtype=np.float32)
    others = ops.softmax(logits[:, None, :] - FAR * own, axis=-1)
    return ops.subtract(own, others * (1 - own))  # NumPy's own operators know no symbolic tensors


def _signature(features: Tensor) -> Tensor:
    """Do as `core.explain.out_of_distribution.signature`."""
    mean, variance = ops.mean(features, axis=(1, 2)), ops.var(features, axis=(1, 2))
    down, across = (ops.sqrt(ops.var(ops.mean(features, axis=axis), axis=1)) for axis in (1, 2))
    return ops.concatenate([mean, ops.sqrt(variance), ops.max(features, axis=(1, 2)), down, across], axis=-1)

"""Grad-CAM: which parts of a picture speak for an attribute, and which against it.

Source: Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization" (2017).
The backbone runs once; only the small head behind the target layer is differentiated, for all attributes together,
and where the head is linear not even that: its pooled gradients are constants, computed once.

Grad-CAM averages the gradients over the positions. Where a head takes both the mean and the maximum of a channel, that
overrates the mean: the gradient of the maximum lies in one position, and counts as if it were everywhere.
HiResCAM (Draelos and Carin, "Use HiResCAM instead of Grad-CAM for faithful explanations", 2020) multiplies position by
position; where the head takes means alone both are the same.

Where the logits are linear in the peak of each channel, the map can show what exceeds the background instead: see
:mod:`core.explain.channel_references`.
"""

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from core.explain.heatmap import EXCESS, Explanation
from core.explain.out_of_distribution import signature
from core.explain.target_layer import Cut, cut
from core.networks.backend import keras, tf

if TYPE_CHECKING:
    from core.explain.channel_references import ChannelReferences


class Explainer:
    """Probabilities and signed Grad-CAM maps of a network in one pass, with its weights as they are now.

    Args:
        model: a functional or sequential network from (N, h, w, 3) pictures to (N, A) probabilities, ending in
            sigmoid or softmax.
        target: name of the layer whose channels are weighed, (N, h, w, C); without one the rule of
            :mod:`core.explain.target_layer` chooses.
        method: of `core.explain.heatmap.METHODS`; what exceeds a background only `beyond` can show.
        exclusive: whether the outputs of a network that ends in logits exclude each other.

    Raises:
        ModelError: the network has no such layer, or none that fits.
    """

    engine = "keras"

    def __init__(
        self, model: keras.Model, target: str | None = None, method: str = "gradcam", exclusive: bool = False
    ) -> None:
        self._cut, self._by_position = cut(model, target, exclusive), method == "hirescam"
        self.target = self._cut.target
        self.is_assumed = self._cut.is_assumed
        self.exclusive = self._cut.activation is keras.activations.softmax
        self._constants = self._pooled_constants() if self._cut.is_linear and not self._by_position else None
        self._type = model.inputs[0].dtype
        self.background: ChannelReferences | None = None
        self._excess: Any = None
        self._backward: Any = None
        self._compile()

    def _compile(self) -> None:
        signature = tf.TensorSpec(self._cut.backbone.input_shape, tf.uint8)
        self._run = tf.function(self._explain, input_signature=[signature], autograph=False)
        self._run_bare = tf.function(self._read, input_signature=[signature], autograph=False)

    @property
    def method(self) -> str:
        """How the maps are computed: of `core.explain.heatmap.METHODS`."""
        if self._by_position:
            return "hirescam"
        return "gradcam" if self.background is None else EXCESS

    @property
    def cut(self) -> Cut:
        """The network in two: backbone and head."""
        return self._cut

    @property
    def has_constants(self) -> bool:
        """Whether a channel is worth the same in every picture, so that the maps need no gradients."""
        return self._constants is not None

    @property
    def constants(self) -> np.ndarray:
        """(A, C) float32: by what Grad-CAM weighs a channel; only where it `has_constants`."""
        return np.asarray(self._constants)

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of the maps."""
        rows, columns = self._cut.head.input_shape[1:3]
        return rows, columns

    @property
    def takes_peaks(self) -> bool:
        """Whether the logits are linear in the peak of each channel, so that `beyond` can be asked for."""
        return self._cut.takes_peaks and not self._by_position

    @property
    def weights(self) -> np.ndarray:
        """(A, C) float32: what a logit gains by the peak of a channel; only where it `takes_peaks`."""
        return self.constants * np.prod(self.grid).astype(np.float32)

    def peaks(self, signatures: np.ndarray) -> np.ndarray:
        """Return the peak of each channel, (N, C), out of ``signatures`` (N, D)."""
        channels = self._cut.head.input_shape[-1]
        return signatures[:, 2 * channels : 3 * channels]

    def beyond(self, background: "ChannelReferences") -> "Explainer":
        """Return an explainer of the same network whose maps show what exceeds ``background``, in logits."""
        other = copy.copy(self)
        other.background = background
        other._excess = excess_kernels(background, self.weights)
        other._compile()
        return other

    def receptive_fields(self, pictures: np.ndarray, channel: int) -> Iterator[tuple[np.ndarray, int, int]]:
        """Yield the gradient of the peak of ``channel`` by each of the ``pictures`` (N, h, w, 3) uint8 BGR, with its row and column:
        (h, w, 3) float32.
        """
        if self._backward is None:
            self._backward = _peak_gradients(self._cut.backbone)
        gradients_, places = self._backward(tf.cast(pictures, tf.float32), tf.constant(channel))
        for gradient, place in zip(gradients_.numpy(), places.numpy(), strict=True):
            row, column = divmod(int(place), self.grid[1])
            yield gradient, row, column

    def __call__(self, pictures: np.ndarray) -> Explanation:
        """Explain ``pictures`` (N, h, w, 3) uint8 BGR, prepared for this network."""
        return Explanation(*(part.numpy() for part in self._run(pictures)))

    def read(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return only the probabilities (N, A) and the signatures (N, D): faster than with maps."""
        probabilities, signatures = self._run_bare(pictures)
        return probabilities.numpy(), signatures.numpy()

    def _forward(self, pictures: Any) -> tuple[Any, Any]:
        """Return features (N, h, w, C) and logits (N, A)."""
        # A network of mixed precision computes in half floats: maps and signatures sum many of them.
        features = tf.cast(self._cut.backbone(tf.cast(pictures, self._type), training=False), tf.float32)
        return features, tf.cast(self._cut.head(features, training=False), tf.float32)

    def _read(self, pictures: Any) -> tuple[Any, Any]:
        features, logits = self._forward(pictures)
        return tf.cast(self._cut.activation(logits), tf.float32), signature(features)

    def _explain(self, pictures: Any) -> tuple[Any, Any, Any]:
        features, logits = self._forward(pictures)
        if self.background is not None:
            maps = excess(features, self.background, self._excess)
        elif self._by_position:
            maps = tf.reduce_sum(gradients(self._cut.head, features) * features[:, None], axis=-1)
            maps = tf.transpose(maps, (0, 2, 3, 1))
        elif self._constants is not None:
            maps = tf.einsum("nhwc,ac->nhwa", features, self._constants)
        else:
            maps = tf.einsum("nhwc,nac->nhwa", features, pooled_gradients(self._cut.head, features))
        if self.exclusive:
            maps = tf.einsum("nhwb,nab->nhwa", maps, log_odds_gradients(logits))
        return tf.cast(self._cut.activation(logits), tf.float32), maps, signature(features)

    def _pooled_constants(self) -> Any:
        """Return (A, C) float32: what a channel is worth to an attribute, in any picture."""
        anywhere = tf.zeros((1, *self._cut.head.input_shape[1:]))
        return tf.constant(tf.function(pooled_gradients)(self._cut.head, anywhere)[0].numpy())


def excess_kernels(background: "ChannelReferences", weights: np.ndarray) -> np.ndarray:
    """Return (A, K, 9) float32: for each channel its weight, of ``weights`` (A, C), shared among 3x3 cells so that it moves by its shift."""
    down, across = (np.stack(_taps(background.shifts[..., axis]), axis=-1) for axis in (0, 1))
    taps = (down[..., :, None] * across[..., None, :]).reshape(*background.channels.shape, 9)
    return (np.take_along_axis(weights, background.channels, axis=1)[..., None] * taps).astype(np.float32)


def _taps(shift: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the shares of the cell before, the cell itself and the one after, for a shift of -1 to 1 cells."""
    return np.maximum(-shift, 0), 1 - np.abs(shift), np.maximum(shift, 0)


def excess(features: Any, background: "ChannelReferences", kernels: np.ndarray) -> Any:
    """Return what ``features`` (N, h, w, C) exceed the background by, weighed and moved by ``kernels`` (A, K, 9): (N, h, w, A)."""
    attributes, count = background.channels.shape
    rows, columns, channels = features.shape[1:]
    cells = tf.reshape(features, (-1, 1, rows * columns, channels))
    if count == channels:
        shares = tf.matmul(tf.nn.relu(cells - background.reference[:, None]), kernels)
    else:  # channel by channel, so that those of an attribute are copied whole
        planes = tf.gather(
            tf.transpose(cells[:, 0], (0, 2, 1)), background.channels, axis=1
        )  # (N, A, K, h * w)
        beyond = tf.nn.relu(planes - background.reference[..., None])
        shares = tf.matmul(beyond, kernels, transpose_a=True)
    shares = tf.reshape(shares, (-1, rows, columns, 9))
    # Share t of a cell goes to its neighbour t: a correlation takes it from there, so the neighbours stand reversed.
    neighbours = np.eye(9, dtype=np.float32)[::-1].reshape(3, 3, 9, 1)
    moved = tf.nn.conv2d(shares, neighbours, 1, "SAME")
    return tf.transpose(tf.reshape(moved, (-1, attributes, rows, columns)), (0, 2, 3, 1))


def _peak_gradients(backbone: keras.Model) -> Any:
    """Return a function of pictures (N, h, w, 3) float32 and a channel: gradients of its peaks (N, h, w, 3), and their places (N,)."""
    picture = keras.Input(backbone.input_shape[1:], dtype="float32")  # whole numbers have no gradient
    real = keras.models.clone_model(backbone, input_tensors=picture, clone_function=lambda layer: layer)

    def run(pictures: Any, channel: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            tape.watch(pictures)
            values = tf.cast(tf.gather(real(pictures, training=False), channel, axis=-1), tf.float32)
            flat = tf.reshape(values, (-1, values.shape[1] * values.shape[2]))
            peaks = tf.reduce_sum(tf.reduce_max(flat, axis=1))
        return tape.gradient(peaks, pictures), tf.argmax(flat, axis=1)

    pictures = tf.TensorSpec((None, *backbone.input_shape[1:]), tf.float32)
    return tf.function(run, input_signature=[pictures, tf.TensorSpec((), tf.int32)], autograph=False)


def pooled_gradients(head: keras.Model, features: Any) -> Any:
    """Return the gradient of each logit, averaged over the positions: (N, A, C) for features (N, h, w, C)."""
    return tf.reduce_mean(gradients(head, features), axis=(2, 3))


def gradients(head: keras.Model, features: Any) -> Any:
    """Return the gradient of each logit: (N, A, h, w, C) for features (N, h, w, C).

    Each picture is taken once per attribute, so that one backward pass gives all gradients.
    """
    outputs = head.output_shape[-1]
    repeated = tf.repeat(features, outputs, axis=0)  # (N * A, h, w, C)
    with tf.GradientTape() as tape:
        tape.watch(repeated)
        logits = tf.reshape(tf.cast(head(repeated, training=False), tf.float32), (-1, outputs, outputs))
        own = tf.linalg.diag_part(logits)  # of picture n, copy a, the logit a
    return tf.reshape(tape.gradient(own, repeated), (-1, outputs, *features.shape[1:]))


def log_odds_gradients(logits: Any) -> Any:
    """Return the gradients of log(p / (1 - p)) of each class for the softmax p of ``logits`` (N, A), by the logits.

    They point where those of the probability point, so that the map is the published one up to its scale; but they
    do not vanish where the probability comes close to 0 or 1. For a sigmoid the log odds are the logit itself.

    Returns:
        (N, A, A) float32: of class a, by logit b. 1 for its own; for another minus that one's share among the others.
    """
    count = logits.shape[-1]
    own = tf.eye(count)
    if count == 1:
        return own[None]
    others = tf.where(own > 0, -np.inf, logits[:, None, :])  # (N, class, every other class)
    return own - tf.nn.softmax(others, axis=-1)

"""The pretrained trunk: the first half of EfficientNet-Lite0, whose layers see edges, textures and small parts.

Source: Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks" (2019), in the Lite form for
small devices: no squeeze-and-excitation, ReLU6 throughout. Its last layers, which tell dogs from cars, are left out.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import ModelError

if TYPE_CHECKING:
    from core.networks.backend import keras

Tensor = Any

FILE = Path(__file__).with_name("efficientnet_lite0.npz")
"""Kernels and biases of :func:`build_trunk` in float16, by layer; `make_weights` makes it."""

SHA256 = "6affaece9ed622f9a01b0da9f90bb198ab3af067400c8592bd270fb552207890"
"""Of `FILE`."""


@dataclass(frozen=True)
class Block:
    """One inverted residual block: expand to more channels, filter each of them, project to ``filters``.

    Args:
        number: its place in EfficientNet-Lite0, from 0.
        expansion: how many times the channels that come in; 1: no expansion.
        kernel: side of the filters, in cells.
        stride: 2 halves the grid.
        filters: channels that go out.
    """

    number: int
    expansion: int
    kernel: int
    stride: int
    filters: int


BLOCKS = (
    Block(0, 1, 3, 1, 16),
    Block(1, 6, 3, 2, 24),
    Block(2, 6, 3, 1, 24),
    Block(3, 6, 5, 2, 40),
    Block(4, 6, 5, 1, 40),
    Block(5, 6, 3, 2, 80),
    Block(6, 6, 3, 1, 80),
    Block(7, 6, 3, 1, 80),
    Block(8, 6, 5, 1, 112),
    Block(9, 6, 5, 1, 112),
    Block(10, 6, 5, 1, 112),
    Block(11, 6, 5, 2, 192),
)
EPSILON = 1600.0
"""Added to the variance of a picture where it is standardised: one without contrast is not blown up."""

DEVIATION = 0.5
"""Of the pictures that the weights were learned on."""

FINE, COARSE = 5, 11
"""Blocks whose expanded channels are the features: at 1/8 (240 channels) and at 1/16 (672 channels) of the input."""


def build_trunk(picture: Tensor) -> Tensor:
    """Lead from a picture to its features, with random weights.

    A picture is standardised by its own mean and deviation first, so that fabric and light matter little; its colours keep
    their differences (docs/decisions.md). After ReLU6 a channel says how much of something there is, from 0 to 6, never how little. The coarse features are
    brought to the grid of the fine ones by repeating them.

    Args:
        picture: (N, h, w, 3) uint8, BGR, symbolic.

    Returns:
        (N, h/8, w/8, 912), rounded up.
    """
    from core.networks.backend import keras

    layers = keras.layers
    x = layers.Rescaling(1.0, name="as_float")(picture)
    x = layers.LayerNormalization(
        axis=[1, 2, 3], center=False, scale=False, epsilon=EPSILON, name="standardise"
    )(x)
    x = layers.Rescaling(DEVIATION, name="as_learned")(x)
    x = _conv(x, 32, 3, "stem", strides=2)
    for block in BLOCKS:
        if block.number == FINE:
            fine = x = _expand(x, block)
            x = _filter_and_project(x, block)
        elif block.number == COARSE:
            coarse = _expand(x, block)
        else:
            y = _filter_and_project(_expand(x, block), block)
            is_residual = block.stride == 1 and block.filters == x.shape[-1]
            x = layers.Add(name=f"block{block.number}_add")([x, y]) if is_residual else y
    _, height, width, _ = fine.shape
    coarse = layers.UpSampling2D(2, name="coarse")(coarse)
    excess = (coarse.shape[1] - height, coarse.shape[2] - width)
    if any(excess):
        coarse = layers.Cropping2D(((0, excess[0]), (0, excess[1])), name="coarse_cut")(coarse)
    return layers.Concatenate(name="features")([fine, coarse])


def _expand(x: Tensor, block: Block) -> Tensor:
    return (
        x
        if block.expansion == 1
        else _conv(x, block.expansion * x.shape[-1], 1, f"block{block.number}_expand")
    )


def _filter_and_project(x: Tensor, block: Block) -> Tensor:
    from core.networks.backend import keras

    name = f"block{block.number}"
    x = keras.layers.DepthwiseConv2D(block.kernel, block.stride, padding="same", name=f"{name}_filter")(x)
    x = keras.layers.ReLU(max_value=6, name=f"{name}_filter_relu")(x)
    return keras.layers.Conv2D(block.filters, 1, name=f"{name}_project")(x)


def _conv(x: Tensor, filters: int, kernel: int, name: str, strides: int = 1) -> Tensor:
    from core.networks.backend import keras

    x = keras.layers.Conv2D(filters, kernel, strides, padding="same", name=name)(x)
    return keras.layers.ReLU(max_value=6, name=f"{name}_relu")(x)


@cache
def read_weights() -> dict[str, np.ndarray]:
    """Return kernels and biases of the trunk, float16, as ``<layer>/kernel`` and ``<layer>/bias``.

    Raises:
        ModelError: the file is missing or damaged.
    """
    advice = "Install SeamLens again, or copy core/networks/pretrained from its repository. The other networks work without it."
    try:
        content = FILE.read_bytes()
    except OSError as error:
        raise ModelError(
            f"The pretrained weights cannot be read ({error.strerror}): {FILE}.", advice
        ) from error
    if (received := hashlib.sha256(content).hexdigest()) != SHA256:
        raise ModelError(
            f"The pretrained weights in {FILE} are damaged or of another version (SHA-256 {received[:12]}…, "
            f"expected {SHA256[:12]}…).",
            advice,
        )
    with np.load(FILE, allow_pickle=False) as arrays:
        return dict(arrays)


def set_weights(model: "keras.Model") -> None:
    """Give the layers of the trunk in ``model`` their pretrained weights.

    Raises:
        ModelError: the file is missing or damaged.
    """
    weights = read_weights()
    for name in dict.fromkeys(key.rpartition("/")[0] for key in weights):
        kernel, bias = (weights[f"{name}/{part}"].astype(np.float32) for part in ("kernel", "bias"))
        model.get_layer(name).set_weights([kernel, bias])

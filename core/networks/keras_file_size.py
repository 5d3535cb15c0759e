"""How much memory a ``.keras`` file would take, known before its network is made: a file of a kilobyte can ask for a terabyte."""

import json
import math
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import ModelError

if TYPE_CHECKING:
    from core.networks.backend import keras

MOST_BYTES = 2 * 1024**3
"""Of the file, unpacked: half a billion parameters; those of SeamLens have up to 4 million."""
MOST_SETTINGS = 20 * 1024**2
"""Bytes of the description of the layers."""
TIGHTEST = 20
"""Times that the weights may be larger than packed; Keras does not pack them."""
HARMLESS = 10 * 1024**2
"""Bytes below which weights may be packed as they like."""
MOST_VALUES = 500_000_000
"""Values that one layer may give for one picture, and parameters that a network may have."""


def check(path: Path) -> None:
    """Refuse a ``.keras`` file whose network would fill the memory. Its layers are made without their weights.

    Raises:
        ModelError: it is too large.
        BadZipFile: it is damaged, or whatever Keras raises of such a file.
    """
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        size = sum(entry.file_size for entry in entries)
        if size > MOST_BYTES or (size > HARMLESS and size > TIGHTEST * path.stat().st_size):
            raise _too_large(path, f"would unpack to {size / 1e6:,.0f} MB")
        settings = archive.getinfo("config.json")
        if settings.file_size > MOST_SETTINGS:
            raise _too_large(path, f"has {settings.file_size / 1e6:,.0f} MB of layers")
        described = json.loads(archive.read(settings))
    model = _without_weights(described)
    if (parameters := sum(math.prod(weight.shape) for weight in model.weights)) > MOST_VALUES:
        raise _too_large(path, f"has {parameters:,} parameters")
    for layer in getattr(model, "layers", ()):
        if (values := _values(layer)) > MOST_VALUES:
            raise _too_large(path, f"gives {values:,} values in the layer {layer.name}")


def _without_weights(described: Any) -> "keras.Model":
    from core.networks.backend import keras

    with keras.StatelessScope(initialize_variables=False):
        return keras.saving.deserialize_keras_object({**described, "compile_config": None}, safe_mode=True)


def _values(layer: Any) -> int:
    shape = getattr(getattr(layer, "output", None), "shape", None) or ()
    return math.prod(side for side in shape if side)


def _too_large(path: Path, what: str) -> ModelError:
    return ModelError(f"{path} {what}: more than a computer of a class can hold.", "Save a smaller network.")

"""Networks in ``.keras`` files: those of the user's, that no run of a workspace trained, and how any may be unreadable."""

import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import ModelError
from core.networks import keras_file_size

if TYPE_CHECKING:
    from core.networks.backend import keras

UNREADABLE = (
    *(OSError, EOFError, zipfile.BadZipFile, zlib.error),  # the bytes
    *(ValueError, TypeError, LookupError, AttributeError, RuntimeError, ImportError),  # what they say
)
"""What Keras raises of a damaged file, or of one that needs code which is not there."""


def load_network(path: Path, rgb: bool = False, greatest: float = 255.0) -> "keras.Model":
    """Load a network, made to take pictures as SeamLens prepares them: (N, h, w, 3) uint8, BGR.

    Args:
        path: a ``.keras`` file.
        rgb: whether the network expects red first.
        greatest: what it expects for white; 1 where it was trained on values from 0 to 1.

    Raises:
        ModelError: the file is none, or needs code that is not in it, or its input is no picture of a fixed size.
    """
    from core.networks.backend import keras

    if not zipfile.is_zipfile(path):  # Keras would say that it is not there
        raise ModelError(f"{path} is not a .keras file.", "Save the network with model.save(“NAME.keras”).")
    try:
        keras_file_size.check(path)
        model = keras.models.load_model(path, compile=False)
    except UNREADABLE as error:
        raise ModelError(
            f"Keras cannot read {path} ({first_line(error)}).",
            "Copy or save it again with model.save(“NAME.keras”). Your own layers and Lambda layers cannot be read.",
        ) from error
    if not rgb and greatest == 255.0:
        return model
    check_network(model)
    picture = keras.Input(model.input_shape[1:], dtype="uint8", name="picture")
    ready = keras.layers.Rescaling(greatest / 255.0, name="as_expected")(picture)
    return keras.Model(picture, model(ready[..., ::-1] if rgb else ready), name=model.name)


def check_network(model: "keras.Model") -> None:
    """Refuse a network that is none of one picture of a fixed size and one row of outputs, with a `ModelError`."""
    is_single = len(getattr(model, "inputs", None) or ()) == 1 and len(model.outputs) == 1
    if not is_single or not (
        is_nested(model) and _is_picture(model.input_shape) and len(model.output_shape) == 2
    ):
        raise ModelError(
            f"The network leads from {getattr(model, 'input_shape', 'no inputs')} to "
            f"{getattr(model, 'output_shape', 'no outputs')}, not from one picture (height, width, 3) to one row of outputs.",
            "Wrap it into a functional or sequential network of that kind, and save that.",
        )


def _is_picture(shape: Any) -> bool:
    return isinstance(shape, tuple) and len(shape) == 4 and None not in shape[1:] and shape[3] == 3


def is_nested(operation: Any) -> bool:
    """Return whether it is a model whose layers can be followed, to its one output."""
    from core.networks.backend import keras

    is_graph = isinstance(operation, keras.Model) and hasattr(operation, "operations")
    return isinstance(operation, keras.Sequential) or (is_graph and len(operation.outputs) == 1)


def first_line(error: Exception) -> str:
    """Return the first line that ``error`` says, or its kind where it says none."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)

"""Networks that no run of a workspace trained: a ``.keras`` file of the user's."""

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ModelError

if TYPE_CHECKING:
    from core.model.backend import keras


def load_network(path: Path, rgb: bool = False, greatest: float = 255.0) -> "keras.Model":
    """Load a network, made to take pictures as SeamLens prepares them: (N, h, w, 3) uint8, BGR.

    Args:
        path: a ``.keras`` file.
        rgb: whether the network expects red first.
        greatest: what it expects for white; 1 where it was trained on values from 0 to 1.

    Raises:
        ModelError: the file is none, or needs code that is not in it, or its input is no picture of a fixed size.
    """
    from core.model.backend import keras

    if not zipfile.is_zipfile(path):  # Keras would say that it is not there
        raise ModelError(
            "a network in a .keras file",
            f"{path}, which is none",
            "Save it anew with model.save(“NAME.keras”).",
        )
    try:
        model = keras.models.load_model(path, compile=False)
    except (OSError, ValueError, TypeError, KeyError, ImportError) as error:
        raise ModelError(
            "a network in a .keras file, of layers that Keras knows",
            f"{path}: {_first_line(error)}",
            "Save it anew with model.save(“NAME.keras”); layers of your own and Lambda layers cannot be read.",
        ) from error
    if not rgb and greatest == 255.0:
        return model
    return _adapted(model, rgb, greatest)


def _adapted(model: "keras.Model", rgb: bool, greatest: float) -> "keras.Model":
    from core.model.backend import keras
    from core.model.targets import check

    check(model)
    picture = keras.Input(model.input_shape[1:], dtype="uint8", name="picture")
    ready = keras.layers.Rescaling(greatest / 255.0, name="as_expected")(picture)
    return keras.Model(picture, model(ready[..., ::-1] if rgb else ready), name=model.name)


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)

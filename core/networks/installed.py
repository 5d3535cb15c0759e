"""Whether TensorFlow is installed, without importing it: labelling, reviews and the instant network do without."""

from importlib.util import find_spec

from core.errors import ModelError

PACKAGES = ("tensorflow>=2.21,<3", "keras>=3.15,<4")
"""What trained networks need more than the rest, as in requirements.txt."""

COMMAND = " ".join(["pip install", *(f'"{package}"' for package in PACKAGES)])
"""Installs them."""


def is_installed() -> bool:
    """Return whether networks can be trained and used here."""
    return all(find_spec(name) is not None for name in ("tensorflow", "keras"))


def missing() -> ModelError:
    """Return what does not work without TensorFlow, and what to install."""
    return ModelError(
        "Training, testing and watching with a trained network need TensorFlow, which is not installed.",
        f"Install it: {COMMAND}",
    )


def require() -> None:
    """Refuse to go on without TensorFlow.

    Raises:
        ModelError: it is not installed.
    """
    if not is_installed():
        raise missing()

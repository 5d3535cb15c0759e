"""The head learned from rendered seams: the starter decides by it, and what learns from few labels builds on it.

It is a file of this package; `benchmarks.starter` makes it again. Importing this does not import TensorFlow.
"""

from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from core.networks.pretrained.forward import CHANNELS
from core.networks.pretrained.head import Head

FILE = Path(__file__).with_name("starter.npz")

NAMES = ("good", "error", "break")
"""What it knows. Stitch length is left out: from rendered seams it does not carry over to real ones."""


@dataclass(frozen=True)
class StarterHead:
    """The head, and of the rendered seams the mean logits (3,) and the mean peaks ``typical`` (912,)."""

    head: Head
    mean: np.ndarray
    typical: np.ndarray


def read() -> StarterHead | None:
    """Return what the file holds; none where it is gone or damaged: a starter is not worth an error."""
    try:
        with np.load(FILE, allow_pickle=False) as stored:
            kernel, bias, mean, typical = (stored[name] for name in ("kernel", "bias", "mean", "typical"))
    except (OSError, EOFError, ValueError, KeyError, BadZipFile):
        return None
    return StarterHead(Head(kernel, bias), mean, typical) if kernel.shape == (CHANNELS, len(NAMES)) else None


def base_for(names: tuple[str, ...]) -> Head | None:
    """Return the head to build on when attributes of these ``names`` are learned; none where it knows none of them."""
    found = read() if set(names) & set(NAMES) else None
    return found.head if found else None

"""The starter: a head learned from rendered seams, so that there is something to show before the first label.

It is a file of this package; `benchmarks.starter` makes it again. docs/benchmarks.md says how right it is on real fabrics.
Importing this does not import TensorFlow.
"""

from dataclasses import replace
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from core.assist.instant_network import InstantNetwork
from core.attributes import SEAM, AttributeSet
from core.networks.pretrained.forward import CHANNELS
from core.networks.pretrained.head import Head

FILE = Path(__file__).with_name("starter.npz")

NAMES = ("good", "error", "break")
"""What it knows. Stitch length is left out: from rendered seams it does not carry over to real ones."""

NAME = "Starter (rendered seams)"
ORIGIN = "not tested, often wrong on real cloth; goes once you have labelled"

ENOUGH = 20
"""Frames of a workspace from which on it is fitted to them."""


def starter(attributes: AttributeSet, peaks: np.ndarray | None = None) -> InstantNetwork | None:
    """Return the starter for those of ``attributes`` that it knows; none where it knows none, or its file is gone.

    It knows them by name: an attribute called ``break`` is taken for a broken seam.

    Args:
        attributes: of the workspace.
        peaks: (N, 912), of its frames. Real cloth shifts all logits; where there are `ENOUGH` frames they are shifted
            back, as if defects were as frequent there as in the rendered seams.
    """
    found = _read()
    if found is None:
        return None
    head, mean, typical = found
    if peaks is not None and len(peaks) >= ENOUGH:
        head = replace(head, bias=head.bias + mean - head.logits(peaks).mean(axis=0))
        typical = peaks.mean(axis=0, dtype=np.float32)
    known = AttributeSet(tuple(SEAM[name] for name in NAMES))
    return InstantNetwork(known, head, typical, NAME, ORIGIN).for_attributes(attributes)


def _read() -> tuple[Head, np.ndarray, np.ndarray] | None:
    """Return the head, and the mean logits (3,) and mean peaks (912,) of the rendered seams."""
    try:
        with np.load(FILE, allow_pickle=False) as stored:
            kernel, bias, mean, typical = (stored[name] for name in ("kernel", "bias", "mean", "typical"))
    except (OSError, EOFError, ValueError, KeyError, BadZipFile):  # a starter is not worth an error
        return None
    return (Head(kernel, bias), mean, typical) if kernel.shape == (CHANNELS, len(NAMES)) else None

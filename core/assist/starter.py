"""The starter: a head learned from rendered seams, so that there is something to show before the first label.

It is a file of this package; `core.demo.make_starter` makes it again. docs/benchmarks.md says how right it is on real fabrics.
Importing this does not import TensorFlow.
"""

from pathlib import Path

import numpy as np

from core.assist.instant_network import InstantNetwork
from core.attributes import SEAM, AttributeSet
from core.networks.pretrained.forward import CHANNELS
from core.networks.pretrained.head import Head

FILE = Path(__file__).with_name("starter.npz")

NAMES = ("good", "error", "break")
"""What it knows. Stitch length is left out: from rendered seams it does not carry over to real ones."""

NAME = "Starter (rendered seams)"
ORIGIN = "from drawn seams, so often wrong on real ones; it goes once you have labelled some pictures"


def starter(attributes: AttributeSet) -> InstantNetwork | None:
    """Return the starter for those of ``attributes`` that it knows; none where it knows none, or its file is gone.

    It knows them by name: an attribute called ``break`` is taken for a broken seam.
    """
    head = _read()
    if head is None:
        return None
    known = AttributeSet(tuple(SEAM[name] for name in NAMES))
    return InstantNetwork(known, head, NAME, ORIGIN).for_attributes(attributes)


def _read() -> Head | None:
    try:
        with np.load(FILE, allow_pickle=False) as stored:
            head = Head(stored["kernel"].astype(np.float32), stored["bias"].astype(np.float32))
    except (OSError, ValueError, KeyError):  # a starter is not worth an error
        return None
    return head if head.kernel.shape == (CHANNELS, len(NAMES)) else None

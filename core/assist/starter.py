"""The starter: the instant network before the first label, a head learned from rendered seams.

Its head is a file, see `core.networks.pretrained.starter_head`. docs/benchmarks.md says how right it is on real fabrics.
Importing this does not import TensorFlow.
"""

from dataclasses import replace

import numpy as np

from core.assist.instant_network import InstantNetwork
from core.attributes import SEAM, AttributeSet
from core.networks.pretrained import starter_head
from core.networks.pretrained.starter_head import NAMES

NAME = "Starter (rendered seams)"
ORIGIN = "the instant network before your first labels, learned from seams drawn by SeamLens; not tested, often wrong on real cloth"

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
    found = starter_head.read()
    if found is None:
        return None
    head, mean, typical = found.head, found.mean, found.typical
    if peaks is not None and len(peaks) >= ENOUGH:
        head = replace(head, bias=head.bias + mean - head.logits(peaks).mean(axis=0))
        typical = peaks.mean(axis=0, dtype=np.float32)
    known = AttributeSet(tuple(SEAM[name] for name in NAMES))
    return InstantNetwork(known, head, typical, NAME, ORIGIN).for_attributes(attributes)

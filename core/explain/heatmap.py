"""Evidence, as Grad-CAM computes it, ready to be drawn, stored and scored. Importing this does not import TensorFlow.

Evidence is a map (h, w) float32 in the grid of a network's target layer: positive where a cell speaks for an
attribute, negative where it speaks against it.
"""

from dataclasses import dataclass

import numpy as np

from core.attributes import Attribute, AttributeSet

EXCESS = "excess"
METHODS = (EXCESS, "gradcam", "hirescam")
"""How evidence can be computed; `core.explain.channel_references` and `core.explain.gradcam` say how they differ."""

FAINT = 0.06
"""Of the full evidence; less is not drawn: no eye sees it, and frames without the attribute have as much."""


@dataclass(frozen=True)
class Explanation:
    """What a network predicts for some pictures, and the evidence for it.

    Args:
        probabilities: (N, A) float32, 0 to 1.
        maps: (N, h, w, A) float32 in the grid of the target layer: evidence for (positive) and against (negative)
            each attribute, as the network weighs it; beyond a background in logits. Rectify and scale it only to look at it.
        signatures: (N, D) float32, of the same features: what :mod:`core.explain.out_of_distribution` measures.
    """

    probabilities: np.ndarray
    maps: np.ndarray
    signatures: np.ndarray | None = None


def for_decision(evidence: np.ndarray, attribute: Attribute, decided: bool) -> np.ndarray:
    """Return the evidence for the decision that was taken, signed like ``evidence`` (h, w).

    Only an attribute whose false has a meaning of its own (4 mm instead of 2 mm) is decided false for a reason in the
    picture: the gradient of the negated logit is the negated map.
    """
    return -evidence if is_negated(attribute, decided) else evidence


def is_negated(attribute: Attribute, decided: bool) -> bool:
    """Return whether the evidence for the decision is that against the attribute."""
    return bool(attribute.false) and not decided


def heatmap_meaning(attributes: AttributeSet) -> str:
    """Describe what :func:`for_decision` returns for ``attributes``."""
    own = [f"{each.name} decided false, for {each.false}" for each in attributes if each.false]
    return "what spoke for the attribute" + (f" (of {'; of '.join(own)})" if own else "")


def rectified(evidence: np.ndarray) -> np.ndarray:
    """Return the positive part of ``evidence``, (h, w) float32, as the network weighs it."""
    return np.maximum(evidence, 0).astype(np.float32)


def display(evidence: np.ndarray, full: float = 0.0) -> np.ndarray:
    """Make signed ``evidence`` (h, w) ready for the eye: only what speaks for it, as a share of ``full``.

    ``full`` is the evidence that is drawn in the full colour, of `core.explain.channel_references.ChannelReferences`; weak evidence is faint
    then. Where nothing measured it (0) it is the map's own maximum.

    Returns:
        (h, w) float32, 0 to 1. Without any positive evidence it is empty: all zero, never scaled-up noise.
    """
    positive = rectified(evidence)
    if full > 0:
        return np.clip((positive / full - FAINT) / (1 - FAINT), 0, 1)
    greatest = float(positive.max(initial=0.0))
    return positive / greatest if greatest > 0 else positive


def peak(evidence: np.ndarray) -> tuple[int, int] | None:
    """Return row and column of the strongest evidence for something; none where nothing speaks for it."""
    row, column = np.unravel_index(int(evidence.argmax()), evidence.shape)
    return (int(row), int(column)) if evidence[row, column] > 0 else None

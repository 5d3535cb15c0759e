"""What the class published of the reference network `seam_resnet`, to stand beside a run on the same attributes.

Source: "Recognizing Seam Errors and Breaks with a residual neural network", University of Applied Science
Albstadt-Sigmaringen, 2021: 15,000 frames, shuffled over the parts.
"""

from collections.abc import Sequence

ACCURACY = {"good": 0.827, "error": 0.973, "break": 0.970, "length": 1.0}

WORDS = (
    "what the class reached in 2021 with `seam_resnet` and 15,000 frames that were shuffled over the parts, so that "
    "neighbours of the test frames had trained the network. There were no intervals."
)


def accuracy(names: Sequence[str]) -> dict[str, float]:
    """Return the published accuracy per attribute where ``names`` are the attributes of the class, else nothing."""
    return ACCURACY if set(names) == set(ACCURACY) else {}

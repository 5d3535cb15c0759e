"""What a network says of one frame, without pictures or heatmaps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DIGITS = 5
"""Of a reading: a batch and a single picture differ behind them, and their events should not."""


@dataclass(frozen=True)
class Reading:
    """What a network says of one frame, as far as events need it.

    Args:
        index: of the frame in its source, from 0.
        time: seconds from the start of the source.
        probabilities: 0 to 1, per attribute.
        unfamiliarity: over 1 the picture is unfamiliar to the network; see `core.explain.out_of_distribution`.
    """

    index: int
    time: float
    probabilities: Mapping[str, float]
    unfamiliarity: float = 0.0

    @property
    def is_familiar(self) -> bool:
        return self.unfamiliarity <= 1

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "index": self.index,
            "time": round(self.time, 4),
            "probabilities": dict(self.probabilities),
            "unfamiliarity": self.unfamiliarity,
        }

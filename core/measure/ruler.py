"""Measures the stitches of a picture: one number with its spread, or the reason why there is none."""

from dataclasses import dataclass

import numpy as np

from core.measure.seam_line import SeamLine, find_lines
from core.measure.stitches import Stitches, find_stitches, straighten

SURE = 0.35
_SHORTEST = 0.03


@dataclass(frozen=True)
class Measurement:
    line: SeamLine
    stitches: Stitches
    per_column: float

    @property
    def pitch(self) -> float:
        lengths = self.stitches.lengths
        return self.per_column * (float(np.median(lengths)) if len(lengths) >= 2 else self.stitches.period)


def candidates(picture: np.ndarray) -> list[Measurement]:
    found = []
    for line in find_lines(picture):
        if len(line.points) < 10: continue
        band, cloth, per_column = straighten(picture, line)
        s = find_stitches(band, cloth, _SHORTEST * min(picture.shape[:2]) / per_column)
        if s is not None:
            found.append(Measurement(line, s, per_column))
    return found

"""Confounders: attributes that follow the video, so that a network may learn the video instead of the seam.

Where all videos of one fabric have 2 mm stitches and all of another 4 mm, the colour of the fabric is enough to be right.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.review.balance import Balance
from core.splits.stratify import ENOUGH

TIED = math.sqrt(0.5)
"""Cramér's V from which an attribute counts as confounded. Of two answers, its square is the share of their variance that
lies between videos: from a half on, the video explains more of the answer than all that differs within videos."""


@dataclass(frozen=True)
class Confounder:
    """How far one attribute follows the video.

    Args:
        videos: how many have an answer.
        one_answer: how many of them have only one of the two answers.
        cramers_v: from 0, the video tells nothing about the answer, to 1, it tells all; None where that is not defined: one
            answer only, one video only, or no more frames than videos.
        rarer: frames with the rarer answer.
    """

    videos: int
    one_answer: int
    cramers_v: float | None
    rarer: int

    @property
    def warns(self) -> bool:
        """Whether to warn: the answers follow the video, and both have `ENOUGH` frames to tell."""
        return self.cramers_v is not None and self.cramers_v >= TIED and self.rarer >= ENOUGH

    def to_json(self) -> dict[str, Any]:
        """Return what ``balance --json`` prints."""
        return {
            "videos": self.videos,
            "one_answer_videos": self.one_answer,
            "one_answer_share": self.one_answer / self.videos if self.videos else None,
            "cramers_v": self.cramers_v,
            "warns": self.warns,
        }


def confounders(found: Balance) -> dict[str, Confounder]:
    """Measure per attribute how far the answers follow the video."""
    measured = {}
    for name in found.attributes:
        counts = [video["attributes"][name] for video in found.videos.values()]
        answers = np.array([[count["true"], count["false"]] for count in counts], np.int64).reshape(-1, 2)
        labelled = answers[answers.any(axis=1)]
        one_answer, rarer = int((labelled == 0).any(axis=1).sum()), int(answers.sum(axis=0).min())
        measured[name] = Confounder(len(labelled), one_answer, cramers_v(answers), rarer)
    return measured


def warning(name: str, measured: Confounder) -> str | None:
    """Return the sentence that warns of an attribute, None where there is nothing to warn of."""
    if not measured.warns:
        return None
    if 2 * measured.one_answer >= measured.videos:
        problem = f"“{name}” has only one answer in {measured.one_answer:,} of {measured.videos:,} videos"
    else:
        problem = f"“{name}” hardly changes within a video (Cramér's V {measured.cramers_v:.2f})"
    return f"{problem}. The network could learn the fabric instead: add a video of the same fabric with the other answer."


def cramers_v(table: np.ndarray) -> float | None:
    """Return Cramér's V of a table of counts (rows, columns) int64, corrected for its bias; None where it is not defined.

    Source: W. Bergsma, A bias-correction for Cramér's V and Tschuprow's T, Journal of the Korean Statistical Society 42
    (2013) 323-328. Without the correction, many videos with few frames each look confounded by chance alone.
    """
    table = table[table.any(axis=1)][:, table.any(axis=0)]
    number, (rows, columns) = int(table.sum()), table.shape
    if min(rows, columns) < 2 or number <= rows:
        return None
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / number
    phi = float(((table - expected) ** 2 / expected).sum()) / number
    phi = max(0.0, phi - (rows - 1) * (columns - 1) / (number - 1))
    least = min(size - (size - 1) ** 2 / (number - 1) for size in (rows, columns))
    return min(1.0, math.sqrt(phi / (least - 1)))

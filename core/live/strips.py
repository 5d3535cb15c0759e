"""Probabilities of the last seconds as a strip per attribute, drawn into the picture: no chart has to be sent."""

from collections import deque
from collections.abc import Mapping

import cv2
import numpy as np

SECONDS = 10.0
"""Width of a strip."""

Trace = deque[tuple[float, Mapping[str, float] | None]]
"""Time in seconds, growing, and probabilities by attribute; none where the network does not know the picture."""


def remember(trace: Trace, time: float, probabilities: Mapping[str, float] | None) -> None:
    """Append to ``trace`` and forget what is older than a strip; what lies ahead, too, after a step back."""
    while trace and trace[-1][0] >= time:
        trace.pop()
    trace.append((time, probabilities))
    while time - trace[0][0] > SECONDS:
        trace.popleft()


def draw(
    place: np.ndarray, trace: Trace, attribute: str, colour: tuple[int, int, int], threshold: float | None
) -> None:
    """Draw the strip of ``attribute`` into ``place`` (h, w, 3) uint8 BGR, now at its right edge.

    A gap is where the network did not know the picture; the dashes are the threshold.
    """
    height, width = place.shape[:2]
    bottom = height - 2
    if threshold is not None and 0 < threshold < 1:
        place[round(bottom * (1 - threshold)), ::4] = _pale(colour)
    now = trace[-1][0] if trace else 0.0
    stretches: list[list[tuple[float, float]]] = [[]]
    for time, probabilities in list(trace):
        if probabilities is None:
            stretches.append([])
        else:
            stretches[-1].append(
                (width - 1 - (now - time) / SECONDS * width, bottom * (1 - probabilities[attribute]))
            )
    lines = [np.rint(points).astype(np.int32) for points in stretches if points]
    cv2.polylines(place, lines, False, colour, 1, cv2.LINE_AA)


def _pale(colour: tuple[int, int, int]) -> tuple[int, ...]:
    return tuple(part // 2 + 30 for part in colour)

"""The QR code of a terminal as a picture: its lines are half blocks, light on dark."""

import numpy as np

HALVES = {"█": (255, 255), "▀": (255, 0), "▄": (0, 255), " ": (0, 0), "\xa0": (0, 0)}


def picture_of(text: str, scale: int = 8) -> np.ndarray:
    """Return the picture (H, W) uint8 of the lines of ``text`` that hold nothing but half blocks."""
    lines = [line for line in text.splitlines() if line and set(line) <= set(HALVES) and line.strip()]
    width = max(map(len, lines))
    rows = [[HALVES[letter][half] for letter in line.ljust(width)] for line in lines for half in (0, 1)]
    return np.kron(np.array(rows, np.uint8), np.ones((scale, scale), np.uint8))

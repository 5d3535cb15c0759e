"""A number at the foot of each live picture: the page reads it and so tells which picture somebody sees."""

import numpy as np

ROWS = 8
"""Pixels of height; even, since video encoders take even sides."""
BITS = 16
"""Blocks from left to right, white for 1: twelve bits of the number, highest first, then four of `check`."""
NUMBERS = 4096
"""After so many pictures, two minutes, numbers begin anew."""


def coded(picture: np.ndarray, number: int) -> np.ndarray:
    """Return ``picture`` (H, W, 3) uint8 BGR with the code of ``number``, from 0, below it: (H + ROWS, W, 3)."""
    number %= NUMBERS
    bits = number << 4 | check(number)
    values = np.array([255 * (bits >> place & 1) for place in reversed(range(BITS))], np.uint8)
    row = values[np.arange(picture.shape[1]) * BITS // picture.shape[1]]
    return np.vstack([picture, np.broadcast_to(row[None, :, None], (ROWS, len(row), 3))])


def check(number: int) -> int:
    """Return what a code of ``number`` ends in, 0 to 15: a foot of one colour, or a blurred one, is none."""
    return (number ^ number >> 4 ^ number >> 8 ^ 5) & 15

"""Runs of frames that look alike, so that one answer may be given for all of them."""

from collections.abc import Sequence

ALIKE = 6


def lookalikes(hashes: Sequence[str]) -> list[int]:
    """Return for each frame the position of the first frame of its run of look-alikes.

    A run ends where a frame differs from the first one of the run, not from its neighbour: a slow change adds up
    and is seen.

    Args:
        hashes: perceptual hashes of consecutive frames, 16 hexadecimal digits each.

    >>> lookalikes(["00000000000000ff", "00000000000000fe", "ffffffffffffffff"])
    [0, 0, 2]
    """
    found: list[int] = []
    start, first = 0, 0
    for place, digits in enumerate(hashes):
        number = int(digits, 16)
        if not place or (number ^ first).bit_count() > ALIKE:
            start, first = place, number
        found.append(start)
    return found

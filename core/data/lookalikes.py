"""Stretches of frames that look alike, so that one answer may be given for all of them."""

from collections.abc import Sequence

ALIKE = 4
"""Of 64 bits of the perceptual hash: frames of one stretch differ in no more.

The noise of a camera and compression change up to 4 bits of a picture that is otherwise the same (95 % of pairs, with a
deviation of 3 to 10 grey levels and JPEG 85); from frame to frame of a moving seam it is 12 and more. Fewer than the 6 of
`core.data.grouping.NEAR`: a wrong stretch is a wrong label, one that ends too early is one more key.
"""


def lookalikes(hashes: Sequence[str]) -> list[int]:
    """Return for each frame the position of the first frame of its stretch of look-alikes.

    A stretch ends where a frame differs from its first one, not from its neighbour: a slow change adds up
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

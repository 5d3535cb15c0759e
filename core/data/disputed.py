"""Frames that annotators answered differently, and which of them lie only at the edge of a stretch."""

from itertools import combinations

import numpy as np

EDGE = 5
"""Frames between two annotators' starts (or ends) of the same stretch that are still the same start: a sixth of a
second at 30 frames per second, about the time of a key press."""


def disputed(said: np.ndarray) -> np.ndarray:
    """Return (frames,) bool: somebody says true and somebody false.

    Args:
        said: (frames, annotators) int8: 1 true, 0 false, -1 unset.
    """
    return (said == 1).any(axis=1) & (said == 0).any(axis=1)


def at_edges(places: np.ndarray, videos: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Return which disputed frames lie only at an edge.

    Two annotators differ only at an edge where both change their answer in the same way and at most `EDGE` frames apart:
    on the frame before the ones where they differ both say one thing, on the frame after both say the other. A frame
    lies only at an edge where that holds for every two annotators who differ there.

    Args:
        places: (frames,) int64, ascending; neighbouring frames of a video have neighbouring places.
        videos: (frames,) int64, the video of each frame.
        said: (frames, annotators) int8: 1 true, 0 false, -1 unset.

    Returns:
        (frames,) bool, false where nothing is disputed.
    """
    real = np.zeros(len(said), bool)
    for a, b in combinations(range(said.shape[1]), 2):
        both = np.flatnonzero((said[:, a] >= 0) & (said[:, b] >= 0))
        differ = said[both, a] != said[both, b]
        if differ.any():
            real[both] |= differ & ~_shifted(places[both], videos[both], said[both, a], differ)
    return disputed(said) & ~real


def _shifted(places: np.ndarray, videos: np.ndarray, one: np.ndarray, differ: np.ndarray) -> np.ndarray:
    """Return (frames,) bool: where one of two annotators only changes a little later than the other.

    Args:
        places: (frames,) int64 of the frames that both answered.
        videos: (frames,) int64.
        one: (frames,) int8, what one of them says.
        differ: (frames,) bool, where the other says otherwise.
    """
    turns = np.flatnonzero(np.diff(differ, prepend=False, append=False))
    starts, ends = turns[::2], turns[1::2]  # an end is the first frame where they are of one mind again
    inside = (starts > 0) & (ends < len(places))
    starts, ends = starts[inside], ends[inside]
    near = places[ends] - places[starts - 1] - 1 <= EDGE
    small = near & (videos[starts - 1] == videos[ends]) & (one[starts - 1] != one[ends])
    steps = np.zeros(len(places) + 1, np.int64)
    steps[starts[small]], steps[ends[small]] = 1, -1
    return np.cumsum(steps)[:-1] > 0

"""Near-duplicate search over 50,000 perceptual hashes, against comparing every two in vectorised NumPy; same pairs.

The hashes are of chance, but for 1,000 that are copies of others with up to 12 bits turned.

python -m benchmarks.leaks [--json] [--rounds N]
"""

import statistics
from collections.abc import Callable
from time import perf_counter

import numpy as np

from benchmarks.report import report
from core.media.near_duplicates import NEAR, near_pairs

HASHES, PLANTED, TURNED = 50_000, 1_000, 12
ROWS = 16  # of the table of all distances, that are computed at once: they stay in the processor's cache


def hashes(seed: int = 0) -> np.ndarray:
    """Make (HASHES,) uint64."""
    random = np.random.default_rng(seed)
    made = random.integers(2**64, size=HASHES, dtype=np.uint64)
    originals, copies = random.permutation(HASHES)[: 2 * PLANTED].reshape(2, -1)
    bits = np.array([_turned(random) for _ in range(PLANTED)], np.uint64)
    made[copies] = made[originals] ^ bits
    return made


def _turned(random: np.random.Generator) -> int:
    places = random.permutation(64)[: random.integers(TURNED + 1)]
    return sum(1 << int(place) for place in places)


def pairwise(numbers: np.ndarray) -> np.ndarray:
    """Compare every two of (N,) uint64: (K, 2) int64, as `near_pairs` returns them."""
    found = []
    for start in range(0, len(numbers), ROWS):
        distances = np.bitwise_count(numbers[start : start + ROWS, None] ^ numbers[start:])
        places = np.argwhere(distances <= NEAR) + start
        found.append(places[places[:, 0] < places[:, 1]])
    return np.concatenate(found)


def timed(search: Callable[[np.ndarray], np.ndarray], numbers: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the seconds of a search, and what it found."""
    start = perf_counter()
    found = search(numbers)
    return perf_counter() - start, found


def measure(rounds: int) -> dict[str, float]:
    """Take both sides in turn ``rounds`` times; return medians."""
    numbers = hashes()
    near_pairs(numbers[:1000])
    ours, theirs = [], []
    for _ in range(rounds):
        seconds, expected = timed(pairwise, numbers)
        theirs.append(seconds)
        seconds, found = timed(near_pairs, numbers)
        ours.append(seconds)
        if not np.array_equal(found, expected):
            raise AssertionError(f"{len(found)} pairs instead of {len(expected)}")
    return {
        "times_pairwise": statistics.median(theirs) / statistics.median(ours),
        "pairs": len(found),
        "search_seconds": statistics.median(ours),
        "pairwise_seconds": statistics.median(theirs),
    }


if __name__ == "__main__":
    report(__doc__, measure)

"""Near-duplicate search over 50,000 perceptual hashes, against comparing every two in vectorised NumPy; same pairs.

The hashes are random, but for 1,000 that are copies of others with up to 12 bits flipped.
"""

import numpy as np

from benchmarks.harness import main, medians
from core.media.near_duplicates import NEAR, near_pairs

HASHES, PLANTED, FLIPPED = 50_000, 1_000, 12
ROWS = 16  # of the table of all distances, that are computed at once: they stay in the processor's cache


def hashes(seed: int = 0) -> np.ndarray:
    """Make (HASHES,) uint64."""
    random = np.random.default_rng(seed)
    made = random.integers(2**64, size=HASHES, dtype=np.uint64)
    originals, copies = random.permutation(HASHES)[: 2 * PLANTED].reshape(2, -1)
    bits = np.array([_flipped_bits(random) for _ in range(PLANTED)], np.uint64)
    made[copies] = made[originals] ^ bits
    return made


def _flipped_bits(random: np.random.Generator) -> int:
    places = random.permutation(64)[: random.integers(FLIPPED + 1)]
    return sum(1 << int(place) for place in places)


def pairwise(numbers: np.ndarray) -> np.ndarray:
    """Compare every two of (N,) uint64: (K, 2) int64, as `near_pairs` returns them."""
    pairs = []
    for start in range(0, len(numbers), ROWS):
        distances = np.bitwise_count(numbers[start : start + ROWS, None] ^ numbers[start:])
        places = np.argwhere(distances <= NEAR) + start
        pairs.append(places[places[:, 0] < places[:, 1]])
    return np.concatenate(pairs)


def measure(rounds: int) -> dict[str, float]:
    numbers = hashes()
    pairs, expected = near_pairs(numbers), pairwise(numbers)
    if not np.array_equal(pairs, expected):
        raise AssertionError(f"{len(pairs)} pairs instead of {len(expected)}")
    theirs, ours = medians(rounds, lambda: pairwise(numbers), lambda: near_pairs(numbers))
    return {
        "times_pairwise": theirs / ours,
        "pairs": len(pairs),
        "search_seconds": ours,
        "pairwise_seconds": theirs,
    }


if __name__ == "__main__":
    main(__doc__, measure)

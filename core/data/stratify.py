"""Dividing groups over parts so that every part resembles the whole."""

import numpy as np

CANDIDATES = 4096
MOST_EXHAUSTIVE = 8
"""Up to so many groups every assignment is looked at (3 to the power of 8 is 6,561)."""
MOST_IMPROVED = 500
"""Of more groups, the best candidate is close enough."""
MOST_SWAPPED = 150
"""Up to so many groups exchanges of two are tried as well: their number grows with the square."""


def assign(sizes: np.ndarray, shares: np.ndarray, seed: int) -> np.ndarray:
    """Give every group to one part.

    The best of many seeded candidates, then improved by moving and exchanging single groups.

    Args:
        sizes: (groups, 1 + 2 * attributes) float: frames, then positives and then negatives per attribute.
        shares: (parts,) float, of the frames, adding up to 1.
        seed: for the candidates.

    Returns:
        (groups,) int64, the number of the part. No part is empty where there are as many groups as parts.
    """
    candidates = _candidates(sizes[:, 0], shares, np.random.default_rng(seed))
    costs = _costs(candidates, sizes, shares)
    best, cost = candidates[costs.argmin()], costs.min()
    while len(sizes) <= MOST_IMPROVED:
        neighbours = _neighbours(best, len(shares))
        costs = _costs(neighbours, sizes, shares)
        if costs.min() > cost - 1e-9:
            break
        best, cost = neighbours[costs.argmin()], costs.min()
    return best


def _candidates(frames: np.ndarray, shares: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return assignments (candidates, groups) int64."""
    groups, parts = len(frames), len(shares)
    if groups <= MOST_EXHAUSTIVE:
        everything = np.indices((parts,) * groups).reshape(groups, -1).T
        return rng.permutation(everything)  # so that the seed chooses between equals
    number = min(CANDIDATES, max(64, 4_000_000 // groups))
    order = rng.random((number, groups)).argsort(axis=1)
    # Groups stand in line, as long as their frames; the part is the one that their middle falls into.
    ends = frames[order].cumsum(axis=1)
    middles = (ends - frames[order] / 2) / frames.sum()
    part = np.searchsorted(shares.cumsum()[:-1], middles)
    candidates = np.empty_like(order)
    np.put_along_axis(candidates, order, part, axis=1)
    return candidates


def _neighbours(best: np.ndarray, parts: int) -> np.ndarray:
    """Return ``best`` with one group moved, or two exchanged: (neighbours, groups) int64."""
    groups = len(best)
    moved = np.repeat(best[None], groups * parts, axis=0)
    moved[np.arange(len(moved)), np.repeat(np.arange(groups), parts)] = np.tile(np.arange(parts), groups)
    if groups > MOST_SWAPPED:
        return moved
    one, other = np.triu_indices(groups, 1)
    differ = best[one] != best[other]
    one, other = one[differ], other[differ]
    swapped = np.repeat(best[None], len(one), axis=0)
    row = np.arange(len(one))
    swapped[row, one], swapped[row, other] = best[other], best[one]
    return np.concatenate([moved, swapped])


def _costs(candidates: np.ndarray, sizes: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return how far the parts of each candidate are from the whole: (candidates,) float, the lower the better.

    An empty part weighs more than everything else, then an answer that a part never sees, then the distances.
    """
    whole = sizes.sum(axis=0)
    half = (sizes.shape[1] - 1) // 2
    costs = np.zeros(len(candidates))
    for part, share in enumerate(shares):
        sums = (candidates == part) @ sizes  # (candidates, 1 + 2 * attributes)
        frames, answers = sums[:, 0], sums[:, 1:]
        costs += 1e6 * (frames == 0)
        # What the network never saw it cannot learn: if some part must lack an answer, not the largest.
        costs += 1e3 * (1 + share) * ((answers == 0) & (whole[1:] > 0)).sum(axis=1)
        costs += 4 * (frames / whole[0] - share) ** 2
        true, false = answers[:, :half], answers[:, half:]
        rates = true / np.maximum(true + false, 1)
        rate = whole[1 : 1 + half] / np.maximum(whole[1 : 1 + half] + whole[1 + half :], 1)
        costs += ((rates - rate) ** 2).sum(axis=1)
    return costs

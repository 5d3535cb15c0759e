"""Dividing groups over parts so that every part resembles the whole."""

import itertools
from dataclasses import dataclass

import numpy as np

from core.files import Progress

CANDIDATES = 4096
MOST_EXHAUSTIVE = 6561
"""Up to so many assignments every one is looked at: 8 groups in 3 parts."""
MOST_IMPROVED = 500
"""Of more groups, the best candidate is close enough."""
MOST_SWAPPED = 150
"""Up to so many groups exchanges of two are tried as well: their number grows with the square."""
ENOUGH = 10
"""Frames with an answer that a part should have: of fewer, one wrong frame is more than ten percent."""


@dataclass(frozen=True)
class Sizes:
    """What each group holds, in frames."""

    frames: np.ndarray  # (groups,) float
    answers: np.ndarray  # (groups, 2 * attributes) float: positives of each attribute, then negatives of each
    combinations: np.ndarray  # (groups, C) float, of each combination of answers, where none is unset

    def __len__(self) -> int:
        return len(self.frames)


def sizes_of(groups: np.ndarray, answers: np.ndarray) -> Sizes:
    """Count what each group holds.

    Args:
        groups: (N,) int64, the number of each frame's group, from 0.
        answers: (N, attributes) float: 1, 0, or NaN for unset.
    """
    number = int(groups.max()) + 1
    marks = np.column_stack([answers == 1, answers == 0])
    complete = ~np.isnan(answers).any(axis=1)  # unset makes no combination of its own
    kinds, which = np.unique(answers[complete], axis=0, return_inverse=True)
    combinations = np.zeros((number, len(kinds)))
    np.add.at(combinations, (groups[complete], which.reshape(-1)), 1)
    counted = np.zeros((number, marks.shape[1]))
    np.add.at(counted, groups, marks)
    return Sizes(np.bincount(groups, minlength=number).astype(float), counted, combinations)


def assign_groups(
    sizes: Sizes,
    shares: np.ndarray,
    seed: int,
    fixed: np.ndarray | None = None,
    progress: Progress | None = None,
) -> np.ndarray:
    """Give every group to one part.

    The best of many seeded candidates, then improved by moving and exchanging single groups.

    Args:
        sizes: what each group holds.
        shares: (parts,) float, of the frames, adding up to 1.
        seed: for the candidates.
        fixed: (groups,) int64, the part of those groups that have one already, -1 of the others.
        progress: told of each improvement; nobody knows how many there will be.

    Returns:
        (groups,) int64, the number of the part. No part is empty where there are as many groups as parts.
    """
    fixed = np.full(len(sizes), -1) if fixed is None else fixed
    candidates = _with_fixed(sizes, shares, np.random.default_rng(seed), fixed)
    costs = _costs(candidates, sizes, shares)
    best, cost = candidates[costs.argmin()], costs.min()
    for improvements in itertools.count():
        if progress:
            progress(improvements, None)
        if len(sizes) > MOST_IMPROVED:
            break
        neighbours = _neighbours(best, len(shares))
        neighbours = neighbours[((neighbours == fixed) | (fixed < 0)).all(axis=1)]
        costs = _costs(neighbours, sizes, shares)
        if costs.min() > cost - 1e-9:
            break
        best, cost = neighbours[costs.argmin()], costs.min()
    return best


def _with_fixed(sizes: Sizes, shares: np.ndarray, rng: np.random.Generator, fixed: np.ndarray) -> np.ndarray:
    """Return candidates for the groups that are free, beside those that are ``fixed``: (candidates, groups) int64."""
    free = fixed < 0
    if not free.any():
        return fixed[None]
    held = np.bincount(fixed[~free], weights=sizes.frames[~free], minlength=len(shares))
    missing = (shares * sizes.frames.sum() - held).clip(min=sizes.frames.sum() * 1e-6)
    candidates = _candidates(sizes.frames[free], missing / missing.sum(), rng)
    everything = np.repeat(fixed[None], len(candidates), axis=0)
    everything[:, free] = candidates
    return everything


def _candidates(frames: np.ndarray, shares: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return assignments (candidates, groups) int64."""
    groups, parts = len(frames), len(shares)
    if parts**groups <= MOST_EXHAUSTIVE:
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


def _costs(candidates: np.ndarray, sizes: Sizes, shares: np.ndarray) -> np.ndarray:
    """Return how far the parts of each candidate are from the whole, (candidates,) float; what weighs most comes first."""
    whole = sizes.answers.sum(axis=0)
    half = len(whole) // 2
    rate = whole[:half] / np.maximum(whole[:half] + whole[half:], 1)
    # Of combinations that are in enough groups, every part shall have some.
    common = sizes.combinations[:, (sizes.combinations > 0).sum(axis=0) >= len(shares)]
    costs = np.zeros(len(candidates))
    for part, share in enumerate(shares):
        chosen = (candidates == part).astype(float)
        frames, answers = chosen @ sizes.frames, chosen @ sizes.answers
        costs += 1e6 * (frames == 0)
        # What the network never saw it cannot learn: if some part must lack an answer, not the largest.
        costs += 1e3 * (1 + share) * ((answers == 0) & (whole > 0)).sum(axis=1)
        enough = np.minimum(ENOUGH, share * whole).clip(1e-9)  # of what is rare, its share
        costs += 10 * (1 + share) * (1 - answers / enough).clip(0).sum(axis=1)
        costs += (1 + share) * (chosen @ common == 0).sum(axis=1)
        costs += 4 * (frames / sizes.frames.sum() - share) ** 2
        true, false = answers[:, :half], answers[:, half:]
        costs += ((true / np.maximum(true + false, 1) - rate) ** 2).sum(axis=1)
    return costs

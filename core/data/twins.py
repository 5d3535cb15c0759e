"""Twins: pictures that look the same, found by their perceptual hashes and then compared exactly."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from core.data.images import hash_distances

NEAR = 8
"""Of 64 bits: pictures whose hashes differ in more are not compared. Measured in docs/decisions.md."""
ALIKE = 0.95
"""Correlation from which two pictures are twins."""

SIZE = (128, 96)  # width and height in pixels at which pictures are compared
_BLUR = 1.5  # pixels: shifts by parts of a pixel and the noise of codecs count little then
_MARGIN = 8  # the best shift is sought within the eighth part of each side
_FLAT = 2.0  # grey levels: with less deviation there is nothing to correlate
_SAME_GREY = 13  # grey levels, 5 % of 255: flat pictures that differ in no more are the same

_BANDS, _KEYS = 4, 1 << 16  # four bands of 16 bits


def near_pairs(hashes: np.ndarray, bits: int = NEAR) -> np.ndarray:
    """Find all pairs of hashes that differ in at most ``bits`` bits.

    Where 64 bits differ in so few, one of the four bands of 16 differs in very few: only hashes that share nearly
    a band are compared.

    Args:
        hashes: (N,) uint64.
        bits: at most so many differ.

    Returns:
        (K, 2) int64, places in ``hashes``, the smaller first, in order; the same as of comparing every two.
    """
    unique, members = np.unique(hashes, return_inverse=True)
    found = [np.arange(len(unique)).repeat(2).reshape(-1, 2)]  # a hash is near itself
    for keys, radius in zip(_bands(unique), _radii(bits), strict=True):
        for one, other in _sharing(keys, radius):
            near = hash_distances(unique[one], unique[other]) <= bits
            found.append(np.column_stack([one[near], other[near]]))
    return _expanded(_once(np.concatenate(found), len(unique)), members)


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Return how alike two pictures are after the best shift: 1 is the same, brightness apart.

    Args:
        one: (96, 128) float32, as `read_small` returns it.
        other: likewise. It is shifted by up to an eighth of its sides.
    """
    if min(one.std(), other.std()) < _FLAT:
        return float(max(one.std(), other.std()) < 2 * _FLAT and abs(one.mean() - other.mean()) <= _SAME_GREY)
    down, across = one.shape[0] // _MARGIN, one.shape[1] // _MARGIN
    middle = one[down:-down, across:-across]
    return float(cv2.matchTemplate(other, middle, cv2.TM_CCOEFF_NORMED).max())


def read_small(path: Path) -> np.ndarray | None:
    """Read a picture file as (96, 128) float32, grey; none where it cannot be read."""
    try:
        content = np.fromfile(path, np.uint8)
    except OSError:
        return None
    if not len(content):
        return None
    # A JPEG is decoded at a quarter of its size in a fifth of the time; small pictures are needed whole.
    picture = cv2.imdecode(content, cv2.IMREAD_REDUCED_GRAYSCALE_4)
    if picture is None or picture.shape[1] < SIZE[0] or picture.shape[0] < SIZE[1]:
        picture = cv2.imdecode(content, cv2.IMREAD_GRAYSCALE)
    return None if picture is None else small(picture)


def small(grey: np.ndarray) -> np.ndarray:
    """Return a picture (H, W) uint8 as `correlation` takes it: (96, 128) float32."""
    reduced = cv2.resize(grey, SIZE, interpolation=cv2.INTER_AREA).astype(np.float32)
    return cv2.GaussianBlur(reduced, (0, 0), _BLUR)


def _bands(hashes: np.ndarray) -> np.ndarray:
    """Return four keys of 16 bits per hash: (4, N) uint16.

    Bits that are nearly always the same tell hashes apart badly, so each band is dealt its share of them.
    """
    if not len(hashes):
        return np.zeros((_BANDS, 0), np.uint16)
    bits = np.unpackbits(hashes.view(np.uint8).reshape(-1, 8), axis=1)
    order = np.abs(bits.mean(axis=0) - 0.5).argsort(kind="stable").reshape(-1, _BANDS).T
    packed = [np.packbits(bits[:, band], axis=1) for band in order]
    return np.stack([np.ascontiguousarray(keys).view(np.uint16)[:, 0] for keys in packed])


def _radii(bits: int) -> list[int]:
    """Return for each band up to how many of its bits are tried; -1 is none.

    If every band differed in more than its radius, all together would in more than ``bits``: the radii, one added
    to each, add up to ``bits`` and one.
    """
    return [(bits + 1 + band) // _BANDS - 1 for band in range(_BANDS)]


def _sharing(keys: np.ndarray, radius: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the places of pairs whose keys (N,) uint16 differ in up to ``radius`` bits, each pair once."""
    order = keys.argsort(kind="stable")
    counts = np.bincount(keys, minlength=_KEYS)
    starts = counts.cumsum() - counts
    everything = np.flatnonzero(counts)
    for mask in _masks(radius):
        # Of two keys that differ in the mask, one has its lowest bit unset: each pair is met from there only.
        lower = everything[(everything & mask & -mask) == 0] if mask else everything
        lower = lower[counts[lower ^ mask] > 0]
        sizes, others = counts[lower], counts[lower ^ mask]
        products = sizes * others
        bucket = np.arange(len(lower)).repeat(products)
        within = np.arange(len(bucket)) - (products.cumsum() - products).repeat(products)
        one = order[starts[lower][bucket] + within // others[bucket]]
        other = order[starts[lower ^ mask][bucket] + within % others[bucket]]
        yield one, other


def _masks(radius: int) -> Iterator[int]:
    """Yield the numbers of 16 bits of which up to ``radius`` are set."""
    for number in range(radius + 1):
        for places in itertools.combinations(range(16), number):
            yield sum(1 << place for place in places)


def _once(pairs: np.ndarray, number: int) -> np.ndarray:
    """Return each of the pairs (K, 2) of places below ``number`` once, the smaller place first."""
    codes = np.unique(pairs.min(axis=1) * number + pairs.max(axis=1))
    return np.column_stack([codes // number, codes % number]) if number else pairs


def _expanded(pairs: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Return pairs of hashes, instead of the pairs (K, 2) of their unique values; ``members`` (N,) says which."""
    if not len(pairs):
        return pairs
    order = members.argsort(kind="stable")
    counts = np.bincount(members)
    starts = counts.cumsum() - counts
    one, other = pairs.T
    products = counts[one] * counts[other]
    pair = np.arange(len(pairs)).repeat(products)
    within = np.arange(len(pair)) - (products.cumsum() - products).repeat(products)
    left = order[starts[one][pair] + within // counts[other][pair]]
    right = order[starts[other][pair] + within % counts[other][pair]]
    apart = (one != other)[pair] | (left < right)
    return _once(np.column_stack([left, right])[apart], len(members))

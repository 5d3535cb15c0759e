"""Near-duplicates: pictures that look the same, found by their perceptual hashes and then compared exactly."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from core.media.images import hash_distances

NEAR = 8
"""Of 64 bits: pictures whose hashes differ in more are not compared. Measured in docs/benchmarks.md."""
ALIKE = 0.95
"""Correlation from which two pictures are near-duplicates."""

SIZE = (128, 96)  # width and height in pixels at which pictures are compared
_BLUR = 1.5  # pixels: shifts by parts of a pixel and the noise of codecs count little then
_MARGIN = 8  # the best shift is sought within the eighth part of each side
FLAT = 2.0  # grey levels: with less deviation there is nothing to correlate, and nothing to remember

_BANDS, _KEYS = 4, 1 << 16  # four bands of 16 bits
MOST_PAIRS = 1 << 22  # that are compared at once


def near_pairs(ours: np.ndarray, theirs: np.ndarray | None = None, bits: int = NEAR) -> np.ndarray:
    """Find all pairs of one of ``ours`` and one of ``theirs``, or of two of ours, that differ in at most ``bits`` bits.

    Where 64 bits differ in so few, one of the four bands of 16 differs in very few: only hashes that share nearly
    a band are compared.

    Args:
        ours: (N,) uint64.
        theirs: (M,) uint64; None compares ours with each other.
        bits: at most so many differ.

    Returns:
        (K, 2) int64, places in ours and theirs, or the smaller first in ours; in order, the same as of comparing every two.
    """
    # If every band differed in more than its radius, all together would in more than `bits`.
    radii = [(bits + 1 + band) // _BANDS - 1 for band in range(_BANDS)]
    everything = ours if theirs is None else np.concatenate([ours, theirs])
    others, number = (ours, len(ours)) if theirs is None else (theirs, len(theirs))
    codes = [np.empty(0, np.int64)]  # of pairs, some of which are found more than once
    for keys, radius in zip(_bands(everything), radii, strict=True):
        table = _Buckets(keys[: len(ours)])
        for one, other in _sharing(table, table if theirs is None else _Buckets(keys[len(ours) :]), radius):
            near = hash_distances(ours[one], others[other]) <= bits
            if theirs is None:
                near &= one != other
                one, other = np.minimum(one, other), np.maximum(one, other)
            codes.append(one[near] * number + other[near])
    return np.column_stack(np.divmod(np.unique(np.concatenate(codes)), max(1, number)))


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Return how alike two pictures are after the best shift: 1 is the same, brightness apart, 0 is flat.

    Args:
        one: (96, 128) float32, as `read_small` returns it.
        other: likewise. It is shifted by up to an eighth of its sides.
    """
    down, across = one.shape[0] // _MARGIN, one.shape[1] // _MARGIN
    middle = one[down:-down, across:-across]
    alike = cv2.matchTemplate(other, middle, cv2.TM_CCOEFF_NORMED)
    flat = _deviations(other, middle.shape) < FLAT
    if middle.std() < FLAT or flat.all():
        return 0.0
    y, x = np.unravel_index(np.where(flat, -1, alike).argmax(), alike.shape)
    # What lies around the middle must be alike too: one speck on empty ground fits many pictures.
    one, other = _overlap(one, other, int(y) - down, int(x) - across)
    return float(cv2.matchTemplate(one, np.ascontiguousarray(other), cv2.TM_CCOEFF_NORMED)[0, 0])


def _overlap(one: np.ndarray, other: np.ndarray, down: int, across: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what both pictures (H, W) show where ``other`` is shifted by so many pixels against ``one``."""
    height, width = one.shape
    return (
        one[max(0, -down) : height - max(0, down), max(0, -across) : width - max(0, across)],
        other[max(0, down) : height - max(0, -down), max(0, across) : width - max(0, -across)],
    )


def _deviations(picture: np.ndarray, window: tuple[int, ...]) -> np.ndarray:
    """Return the standard deviation of the grey levels in each place of a window: (H - h + 1, W - w + 1) float32."""
    ones = np.ones(window, np.float32)
    mean, of_squares = (cv2.matchTemplate(p, ones, cv2.TM_CCORR) / ones.size for p in (picture, picture**2))
    return np.sqrt(np.maximum(of_squares - mean**2, 0))


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
    """Return four keys of 16 bits per hash, (4, N) uint16, each with its share of bits that are nearly always the same."""
    if not len(hashes):
        return np.zeros((_BANDS, 0), np.uint16)
    bits = np.unpackbits(hashes.view(np.uint8).reshape(-1, 8), axis=1)
    order = np.abs(bits.mean(axis=0) - 0.5).argsort(kind="stable").reshape(-1, _BANDS).T
    packed = [np.packbits(bits[:, band], axis=1) for band in order]
    return np.stack([np.ascontiguousarray(keys).view(np.uint16)[:, 0] for keys in packed])


class _Buckets:
    """Places by their key, (N,) uint16: those of key k stand in ``order`` from ``starts[k]`` on, ``counts[k]`` of them."""

    def __init__(self, keys: np.ndarray) -> None:
        self.order = keys.argsort(kind="stable")
        self.counts = np.bincount(keys, minlength=_KEYS)
        self.starts = self.counts.cumsum() - self.counts
        self.present = np.flatnonzero(self.counts)


def _sharing(ours: _Buckets, theirs: _Buckets, radius: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the places of pairs whose keys differ in up to ``radius`` bits; of one table each pair once."""
    bits = (itertools.combinations(range(16), number) for number in range(radius + 1))
    for mask in (sum(1 << place for place in places) for places in itertools.chain.from_iterable(bits)):
        keys = ours.present
        if ours is theirs and mask:
            # Of two keys that differ in the mask, one has its lowest bit unset: the pair is met from there only.
            keys = keys[(keys & mask & -mask) == 0]
        keys = keys[theirs.counts[keys ^ mask] > 0]
        for some in _portions(keys, ours.counts[keys] * theirs.counts[keys ^ mask]):
            yield _joined(ours, theirs, some, mask)


def _portions(keys: np.ndarray, pairs: np.ndarray) -> list[np.ndarray]:
    """Divide keys, with so many ``pairs`` each, into portions of not too many: a still video fills single buckets."""
    ends = pairs.cumsum()
    if not len(ends) or ends[-1] <= MOST_PAIRS:
        return [keys]
    return np.split(keys, np.flatnonzero(np.diff(ends // MOST_PAIRS)) + 1)


def _joined(ours: _Buckets, theirs: _Buckets, keys: np.ndarray, mask: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of all pairs of the buckets ``keys`` of ours and ``keys ^ mask`` of theirs."""
    others = theirs.counts[keys ^ mask]
    pairs = ours.counts[keys] * others
    bucket = np.arange(len(keys)).repeat(pairs)
    within = np.arange(len(bucket)) - (pairs.cumsum() - pairs).repeat(pairs)
    one = ours.order[ours.starts[keys][bucket] + within // others[bucket]]
    other = theirs.order[theirs.starts[keys ^ mask][bucket] + within % others[bucket]]
    return one, other

"""Groups of pictures: which belong together, and which index each has in its group."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from core.media import near_duplicates
from core.media.images import hash_numbers

NEAR = 6
"""Of 64 bits of the perceptual hash: pictures that differ in no more are taken for nearly the same."""

_LARGEST = 2**31 - 1  # index that every database takes


def clusters(hashes: Sequence[str]) -> list[int]:
    """Return for each perceptual hash the number of its cluster, from 0 in order of first appearance.

    Pictures are of one cluster where a chain of near-duplicates joins them.
    """
    numbers = hash_numbers(list(hashes))
    if not len(numbers):
        return []
    # Each hash once, or equal pictures would make pairs without end.
    different, which = np.unique(numbers, return_inverse=True)
    left, right = near_duplicates.near_pairs(different, NEAR).T
    graph = coo_matrix((np.ones(len(left), np.int8), (left, right)), (len(different), len(different)))
    components = connected_components(graph, directed=False)[1]
    return pd.factorize(components[which])[0].tolist()


def index_in_name(name: str, key: str) -> int | None:
    """Return the index in a name of the form ``<key>_<index>``, else None.

    >>> index_in_name("seam_01_17", "seam_01")
    17
    """
    match = re.fullmatch(re.escape(key) + r"_([0-9]+)", name)
    return int(match[1]) if match and int(match[1]) <= _LARGEST else None


def numbered_as(names: Mapping[str, int], key: str) -> bool:
    """Return whether every name (to its index) is of the form ``<key>_<index>``."""
    return all(index_in_name(name, key) == index for name, index in names.items())


def indexes(names: Sequence[str], key: str, there: Mapping[str, int]) -> list[int]:
    """Return an index for each new name of a group.

    The one in the name where all names of the group have one; else they continue after the highest in order.

    Args:
        names: new ones, in natural order.
        key: of the group.
        there: names that the group has already, with their indexes.
    """
    written = [index_in_name(name, key) for name in names]
    free = [index for index in written if index is not None and index not in there.values()]
    if len(set(free)) == len(names) and numbered_as(there, key):
        return free
    first = max(there.values(), default=-1) + 1
    return list(range(first, first + len(names)))

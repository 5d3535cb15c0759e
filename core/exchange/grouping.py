"""Which group a picture belongs to, and which index it gets there."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from core.exchange.scan_tables import Scan
from core.media import near_duplicates
from core.media.images import hash_numbers
from core.media.library import videos
from core.media.video_keys import free_key, taken_keys, video_key
from core.text import count
from core.workspace import Workspace


def grouped(scanned: Scan, hashes: Mapping[str, str], stem: str) -> tuple[dict[str, list[str]], list[str]]:
    """Return the names of ``hashes`` (perceptual, by name) by group, and a note where groups had to be guessed.

    The names of such groups begin with "/", as no other.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    group_of = scanned.texts["group"]
    loose = [name for name in hashes if name not in group_of]
    for name in hashes:
        if name in group_of:
            groups[group_of[name]].append(name)
    cluster_of = clusters([hashes[name] for name in loose])
    for name, cluster in zip(loose, cluster_of, strict=True):
        groups[f"/{stem}_{cluster + 1}"].append(name)
    if not loose:
        return groups, []
    note = (
        f"{count(len(loose), 'picture')} without a group: nearly identical ones were put together, which makes "
        f"{count(max(cluster_of) + 1, 'group')}. Better: say which belong together in a column “group”."
    )
    return groups, [note]


def numbered_in(
    workspace: Workspace, groups: Mapping[str, list[str]], stored: pd.DataFrame
) -> dict[str, dict[str, int]]:
    """Return the index of each new name, by the key of its group; a group that is there already grows."""
    taken = taken_keys(workspace)
    growing = {video.key: video.origin for video in videos(workspace)}
    used = {key.casefold() for key in taken}
    there: dict[str, dict[str, int]] = defaultdict(dict)
    for name, video, index in zip(
        *(stored[column].tolist() for column in ("name", "video", "index")), strict=True
    ):
        there[video][name] = index
    numbered: dict[str, dict[str, int]] = {}
    for group, names in groups.items():
        key = video_key(group.removeprefix("/"), ())
        numbers = indexes(names, key, there.get(key, {}))
        fits = growing.get(key) == "pictures" or numbered_as(dict(zip(names, numbers, strict=True)), key)
        if group.startswith("/") or key in numbered or (key in taken and not (key in growing and fits)):
            key = free_key(key, used)
            numbers = indexes(names, key, {})
        used.add(key.casefold())
        numbered[key] = dict(zip(names, numbers, strict=True))
    return numbered


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
    left, right = near_duplicates.near_pairs(different, bits=NEAR).T
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

"""Blocks: a split for fewer than three videos, by contiguous stretches with gaps between the parts.

The test part is of seams that also trained, but no test frame has its neighbours in training.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from core.errors import SplitError
from core.media.library import frame_table
from core.splits.split import (
    BY_VIDEO,
    PARTS,
    By,
    Split,
    answers_of,
    labelled_frames,
    split_by_video,
    split_of,
    split_random,
)
from core.splits.stratify import assign, sizes_of
from core.workspace import Workspace

GAP = 0.5
"""Seconds without a frame between two parts: within them frames are twins (`core.splits.leaks.SECONDS`)."""
RATE = 30
"""Pictures without times count as so many a second."""
SECONDS = 4 * GAP
"""A block lasts so long at least: the gaps take a quarter of it at most."""
MOST = 10
"""Blocks of a video, at most."""


def split_by_blocks(labels: pd.DataFrame, times: pd.Series, seed: int = 0) -> Split:
    """Cut every video into blocks and give every block to one part; frames at the borders of parts are left out.

    Args:
        labels: as `core.labels.consensus.consensus` returns them; frames without a label are left out.
        times: seconds of each frame, by name; NaN for pictures.
        seed: another one gives another split.

    Raises:
        SplitError: no labels, or too short a video to cut it into three blocks with gaps.
    """
    table = labelled_frames(labels)
    seconds = table["name"].map(times).fillna(table["index"] / RATE).to_numpy(float)
    groups = pd.factorize(table["video"])[0]
    blocks, borders = _cut(groups, seconds)
    if len(borders) < len(PARTS):
        raise _too_short()
    parts = assign(sizes_of(blocks, answers_of(table)), np.array(BY_VIDEO), seed)
    kept = ~_in_gaps(blocks, borders, parts, seconds)
    made = split_of(table[kept], parts[blocks][kept], "blocks", seed)
    if set(made.table["part"]) != set(PARTS):
        raise _too_short()
    return Split(made.table, "blocks", seed, tuple(_notes(int((~kept).sum()))))


def make_split(workspace: Workspace, labels: pd.DataFrame, by: By, seed: int = 0) -> Split:
    """Make a split by one of the ways `core.splits.split.BYS`.

    Raises:
        SplitError: it cannot be made of these labels.
    """
    if by == "blocks":
        return split_by_blocks(labels, frame_table(workspace).set_index("name")["time"], seed)
    return (split_random if by == "random" else split_by_video)(labels, seed)


def _cut(groups: np.ndarray, seconds: np.ndarray) -> tuple[np.ndarray, list[tuple[int, float]]]:
    """Cut each group into blocks of equal length.

    Args:
        groups: (N,) int64.
        seconds: (N,) float.

    Returns:
        (N,) int64, the number of each frame's block, and per block its group and where it begins in seconds.
    """
    blocks = np.empty(len(groups), np.int64)
    borders: list[tuple[int, float]] = []
    for group in range(groups.max() + 1):
        places = np.flatnonzero(groups == group)
        first, last = seconds[places].min(), seconds[places].max()
        number = int(np.clip((last - first) // SECONDS, 1, MOST))
        length = (last - first) / number or 1.0
        local = ((seconds[places] - first) // length).clip(0, number - 1).astype(np.int64)
        present, local = np.unique(local, return_inverse=True)  # a block without labels is none
        blocks[places] = len(borders) + local
        borders += [(group, first + length * place) for place in present.tolist()]
    return blocks, borders


def _in_gaps(
    blocks: np.ndarray, borders: list[tuple[int, float]], parts: np.ndarray, seconds: np.ndarray
) -> np.ndarray:
    """Return which frames lie at the border of two blocks of different parts: (N,) bool."""
    found = np.zeros(len(blocks), bool)
    for block, border in _changes(borders, parts):
        beside = (blocks == block) | (blocks == block - 1)
        found |= beside & (np.abs(seconds - border) <= GAP / 2 + 1e-3)
    return found


def _changes(borders: list[tuple[int, float]], parts: np.ndarray) -> Iterator[tuple[int, float]]:
    """Yield the blocks before which, in the same video, another part stands, and where they begin."""
    for block in range(1, len(borders)):
        if borders[block - 1][0] == borders[block][0] and parts[block - 1] != parts[block]:
            yield block, borders[block][1]


def _notes(left_out: int) -> list[str]:
    notes = ["The test frames are of videos that also train: expect less on a new seam."]
    if left_out:
        notes.append(f"{left_out} frames lie in the gaps between the parts and are not used.")
    return notes


def _too_short() -> SplitError:
    return SplitError(
        f"labelled frames of at least {3 * SECONDS:.0f} seconds to cut blocks with gaps between them",
        "fewer",
        "Label more of the video, or add another one.",
    )

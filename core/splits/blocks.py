"""A split by blocks, for fewer than three videos: each video is cut into blocks, with gaps between those of different parts."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd

from core.errors import SplitError
from core.files import Progress
from core.splits.split import BY_VIDEO, PARTS, Split, answers_of, labelled_frames, split_of
from core.splits.stratify import assign_groups, sizes_of
from core.text import count

GAP = 0.5
"""Seconds without a frame between two blocks of different parts: closer frames are near-duplicates."""
RATE = 30
"""Frames per second of pictures without times."""
BLOCK_SECONDS = 4 * GAP
"""A block is at least this long: gaps take at most a quarter of it."""
MOST_BLOCKS = 10
"""Of a video."""


def split_by_blocks(
    labels: pd.DataFrame, times: pd.Series, seed: int = 0, progress: Progress | None = None
) -> Split:
    """Cut every video into blocks and give every block to one part; frames at the borders of parts are left out.

    For fewer than three videos: the test part is of seams that also trained, but no test frame has its neighbours in
    training.

    ``times`` are the seconds of each frame, by name; NaN for pictures.

    Raises:
        SplitError: no labels, or too short a video to cut it into three blocks with gaps.
    """
    table = labelled_frames(labels)
    seconds = table["name"].map(times).fillna(table["index"] / RATE).to_numpy(float)
    groups = pd.factorize(table["video"])[0]
    blocks, borders = _cut(groups, seconds)
    parts = assign_groups(sizes_of(blocks, answers_of(table)), np.array(BY_VIDEO), seed, progress=progress)
    used = ~_in_gaps(blocks, borders, parts, seconds)
    made = split_of(table[used], parts[blocks][used], "blocks", seed)
    if len(borders) < len(PARTS) or set(made.table["part"]) != set(PARTS):
        labelled = sum(np.ptp(seconds[groups == group]) for group in range(groups.max() + 1))
        raise SplitError(
            f"Only {labelled:.1f} s are labelled; {3 * BLOCK_SECONDS:.0f} s are needed.",
            "Label more of the video, or add another one.",
        )
    notes = ["The test frames are from videos that also train: expect less on a new seam."]
    if not used.all():
        notes.append(f"{count(int((~used).sum()), 'frame')} in the gaps between the parts, not used.")
    return replace(made, notes=tuple(notes))


def is_border(frames: pd.DataFrame) -> pd.Series:
    """Return which rows without a ``part`` (its number) lie in the gap between two parts of their video."""
    index = frames["index"].astype(float).where(frames["part"].notna())
    by_video = pd.DataFrame({"part": frames["part"], "index": index}).groupby(frames["video"])
    before, after = by_video.ffill(), by_video.bfill()
    is_near = after["index"] - before["index"] <= RATE
    return is_near & (before["part"] != after["part"])


def _cut(groups: np.ndarray, seconds: np.ndarray) -> tuple[np.ndarray, list[tuple[int, float]]]:
    """Cut each group into equal blocks: return the block of each frame, (N,) int64, and of each its group and first second."""
    blocks = np.empty(len(groups), np.int64)
    borders: list[tuple[int, float]] = []
    for group in range(groups.max() + 1):
        places = np.flatnonzero(groups == group)
        first, last = seconds[places].min(), seconds[places].max()
        number = int(np.clip((last - first) // BLOCK_SECONDS, 1, MOST_BLOCKS))
        length = (last - first) / number or 1.0
        local = ((seconds[places] - first) // length).clip(0, number - 1).astype(np.int64)
        present, local = np.unique(local, return_inverse=True)  # a block without labels is none
        blocks[places] = len(borders) + local
        borders += [(group, first + length * place) for place in present.tolist()]
    return blocks, borders


def _in_gaps(
    blocks: np.ndarray, borders: list[tuple[int, float]], parts: np.ndarray, seconds: np.ndarray
) -> np.ndarray:
    """Return which frames lie at the border of two blocks of different parts of one video: (N,) bool."""
    in_gap = np.zeros(len(blocks), bool)
    for block, ((before, _), (group, border)) in enumerate(pairwise(borders), 1):
        if before == group and parts[block - 1] != parts[block]:
            beside = (blocks == block) | (blocks == block - 1)
            in_gap |= beside & (np.abs(seconds - border) <= GAP / 2 + 1e-3)
    return in_gap

"""Doubles: videos that were added twice, in other encodings, cut to other lengths or at other rates."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.catalogue import frame_table
from core.data.images import hash_distances, hash_numbers
from core.data.twins import ALIKE, NEAR, correlation, read_small
from core.percent import percent
from core.workspace import Workspace

SAMPLES = 24
"""Frames of each video that are looked for in the others, evenly spread."""
SHARE = 0.5
"""Of the samples that must be found for two videos to look like one."""


@dataclass(frozen=True)
class SameVideos:
    """Two videos that look like one.

    Args:
        video: key of the one whose frames were looked for.
        other: key of the one in which they were found.
        share: of the frames looked for that were found, 0 to 1.
    """

    video: str
    other: str
    share: float

    def sentence(self) -> str:
        """Say it, and what to do."""
        return (
            f"{self.video} and {self.other} look like one video in two encodings ({percent(self.share)} of the frames): "
            "remove one of them."
        )


def same_videos(workspace: Workspace) -> list[SameVideos]:
    """Return the pairs of videos, or groups of pictures, that look like one, the surest first."""
    frames = frame_table(workspace)
    hashes = hash_numbers(frames["phash"].tolist())
    places = {str(key): rows.to_numpy() for key, rows in frames.groupby("video", sort=False).groups.items()}
    surest: dict[frozenset[str], SameVideos] = {}
    for found in _found(workspace, frames, hashes, places):
        known = surest.get(both := frozenset((found.video, found.other)))
        if known is None or found.share > known.share:
            surest[both] = found
    return sorted(surest.values(), key=lambda same: (-same.share, same.video))


def _found(
    workspace: Workspace, frames: pd.DataFrame, hashes: np.ndarray, places: dict[str, np.ndarray]
) -> Iterator[SameVideos]:
    """Yield of every two videos, in both directions, those that look like one; nearly all fall out by hash."""
    for video, rows in places.items():
        spread = np.linspace(0, len(rows) - 1, min(SAMPLES, len(rows))).round().astype(np.int64)
        sample = rows[spread]
        for other, theirs in places.items():
            if other == video:
                continue
            distances = hash_distances(hashes[sample, None], hashes[theirs])  # (samples, frames)
            near = distances.min(axis=1) <= NEAR
            if near.mean() < SHARE:
                continue
            pairs = np.column_stack([sample, theirs[distances.argmin(axis=1)]])[near]
            alike = sum(_alike(workspace, frames["file"].iloc[pair].tolist()) for pair in pairs)
            if (share := alike / len(sample)) >= SHARE:
                yield SameVideos(video, other, round(share, 3))


def _alike(workspace: Workspace, files: list[str]) -> bool:
    one, other = (read_small(workspace.path / file) for file in files)
    return one is not None and other is not None and correlation(one, other) >= ALIKE

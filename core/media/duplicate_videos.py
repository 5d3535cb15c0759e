"""Videos that were added twice: in other encodings, cut to other lengths or at other rates."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.files import Progress, counted, part_of
from core.media.images import hash_distances, hash_numbers
from core.media.library import frame_table
from core.media.near_duplicates import ALIKE, correlation, near_pairs, read_small
from core.text import percent
from core.workspace import Workspace

SAMPLES = 24
"""Frames of each video that are looked for in the others, evenly spread."""
SHARE = 0.5
"""Of the samples that must be found for two videos to look like one."""
_AT_ONCE = 64  # videos whose frames are looked for: where all stand still, every two frames are near


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
        """Say what was found and what to do."""
        alike = f"{percent(self.share)} of the frames are alike"
        return f"{self.video} and {self.other} look like the same video ({alike}). Remove one of them."


def same_videos(workspace: Workspace, progress: Progress | None = None) -> list[SameVideos]:
    """Return the pairs of videos, or groups of pictures, that look the same, the surest first.

    A group of a single picture is like no other: two photos are no video that was added twice.
    """
    frames = frame_table(workspace)
    frames = frames[frames["video"].duplicated(keep=False)].reset_index(drop=True)
    surest: dict[frozenset[str], SameVideos] = {}
    for pair in _pairs(workspace, frames, progress):
        before = surest.get(both := frozenset((pair.video, pair.other)))
        if before is None or pair.share > before.share:
            surest[both] = pair
    return sorted(surest.values(), key=lambda same: (-same.share, same.video))


def _pairs(workspace: Workspace, frames: pd.DataFrame, progress: Progress | None) -> Iterator[SameVideos]:
    """Yield of every two videos, in both directions, those that look like one; nearly all fall out by hash."""
    codes, videos = pd.factorize(frames["video"])
    samples = [_spread(np.flatnonzero(codes == video)) for video in range(len(videos))]
    portions = range(0, len(videos), _AT_ONCE)
    for portion, first in enumerate(portions):
        near = _nearest(frames, codes, np.concatenate(samples[first : first + _AT_ONCE]))
        groups = list(near.groupby(["video", "other"]))
        for _, pairs in counted(groups, part_of(progress, portion, len(portions))):
            video, other = (int(pairs[column].iloc[0]) for column in ("video", "other"))
            of = len(samples[video])
            if len(pairs) < SHARE * of:
                continue
            files = frames["file"].to_numpy()[pairs[["sample", "frame"]].to_numpy()]
            if (share := sum(_alike(workspace, both) for both in files.tolist()) / of) >= SHARE:
                yield SameVideos(str(videos[video]), str(videos[other]), round(share, 3))


def _spread(places: np.ndarray) -> np.ndarray:
    """Return `SAMPLES` of places (N,), evenly spread, or all where these are fewer."""
    return places[np.linspace(0, len(places) - 1, min(SAMPLES, len(places))).round().astype(np.int64)]


def _nearest(frames: pd.DataFrame, codes: np.ndarray, samples: np.ndarray) -> pd.DataFrame:
    """Return of each sample, a place (N,) int64, the frame with the nearest hash in each other video, where that is near:
    ``sample`` and ``frame`` (places), ``video`` and ``other`` (their ``codes``).
    """
    hashes = hash_numbers(frames["phash"].tolist())
    # Equal hashes once: a video that stands still has thousands.
    once = np.flatnonzero(~frames.duplicated(["video", "phash"]))
    pairs = near_pairs(hashes[samples], hashes[once])
    sample, frame = samples[pairs[:, 0]], once[pairs[:, 1]]
    near = pd.DataFrame({"sample": sample, "frame": frame, "video": codes[sample], "other": codes[frame]})
    near["distance"] = hash_distances(hashes[sample], hashes[frame])
    near = near[near["video"] != near["other"]].sort_values(["distance", "frame"])
    return near.drop_duplicates(["sample", "other"])


def _alike(workspace: Workspace, files: list[str]) -> bool:
    one, other = (read_small(workspace.path / file) for file in files)
    return one is not None and other is not None and correlation(one, other) >= ALIKE

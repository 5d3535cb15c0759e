"""Which videos are labelled by several annotators, and by whom."""

from collections.abc import Mapping, Sequence
from math import ceil

import numpy as np

from core.errors import LabelError
from core.files import natural
from core.media.library import Video, videos
from core.workspace import Workspace

FEWEST_VIDEOS = 5
"""An interval over fewer videos would say nothing."""

ENOUGH = 300
"""Frames that shall overlap at least: ten seconds of video, so that a rare attribute occurs at all."""


def overlap(workspace: Workspace, share: float = 0.2, least: int = ENOUGH, seed: int = 0) -> list[str]:
    """Propose videos to be labelled twice, spread over short and long ones.

    The videos are ordered by length and cut into as many strata as videos are wanted; of each stratum one is drawn. At
    least five are wanted, where there are so many: with fewer, agreement has no interval over videos.

    Args:
        workspace: whose videos.
        share: of the videos, above 0 and up to 1.
        least: frames that they shall have together, where there are so many.
        seed: of the draw.

    Returns:
        Keys of the videos, in natural order.

    Raises:
        LabelError: no such share, or no video with frames.
    """
    if not 0 < share <= 1:
        raise LabelError(
            f"The share of the videos is above 0 and at most 1, not {share}.", "Use for example 0.2, a fifth."
        )
    by_length = sorted((video for video in videos(workspace) if video.frames), key=lambda video: video.frames)
    if not by_length:
        raise LabelError("There are no videos to assign.", "Add videos first.")
    number = min(len(by_length), max(ceil(share * len(by_length)), FEWEST_VIDEOS))
    chosen = _one_of_each(by_length, number, seed)
    while sum(video.frames for video in chosen) < least and number < len(by_length):
        number += 1
        chosen = _one_of_each(by_length, number, seed)
    return sorted((video.key for video in chosen), key=natural)


def _one_of_each(by_length: Sequence[Video], number: int, seed: int) -> list[Video]:
    """Draw one video of each of ``number`` strata of neighbours."""
    rng = np.random.default_rng(seed)
    return [
        by_length[int(rng.choice(places))] for places in np.array_split(np.arange(len(by_length)), number)
    ]


def plan(
    frames: Mapping[str, int],
    annotators: Sequence[str],
    per_video: int,
    keep: Mapping[str, Sequence[str]],
    loads: Mapping[str, int],
    seed: int = 0,
) -> dict[str, list[str]]:
    """Give each video to ``per_video`` annotators, the longest first, each time to those with the fewest frames.

    Args:
        frames: video to how many frames it has.
        annotators: who can be given a video.
        per_video: how many annotators each video gets.
        keep: video to the annotators who have it already and keep it; they may be more than ``per_video``.
        loads: annotator to the frames of other videos that this one has already.
        seed: decides between annotators with equally many frames.

    Returns:
        Video to its annotators, those who keep it first.

    >>> plan({"seam_1": 9, "seam_2": 9}, ["Ann", "Ben"], 1, {"seam_2": ["Ben"]}, {})
    {'seam_1': ['Ann'], 'seam_2': ['Ben']}
    """
    rng = np.random.default_rng(seed)
    load = {name: loads.get(name, 0) for name in annotators}
    for video, names in keep.items():
        for name in names:
            load[name] = load.get(name, 0) + frames[video]
    given = {}
    for video in sorted(frames, key=lambda key: (-frames[key], natural(key))):
        stay = list(keep.get(video, ()))
        drawn = [annotators[place] for place in rng.permutation(len(annotators))]
        others = sorted((name for name in drawn if name not in stay), key=load.__getitem__)
        new = others[: max(0, per_video - len(stay))]
        for name in new:
            load[name] += frames[video]
        given[video] = [*stay, *new]
    return {video: given[video] for video in frames}

"""What was labelled since a split was made, and how the split takes it in."""

from dataclasses import replace

import numpy as np
import pandas as pd

from core.errors import SplitError
from core.files import Progress, natural
from core.splits.blocks import is_border
from core.splits.make_split import make_split
from core.splits.split import BY_VIDEO, PARTS, By, Split, answers_of, grouped, labelled_frames, split_of
from core.splits.stratify import assign_groups, sizes_of
from core.workspace import Workspace


def extend(split: Split, labels: pd.DataFrame, progress: Progress | None = None) -> Split:
    """Give the groups that came since to parts, so that the whole comes near to `BY_VIDEO`; what has a part keeps it.

    Raises:
        SplitError: no labels, or a split that divides a group.
    """
    part = split.table.drop_duplicates("video").set_index("video")["part"]
    if split.divides_videos:
        raise SplitError("The split divides videos, so it cannot be extended.", "Split again, by video.")
    table, groups, keys = grouped(labels)
    fixed = np.array([PARTS.index(part[key]) if key in part.index else -1 for key in keys], np.int64)
    sizes = sizes_of(groups, answers_of(table))
    parts = assign_groups(sizes, np.array(BY_VIDEO), split.seed or 0, fixed, progress)
    made = split_of(table, parts[groups], split.by, split.seed)
    new = [f"{key}: {PARTS[parts[i]]}" for i, key in enumerate(keys) if fixed[i] < 0]
    return replace(made, notes=(f"New: {', '.join(new)}.",) if new else ("There is no new video.",))


def newer_than(split: Split, labels: pd.DataFrame) -> tuple[list[str], int]:
    """Return what ``split`` lacks: the labelled videos that are not in it, and how many labelled frames of its other videos.

    Frames beside the border of two parts are left out on purpose and do not count; of a split by video none do, since
    they follow their video.
    """
    table = labelled_frames(labels)
    videos = sorted(set(table["video"]) - set(split.table["video"]), key=natural)
    if split.by == "video":
        return videos, 0
    rest = table[~table["video"].isin(videos)]
    part = rest["name"].map(split.table.set_index("name")["part"])
    is_new = part.isna()
    if split.by == "blocks":
        is_new &= ~is_border(rest.assign(part=part.map(PARTS.index, na_action="ignore")))
    return videos, int(is_new.sum())


def with_newer(
    workspace: Workspace, split: Split, labels: pd.DataFrame, progress: Progress | None = None
) -> Split:
    """Return ``split`` with what was labelled since, see `newer_than`.

    One that divides no video is extended: what has a part keeps it. Another is made anew, see `way_anew`.

    Raises:
        SplitError: it cannot be made of these labels.
    """
    by = way_anew(split, labels)
    seed = split.seed or 0
    return make_split(workspace, labels, by, seed, progress) if by else extend(split, labels, progress)


def way_anew(split: Split, labels: pd.DataFrame) -> By | None:
    """Return how a split that divides videos is made anew: by video where there are enough; none: it can be extended."""
    if not split.divides_videos:
        return None
    if split.by == "random":
        return "random"
    return "video" if labelled_frames(labels)["video"].nunique() >= len(PARTS) else "blocks"

"""The ways to make a split.

Neighbouring frames of a video are nearly the same picture, so the default keeps each video in one part.
The same seed gives the same split.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import SplitError
from core.files import Progress
from core.lookup_tables.cells import read_cells
from core.lookup_tables.lookup_table import stem
from core.media.library import frame_table
from core.splits.blocks import split_by_blocks
from core.splits.split import BY_VIDEO, PARTS, By, Split, answers_of, grouped, labelled_frames, split_of
from core.splits.stratify import assign_groups, sizes_of
from core.text import count, listed
from core.workspace import Workspace

PUBLISHED = (0.78, 0.20, 0.02)
"""Shares of the frames, as the class published them."""


def make_split(
    workspace: Workspace, labels: pd.DataFrame, by: By, seed: int = 0, progress: Progress | None = None
) -> Split:
    """Make a split by one of the ways `BYS`.

    Raises:
        SplitError: it cannot be made of these labels.
    """
    if by == "blocks":
        return split_by_blocks(labels, frame_table(workspace).set_index("name")["time"], seed, progress)
    return split_random(labels, seed) if by == "random" else split_by_video(labels, seed, progress)


def split_by_video(labels: pd.DataFrame, seed: int = 0, progress: Progress | None = None) -> Split:
    """Give every group to one part, so that all parts resemble the whole and hold both answers of each attribute.

    Raises:
        SplitError: no labels, or fewer than three groups with labels.
    """
    table, groups, keys = grouped(labels)
    if len(keys) < len(PARTS):
        raise SplitError(
            f"Only {count(len(keys), 'labelled video')} ({listed(keys)}); an honest test needs {len(PARTS)}.",
            "Label another video, or split by blocks, which tests on parts of the same videos.",
        )
    sizes = sizes_of(groups, answers_of(table))
    parts = assign_groups(sizes, np.array(BY_VIDEO), seed, progress=progress)
    return split_of(table, parts[groups], "video", seed)


def split_random(
    labels: pd.DataFrame, seed: int = 0, shares: tuple[float, float, float] = PUBLISHED
) -> Split:
    """Shuffle the labelled frames over the parts, as the class published it: near copies fall into every part.

    Raises:
        SplitError: fewer than three labelled frames.
    """
    table = labelled_frames(labels)
    if len(table) < len(PARTS):
        problem = f"Only {count(len(table), 'labelled frame')}; a split needs {len(PARTS)}."
        raise SplitError(problem, "Label some more.")
    valid, test = (max(1, round(share * len(table))) for share in shares[1:])
    order = np.random.default_rng(seed).permutation(len(table))
    parts = np.zeros(len(table), np.int64)
    parts[order[:valid]], parts[order[valid : valid + test]] = 1, 2
    return split_of(table, parts, "random", seed)


def folds(labels: pd.DataFrame, k: int, seed: int = 0) -> list[Split]:
    """Make ``k`` splits by video, such that each group is tested on in exactly one of them.

    In fold i the i-th of k like parts tests, the one after it validates and the others train.

    Raises:
        SplitError: no labels, fewer than three folds, or fewer groups with labels than folds.
    """
    table, groups, keys = grouped(labels)
    if not len(PARTS) <= k <= len(keys):
        raise SplitError(
            f"{k} folds of {count(len(keys), 'video')} are not possible.",
            f"Choose from {len(PARTS)} to as many folds as there are labelled videos.",
        )
    fold = assign_groups(sizes_of(groups, answers_of(table)), np.full(k, 1 / k), seed)[groups]
    ahead = [(fold - test) % k for test in range(k)]  # 0 tests, 1 validates
    return [split_of(table, np.where(a == 0, 2, np.where(a == 1, 1, 0)), "video", seed) for a in ahead]


def split_from_table(labels: pd.DataFrame, path: Path) -> Split:
    """Take the split from a CSV file with the columns ``name`` and ``part``; other columns are not looked at.

    Raises:
        SplitError: a column is missing, a name is not in the workspace, a part is none of `PARTS` or stays empty,
            a name stands in two parts. The message names file and line.
        LabelError: the file cannot be read.
    """
    cells, lines, _ = read_cells(path)
    for column in ("name", "part"):
        if column not in cells.columns:
            raise SplitError(f"{path} has no column “{column}”.", "Add it.")
    parts = cells["part"].str.strip().str.lower()
    rows = pd.DataFrame({"name": cells["name"].map(stem), "part": parts, "line": lines})
    _refuse(~rows["part"].isin(PARTS), rows, path, "part", f"is not one of the parts {', '.join(PARTS)}")
    _refuse(~rows["name"].isin(labels["name"]), rows, path, "name", "is not a frame of this workspace")
    once = rows.drop_duplicates(["name", "part"])
    _refuse(once["name"].duplicated(), once, path, "name", "is in another part, too")
    table = labelled_frames(labels)
    part = table["name"].map(once.set_index("name")["part"])
    split = split_of(table[part.notna()], part.dropna().map(PARTS.index).to_numpy(np.int64), "file", None)
    if empty := [name for name in PARTS if name not in set(split.table["part"])]:
        raise SplitError(f"{path} names no labelled frames for {listed(empty)}.", "Name some.")
    return replace(split, notes=tuple(_file_notes(split.table, len(once), len(table))))


def _refuse(wrong: pd.Series, rows: pd.DataFrame, path: Path, column: str, problem: str) -> None:
    if wrong.any():
        first = rows[wrong].iloc[0]
        where = f"in {path}, line {first['line']},"
        raise SplitError(f"{first[column]!r} {where} {problem}.", "Correct the line.")


def _file_notes(table: pd.DataFrame, rows: int, labelled: int) -> Iterator[str]:
    if rows > len(table):
        yield f"{count(rows - len(table), 'frame')} of the table without a label, left out."
    if labelled > len(table):
        yield f"{count(labelled - len(table), 'labelled frame')} not in the table, so not used."
    if crossing := int((table.groupby("video")["part"].nunique() > 1).sum()):
        yield f"{count(crossing, 'video')} in more than one part: the test is not on unseen videos."

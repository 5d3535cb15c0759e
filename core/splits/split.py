"""Splits: which frames train, which validate, and which test.

Neighbouring frames of a video are nearly the same picture, so the default keeps each video in one part.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.errors import SplitError
from core.exchange.cells import read_cells, stem
from core.files import replacing
from core.splits.stratify import assign, sizes_of
from core.workspace import Workspace

PARTS = ("train", "valid", "test")
BY_VIDEO = (0.6, 0.2, 0.2)
PUBLISHED = (0.78, 0.20, 0.02)

By = Literal["video", "blocks", "random", "file"]
BYS: tuple[By, ...] = ("video", "blocks", "random")
"""The ways to make one."""


@dataclass(frozen=True)
class Split:
    """Which frame belongs to which part.

    Args:
        table: ``name``, ``group``, ``part`` (one of `PARTS`), in the order of the labels.
        by: how it was made.
        seed: with which it was made; none where it was read from a file.
        notes: what the user should know, one sentence each.
    """

    table: pd.DataFrame
    by: By
    seed: int | None = None
    notes: tuple[str, ...] = ()

    def counts(self, labels: pd.DataFrame) -> dict[str, dict[str, Any]]:
        """Return per part ``frames``, ``videos``, and per attribute how many of ``labels`` are true and false.

        Frames that ``labels`` do not name, those of removed videos, are not counted.
        """
        joined = self.table.merge(labels.drop(columns="group"), on="name")
        return {part: _count(joined[joined["part"] == part], attributes_of(labels)) for part in PARTS}


def split_by_video(
    labels: pd.DataFrame, seed: int = 0, shares: tuple[float, float, float] = BY_VIDEO
) -> Split:
    """Give every group to one part, so that all parts resemble the whole and hold both answers of each attribute.

    Args:
        labels: as `core.labels.labels.consensus` returns them; frames without a label are left out.
        seed: another one gives another split.
        shares: of the frames, for train, valid and test.

    Raises:
        SplitError: no labels, or fewer than three groups with labels.
    """
    table = labelled_frames(labels)
    groups, keys = pd.factorize(table["group"])
    if len(keys) < len(PARTS):
        raise SplitError(
            "labels in at least three videos or groups to split by video",
            f"{len(keys)} ({', '.join(map(str, keys))})",
            "Label another video, or split with “--by blocks”, which cuts videos into stretches with gaps, or with "
            "“--by random”, which shows the network near copies of test frames.",
        )
    sizes = sizes_of(groups, answers_of(table))
    return split_of(table, assign(sizes, np.array(shares), seed)[groups], "video", seed)


def split_random(
    labels: pd.DataFrame, seed: int = 0, shares: tuple[float, float, float] = PUBLISHED
) -> Split:
    """Shuffle the labelled frames over the parts, as the class published it: near copies fall into every part.

    Args:
        labels: as `core.labels.labels.consensus` returns them.
        seed: another one gives another split.
        shares: of the frames, for train, valid and test.

    Raises:
        SplitError: fewer than three labelled frames.
    """
    table = labelled_frames(labels)
    if len(table) < len(PARTS):
        raise SplitError("at least three labelled frames", str(len(table)), "Label some more.")
    valid, test = (max(1, round(share * len(table))) for share in shares[1:])
    parts = np.zeros(len(table), np.int64)
    order = np.random.default_rng(seed).permutation(len(table))
    parts[order[:valid]] = 1
    parts[order[valid : valid + test]] = 2
    return split_of(table, parts, "random", seed)


def extend(split: Split, labels: pd.DataFrame) -> Split:
    """Give the groups that came since to parts, so that the whole comes near to `BY_VIDEO`; what has a part keeps it.

    Args:
        split: that holds each group in one part.
        labels: as `core.labels.labels.consensus` returns them.

    Raises:
        SplitError: no labels, or a split that divides a group.
    """
    part = split.table.drop_duplicates("group").set_index("group")["part"]
    if len(part) < len(split.table.drop_duplicates(["group", "part"])):
        raise SplitError(
            "a split by video to extend", f"one that divides videos ({split.by})", "Split again, by video."
        )
    table = labelled_frames(labels)
    groups, keys = pd.factorize(table["group"])
    fixed = np.array([PARTS.index(part[key]) if key in part.index else -1 for key in keys], np.int64)
    parts = assign(sizes_of(groups, answers_of(table)), np.array(BY_VIDEO), split.seed or 0, fixed)
    made = split_of(table, parts[groups], split.by, split.seed)
    new = [f"{key}: {PARTS[parts[i]]}" for i, key in enumerate(keys) if fixed[i] < 0]
    return replace(made, notes=(f"New: {', '.join(new)}.",) if new else ("No video has come since.",))


def folds(labels: pd.DataFrame, k: int, seed: int = 0) -> list[Split]:
    """Make ``k`` splits by video, such that each group is tested on in exactly one of them.

    In fold i the i-th of k like parts tests, the one after it validates and the others train.

    Args:
        labels: as `core.labels.labels.consensus` returns them; frames without a label are left out.
        k: from 3.
        seed: another one gives other folds.

    Raises:
        SplitError: no labels, fewer than three folds, or fewer groups with labels than folds.
    """
    table = labelled_frames(labels)
    groups, keys = pd.factorize(table["group"])
    if not len(PARTS) <= k <= len(keys):
        raise SplitError(
            f"a number of folds from {len(PARTS)} to the number of labelled videos",
            f"{k} folds of {len(keys)} videos",
            "Choose fewer folds, or label more videos.",
        )
    fold = assign(sizes_of(groups, answers_of(table)), np.full(k, 1 / k), seed)[groups]
    ahead = [(fold - test) % k for test in range(k)]  # 0 tests, 1 validates
    return [split_of(table, np.where(a == 0, 2, np.where(a == 1, 1, 0)), "video", seed) for a in ahead]


def split_from_table(labels: pd.DataFrame, path: Path) -> Split:
    """Take the split from a CSV file with the columns ``name`` and ``part``; other columns are not looked at.

    Raises:
        SplitError: a column is missing, a name is not in the workspace, a part is none of `PARTS` or stays empty,
            a name stands in two parts. The message names file and line.
        LabelError: the file cannot be read.
    """
    cells, lines = read_cells(path)
    for column in ("name", "part"):
        if column not in cells.columns:
            raise SplitError("the columns name and part", f"{path} without {column}", "Add the column.")
    asked = pd.DataFrame(
        {"name": cells["name"].map(stem), "part": cells["part"].str.strip().str.lower(), "line": lines}
    )
    _refuse(~asked["part"].isin(PARTS), asked, path, f"one of the parts {', '.join(PARTS)}", "part")
    _refuse(~asked["name"].isin(labels["name"]), asked, path, "names of frames of this workspace", "name")
    once = asked.drop_duplicates(["name", "part"])
    _refuse(once["name"].duplicated(), once, path, "each name in one part", "name")
    table = labelled_frames(labels)
    part = table["name"].map(once.set_index("name")["part"])
    chosen = table[part.notna()]
    split = split_of(chosen, part.dropna().map(PARTS.index).to_numpy(np.int64), "file", None)
    if empty := [name for name in PARTS if name not in set(split.table["part"])]:
        raise SplitError(
            "labelled frames for every part", f"none for {', '.join(empty)} in {path}", "Name some."
        )
    return Split(split.table, "file", None, tuple(_notes(split.table, len(once), len(table))))


def store(workspace: Workspace, split: Split) -> None:
    """Make ``split`` the current one of the workspace: split.csv, and how it came about in split.json.

    Raises:
        SplitError: a folder is in the way.
    """
    if workspace.split_file.is_dir():
        raise _no_file(workspace)
    content = split.table.to_csv(index=False, lineterminator="\n").encode()
    about = {"by": split.by, "seed": split.seed, "sha256": hashlib.sha256(content).hexdigest()}
    with replacing(workspace.split_file) as csv, replacing(_about_file(workspace)) as json_file:
        csv.write_bytes(content)
        json_file.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def load(workspace: Workspace) -> Split | None:
    """Return the current split, or None where there is none. One that was edited counts as a file's.

    Raises:
        SplitError: split.csv is no split, or a folder.
    """
    try:
        content = workspace.split_file.read_bytes()
    except FileNotFoundError:
        return None
    except IsADirectoryError as error:
        raise _no_file(workspace) from error
    cells, _ = read_cells(workspace.split_file)
    if not {"name", "group", "part"} <= set(cells.columns) or not (
        cells["part"].isin(PARTS).all() and cells["name"].is_unique
    ):
        raise SplitError(
            f"the columns name (each once), group, part (one of {', '.join(PARTS)})",
            f"something else in {workspace.split_file}",
            "Split again.",
        )
    table = cells[["name", "group", "part"]].astype(str)
    try:
        about = json.loads(_about_file(workspace).read_text(encoding="utf-8"))
        if about["sha256"] == hashlib.sha256(content).hexdigest():
            return Split(table, about["by"], about["seed"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # then nobody knows how it was made
    return Split(table, "file")


def attributes_of(labels: pd.DataFrame) -> list[str]:
    """Return the attribute columns of a table of labels."""
    return [name for name in labels.columns if name not in ("name", "group", "index")]


def labelled_frames(labels: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that have a label.

    Raises:
        SplitError: there are none.
    """
    table = labels[labels[attributes_of(labels)].notna().any(axis=1)]
    if table.empty:
        raise SplitError("labelled frames", "none", "Label some frames, or import a lookup table.")
    return table


def split_of(table: pd.DataFrame, parts: np.ndarray, by: By, seed: int | None) -> Split:
    """Name the parts (N,) int64 of the frames of ``table``."""
    named = table[["name", "group"]].reset_index(drop=True)
    return Split(named.assign(part=np.array(PARTS, object)[parts]), by, seed)


def answers_of(table: pd.DataFrame) -> np.ndarray:
    """Return (N, attributes) float32: 1, 0, or NaN for unset."""
    return table[attributes_of(table)].to_numpy(np.float32, na_value=np.nan)


def _count(part: pd.DataFrame, names: list[str]) -> dict[str, Any]:
    return {
        "frames": len(part),
        "videos": int(part["group"].nunique()),
        "attributes": {
            name: {"true": int(part[name].sum()), "false": int((~part[name]).sum())} for name in names
        },
    }


def _refuse(wrong: pd.Series, rows: pd.DataFrame, path: Path, expected: str, column: str) -> None:
    if wrong.any():
        first = rows[wrong].iloc[0]
        raise SplitError(expected, f"{first[column]!r} in {path}, line {first['line']}", "Correct the line.")


def _notes(table: pd.DataFrame, asked: int, labelled: int) -> list[str]:
    notes = []
    if asked > len(table):
        notes.append(f"{asked - len(table)} of the named frames have no label and are left out.")
    if labelled > len(table):
        notes.append(f"{labelled - len(table)} labelled frames are not named and not used.")
    crossing = int((table.groupby("group")["part"].nunique() > 1).sum())
    if crossing:
        notes.append(f"{crossing} videos are in more than one part: the test is not on unseen videos.")
    return notes


def _no_file(workspace: Workspace) -> SplitError:
    return SplitError("a file, or nothing yet", f"the folder {workspace.split_file}", "Move it elsewhere.")


def _about_file(workspace: Workspace) -> Path:
    return workspace.split_file.with_suffix(".json")

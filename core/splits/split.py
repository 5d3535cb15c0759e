"""A split: which frames train, which validate, and which test.

Labels are tables as `core.labels.consensus.consensus` returns them; frames without a label are left out.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.errors import SplitError
from core.labels.label_table import attributes_of

PARTS = ("train", "valid", "test")
PART_NAMES = {"train": "training", "valid": "validation", "test": "test"}
"""What the parts are called, everywhere that people read of them."""

BY_VIDEO = (0.6, 0.2, 0.2)
"""Shares of the frames for train, valid and test, where videos or blocks stay whole."""

By = Literal["video", "blocks", "random", "file"]
BYS: tuple[By, ...] = ("video", "blocks", "random")
"""The ways to make one."""


@dataclass(frozen=True)
class Split:
    """Which frame belongs to which part."""

    table: pd.DataFrame  # ``name``, ``video``, ``part`` (one of `PARTS`), in the order of the labels
    by: By  # how it was made
    seed: int | None = None  # with which it was made; none where it was read from a file
    notes: tuple[str, ...] = ()  # what the user should know, one sentence each

    @property
    def divides_videos(self) -> bool:
        """Whether some video has frames in several parts."""
        return len(self.table.drop_duplicates(["video", "part"])) > self.table["video"].nunique()

    def counts(self, labels: pd.DataFrame) -> dict[str, dict[str, Any]]:
        """Return per part ``frames``, ``videos``, and per attribute how many of ``labels`` are true and false.

        Frames that ``labels`` do not name, those of removed videos, are not counted.
        """
        joined = self.table.merge(labels.drop(columns="video"), on="name")
        return {part: _counts(joined[joined["part"] == part], attributes_of(labels)) for part in PARTS}


def labelled_frames(labels: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that have a label.

    Raises:
        SplitError: there are none.
    """
    table = labels[labels[attributes_of(labels)].notna().any(axis=1)]
    if table.empty:
        advice = "Label some frames, or import a lookup table."
        raise SplitError("There are no labelled frames to split.", advice)
    return table


def grouped(labels: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray, pd.Index]:
    """Return the labelled frames, the number of each one's group, and the groups."""
    table = labelled_frames(labels)
    return table, *pd.factorize(table["video"])


def split_of(table: pd.DataFrame, parts: np.ndarray, by: By, seed: int | None) -> Split:
    """Name the parts (N,) int64 of the frames of ``table``."""
    named = table[["name", "video"]].reset_index(drop=True)
    return Split(named.assign(part=np.array(PARTS, object)[parts]), by, seed)


def answers_of(table: pd.DataFrame) -> np.ndarray:
    """Return (N, attributes) float32: 1, 0, or NaN for unset."""
    return table[attributes_of(table)].to_numpy(np.float32, na_value=np.nan)


def _counts(part: pd.DataFrame, names: list[str]) -> dict[str, Any]:
    return {
        "frames": len(part),
        "videos": int(part["video"].nunique()),
        "attributes": {n: {"true": int(part[n].sum()), "false": int((~part[n]).sum())} for n in names},
    }

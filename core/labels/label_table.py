"""The one schema of a table of labels. A column that every table shall have is added here and in `core.labels.consensus`."""

from collections.abc import Sequence
from typing import TypeAlias

import pandas as pd

LabelTable: TypeAlias = pd.DataFrame
"""A row per frame: ``name`` (str), ``video`` (its key, str), ``index`` (int), then one nullable boolean column per attribute,
where missing is unset. A split has ``name``, ``video`` and ``part``, the frames of a run ``name``, ``video``, ``part`` and the
attributes."""

FRAME = ("name", "video", "index")
"""The columns that are no attributes."""


def attributes_of(labels: LabelTable) -> list[str]:
    """Return the attribute columns."""
    return [name for name in labels.columns if name not in FRAME]


def of_one_class(labels: LabelTable, classes: Sequence[str]) -> pd.Series:
    """Return for each row whether exactly one of ``classes`` is true: only then its class is known."""
    return labels[list(classes)].fillna(False).sum(axis=1) == 1


def to_file(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table as it is stored: in split.csv, frames.csv and predictions, ``video`` is called ``group``."""
    return table.rename(columns={"video": "group"})


def from_file(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table that was stored, with its ``group`` as ``video``."""
    return table.rename(columns={"group": "video"})

"""Stretches: neighbouring frames of a video that have something in common, to be stored, listed and looked at as one."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.attributes import Answer
from core.media.library import frame_table
from core.storage.event_log import Stretch, stretch_starts
from core.workspace import Workspace


def numbered(table: pd.DataFrame, same: Sequence[str], places: pd.Series) -> pd.Series:
    """Number the stretches of a table of frames (``name``, ``video`` and the columns ``same``), from 0: (rows,) int.

    Neighbouring frames of one stretch, by their ``places`` as `places` returns them, have what is in the columns ``same`` in
    common; that a value is missing counts as a value.
    """
    codes = [pd.factorize(table[name].astype(object), use_na_sentinel=False)[0] for name in ("video", *same)]
    # What runs on has the same place less row in all of its rows.
    offset = table["name"].map(places).to_numpy(float) - np.arange(len(table))
    begins = np.zeros(len(table), np.int64)
    begins[stretch_starts(*codes, offset)] = 1
    return pd.Series(begins.cumsum() - 1, table.index)


def joined(labels: pd.DataFrame) -> list[Stretch]:
    """Join labels (``video``, ``index``, ``attribute``, nullable boolean ``value``) of neighbouring frames that are the same."""
    labels = labels.sort_values(["attribute", "video", "index"])
    value = labels["value"].to_numpy(np.int8, na_value=-1)
    index = labels["index"].to_numpy(np.int64)
    videos, attributes = (labels[name].to_numpy(object) for name in ("video", "attribute"))
    first, last = runs(index, attributes, videos, value)
    answers: dict[int, Answer] = {1: True, 0: False, -1: None}
    return [
        Stretch(videos[a], int(index[a]), int(index[b]), attributes[a], answers[int(value[a])])
        for a, b in zip(first.tolist(), last.tolist(), strict=True)
    ]


def runs(index: np.ndarray, *columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and the last row of each stretch: ``index`` (rows,) int counts on, and ``columns`` (rows,) stay the same.

    >>> runs(np.array([4, 5, 6, 8]), np.array([1, 1, 0, 0]))
    (array([0, 2, 3]), array([1, 2, 3]))
    """
    first = stretch_starts(*columns, index - np.arange(len(index)))[: len(index)]
    return first, np.append(first[1:], len(index))[: len(first)] - 1


def places(workspace: Workspace) -> pd.Series:
    """Return the place of every frame by its name: neighbours in a video have neighbouring places, whatever their indexes."""
    names = frame_table(workspace)["name"]
    return pd.Series(range(len(names)), names)

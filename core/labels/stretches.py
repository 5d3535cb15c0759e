"""Stretches: neighbouring frames of a video that have something in common, numbered, to be told and looked at as one."""

from collections.abc import Sequence

import pandas as pd

from core.media.library import frame_table
from core.workspace import Workspace


def numbered(table: pd.DataFrame, same: Sequence[str], places: pd.Series) -> pd.Series:
    """Number the stretches of a table of frames, from 0 in its order.

    Args:
        table: ``name`` and ``video`` of frames, and the columns ``same``.
        same: what neighbouring frames of one stretch have in common; that a value is missing counts as a value.
        places: place of every frame, as `places` returns it.

    Returns:
        (rows,) int, the number of each row's stretch.
    """
    values = table[["video", *same]].astype(object).where(table[["video", *same]].notna(), None)
    before = values.shift()
    alike = (values == before) | (values.isna() & before.isna())
    apart = (
        table["name"].map(places).astype(float).diff()
    )  # of no rows, `map` leaves text, which has no difference
    begins = ~alike.all(axis=1) | (apart != 1)
    return begins.cumsum() - 1


def places(workspace: Workspace) -> pd.Series:
    """Return the place of every frame by its name: neighbours in a video have neighbouring places, whatever their indexes."""
    names = frame_table(workspace)["name"]
    return pd.Series(range(len(names)), names)

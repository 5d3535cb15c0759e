"""The one schema of a table of labels. A column that every table shall have is added here and in `core.labels.consensus`."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Connection, Select, literal, select

from core.files import natural
from core.storage import database as db

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


def labelled(labels: LabelTable, classes: Sequence[str], exclusive: bool) -> LabelTable:
    """Return the rows that can teach: with any label, or of classes with exactly one true."""
    is_labelled = of_one_class(labels, classes) if exclusive else labels[list(classes)].notna().any(axis=1)
    return labels[is_labelled].reset_index(drop=True)


def to_file(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table as it is stored: in split.csv, frames.csv and predictions, ``video`` is called ``group``."""
    return table.rename(columns={"video": "group"})


def from_file(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table that was stored, with its ``group`` as ``video``."""
    return table.rename(columns={"group": "video"})


def frames_of(connection: Connection, video: str | None = None) -> pd.DataFrame:
    """Return ``name``, ``video``, ``index`` and ``video_id`` of every frame, or of one video's; by video in natural order and
    index.
    """
    v, f = db.videos.c, db.frames.c
    query = select(f.name, v.key.label("video"), f.index, f.video_id).join_from(db.frames, db.videos)
    query = query.where(~v.hidden, literal(True) if video is None else v.key == video)
    return in_order(pd.read_sql(query, connection))


def given_labels(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Select ``video`` (key), ``index``, ``attribute``, ``annotator`` (names) and ``value`` of the labels that annotators gave,
    under conditions on these tables; of removed videos too.
    """
    c, a, people = db.current.c, db.attributes.c, db.annotators.c
    return (
        select(db.videos.c.key.label("video"), c.index, a.name.label("attribute"))
        .add_columns(people.name.label("annotator"), c.value)
        .select_from(db.current.join(db.videos).join(db.attributes).join(db.annotators))
        .where(c.value.is_not(None), ~people.hidden, *conditions)
    )


def in_order(
    table: pd.DataFrame, before: Sequence[pd.Series] = (), after: Sequence[pd.Series] = ()
) -> pd.DataFrame:
    """Return a table sorted by ``video`` in natural order and ``index``, its rows numbered anew.

    Args:
        table: with these columns.
        before: ranks of the rows by which they are sorted first.
        after: ranks that decide between rows of the same frame. Of several the last weighs most.
    """
    order = {key: place for place, key in enumerate(sorted(table["video"].unique(), key=natural))}
    places = np.lexsort((*after, table["index"], table["video"].map(order), *before))
    return table.iloc[places].reset_index(drop=True)

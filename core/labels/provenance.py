"""Where labels come from: how many of them began as a suggestion of a network."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from sqlalchemy import BindParameter, Connection, bindparam, case, func, select

from core.storage import database as db
from core.storage import effective_events
from core.storage.event_log import NO_LABELS
from core.text import share_of
from core.workspace import Workspace

LANE = ["annotator_id", "video_id", "attribute_id"]
COUNTED = ["video_id", "index", "attribute_id", "labels", "suggested"]

_c, _e = db.current.c, db.events.c
_IN_VIDEOS: BindParameter[int] = bindparam("videos", expanding=True)
_GIVEN = (
    select()
    .select_from(db.current)
    .join(db.events, _e.seq == _c.seq)
    .join(db.annotators, db.annotators.c.id == _c.annotator_id)
    .where(_c.value.is_not(None), ~db.annotators.c.hidden, _c.video_id.in_(_IN_VIDEOS))
)
_SUGGESTED = func.sum(case((_e.source == "suggestion", 1), else_=0))
_CELL = (_c.video_id, _c.index, _c.attribute_id)
_LABELS = _GIVEN.add_columns(*_CELL, func.count(), _SUGGESTED).group_by(*_CELL)
"""Per frame and attribute of some videos: how many annotators labelled it, and how many of them by suggestion.
Grouped by ids, in whose order they are stored."""

_BROUGHT_BACK = _GIVEN.add_columns(_c.annotator_id, *_CELL).where(_e.source == "undo")
"""Labels that an undo brought back: an earlier event tells where they began."""

_EVENTS = (
    select(_e.annotator_id, _e.video_id, _e.attribute_id, _e.first, _e.last, _e.seq, _e.source)
    .where(_e.source.not_in(("undo", *NO_LABELS)), _e.video_id.in_(_IN_VIDEOS))
    .order_by(_e.seq)
)


def suggested(workspace: Workspace, names: Collection[str]) -> pd.DataFrame:
    """Count the labels of the frames called ``names``, also of removed videos, and those that a network suggested.

    Returns:
        A row per attribute of the workspace, in its order: ``labels`` (int: true or false now) and ``suggested`` (int: how many of those).
    """
    f = db.frames.c
    with db.reading(workspace) as connection:
        frames = pd.read_sql(select(f.video_id, f.index, f.name), connection)
        frames = frames[frames["name"].isin(set(names))]
        videos = frames["video_id"].unique().tolist()
        rows = connection.execute(_LABELS, {"videos": videos}).all()
        numbers = np.array([tuple(row) for row in rows], np.int64).reshape(-1, len(COUNTED))
        counted = pd.concat([pd.DataFrame(numbers, columns=COUNTED), _brought_back(connection, videos)])
        ids = dict(connection.execute(select(db.attributes.c.id, db.attributes.c.name)).tuples().all())
    asked = pd.MultiIndex.from_frame(frames[["video_id", "index"]])
    counted = counted[pd.MultiIndex.from_frame(counted[["video_id", "index"]]).isin(asked)]
    by_attribute = counted.groupby(counted["attribute_id"].map(ids).rename("attribute"))
    counts = by_attribute[["labels", "suggested"]].sum()
    return counts.reindex(list(workspace.attributes.names), fill_value=0).astype(np.int64)


def sentence(counts: pd.DataFrame) -> str:
    """Return a sentence on what share of labels began as suggestions, of `suggested`."""
    labels, begun = int(counts["labels"].sum()), int(counts["suggested"].sum())
    if not begun:
        return "None of the labels of these frames began as a suggestion of a network."
    return f"{begun:,} of {labels:,} labels ({share_of(begun, labels)}) began as suggestions of a network; they may repeat its mistakes."


def _brought_back(connection: Connection, videos: list[int]) -> pd.DataFrame:
    """Return what to add where an undo brought a suggestion back, as `COUNTED`; its ``labels`` are counted already."""
    rows = pd.read_sql(_BROUGHT_BACK, connection, params={"videos": videos}).assign(labels=0, suggested=0)
    if len(rows):
        events = pd.read_sql(_EVENTS, connection, params={"videos": videos})
        events = events[~events["seq"].isin(effective_events.undone(connection))]
        lanes = dict(iter(events.groupby(LANE)))
        for lane, part in rows.groupby(LANE):
            rows.loc[part.index, "suggested"] = _began(lanes[lane], part["index"].to_numpy())
    return rows[COUNTED]


def _began(events: pd.DataFrame, indexes: np.ndarray) -> np.ndarray:
    """Return 1 for the frames ``indexes`` that the last of ``events`` about them is a suggestion of, else 0: (N,)."""
    painted = np.zeros(indexes.max() + 1, np.int64)
    for first, last, source in events[["first", "last", "source"]].itertuples(index=False):
        painted[first : last + 1] = source == "suggestion"
    return painted[indexes]

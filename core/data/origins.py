"""Where labels come from: how many of them began as a suggestion of a network."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from sqlalchemy import bindparam, case, func, select

from core.data import database as db
from core.workspace import Workspace

_c, _e = db.current.c, db.events.c
_LABELS = (
    select(
        _c.video_id,
        _c.index,
        db.attributes.c.name,
        func.count().label("labels"),
        func.sum(case((_e.source == "suggestion", 1), else_=0)).label("suggested"),
    )
    .select_from(db.current)
    .join(db.events, _e.seq == _c.seq)
    .join(db.attributes, db.attributes.c.id == _c.attribute_id)
    .join(db.annotators, db.annotators.c.id == _c.annotator_id)
    .where(
        _c.value.is_not(None), ~db.annotators.c.hidden, _c.video_id.in_(bindparam("videos", expanding=True))
    )
    .group_by(_c.video_id, _c.index, db.attributes.c.name)
)
"""Per frame and attribute of some videos: how many annotators say true or false, and how many of them by suggestion."""


def suggested(workspace: Workspace, names: Collection[str]) -> pd.DataFrame:
    """Count the labels of frames, and those whose answer came from a suggestion of a network.

    Args:
        workspace: whose labels they are.
        names: of the frames; those of removed videos count too, unknown ones do not.

    Returns:
        A row per attribute of the workspace, in its order: ``labels`` (int: what annotators say now, true or
        false) and ``suggested`` (int: how many of those).
    """
    f = db.frames.c
    with db.reading(workspace) as connection:
        frames = pd.read_sql(select(f.video_id, f.index, f.name), connection)
        frames = frames[frames["name"].isin(set(names))]
        videos = {"videos": frames["video_id"].unique().tolist()}
        rows = connection.execute(_LABELS, videos).all()
    found = pd.DataFrame(rows, columns=["video_id", "index", "attribute", "labels", "suggested"])
    asked = pd.MultiIndex.from_frame(frames[["video_id", "index"]])
    found = found[pd.MultiIndex.from_frame(found[["video_id", "index"]]).isin(asked)]
    counts = found.groupby("attribute")[["labels", "suggested"]].sum()
    return counts.reindex(list(workspace.attributes.names), fill_value=0).astype(np.int64)


def sentence(counts: pd.DataFrame) -> str:
    """Say in a line what share of labels began as suggestions.

    Args:
        counts: as `suggested` returns it.
    """
    labels, begun = int(counts["labels"].sum()), int(counts["suggested"].sum())
    if not begun:
        return "None of the labels of these frames began as a suggestion of a network."
    share = 100 * begun / labels
    percent = f"{share:.0f} %" if share >= 1 else "under 1 %"
    return f"{begun:,} of {labels:,} labels ({percent}) began as suggestions of a network; they may lean its way."

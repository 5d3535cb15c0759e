"""Labels that lookup tables say nothing of stay as they were."""

from core.data import news
from core.data.filing import frames_there
from core.data.gathering import Gathered
from core.workspace import Workspace


def keep_unspoken(there: Workspace, annotator: str, gathered: Gathered) -> int:
    """Put the annotator's earlier labels where no table has the column for a frame; return how many.

    Left unset they would be taken back. Where a class is chosen, the others are no longer open.
    """
    table = gathered.labels
    spoken = gathered.spoken.reindex(index=table.index, columns=table.columns)
    if spoken.all(axis=None):
        return 0
    frames = frames_there(there)[["name", "video", "index"]]
    said = news.said_by(there, annotator).merge(frames, on=["video", "index"])
    before = said.pivot(index="name", columns="attribute", values="value")
    before = before.reindex(index=table.index, columns=table.columns).astype("boolean")
    kept = ~spoken & before.notna()
    if there.attributes.exclusive:
        kept = kept.mul(~table.fillna(False).any(axis=1), axis=0)
    gathered.labels = table.mask(kept, before)
    return int(kept.to_numpy().sum())

"""The adjudications that stand, as the consensus, its counts and its sources read them."""

import pandas as pd
from sqlalchemy import Connection

from core.data import log, undo

_FRAME = ["video_id", "index", "attribute_id"]


def standing(connection: Connection) -> pd.DataFrame:
    """Return of each frame and attribute the latest decision that was not taken back, unless it withdraws.

    Returns:
        ``video_id``, ``index``, ``attribute_id`` and ``balance`` (1 true, -1 false).
    """
    found = pd.read_sql(log.VERDICTS, connection)
    found = found[~found["seq"].isin(undo.undone(connection))].drop_duplicates(_FRAME, keep="last")
    return found.loc[found["balance"] != 0, [*_FRAME, "balance"]]

"""What is new in rows of labels: compared with what their annotator says already, and joined to stretches."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from core.attributes import Answer
from core.storage import database as db
from core.storage import event_log
from core.storage.event_log import Stretch
from core.workspace import Workspace


@dataclass(frozen=True)
class Changes:
    """How many labels of one attribute are new, changed, removed (unset from then on), and the same."""

    new: int = 0
    changed: int = 0
    removed: int = 0
    same: int = 0


def said_by(workspace: Workspace, annotator: str) -> pd.DataFrame:
    """Return all that one annotator says, of removed videos too.

    Returns:
        ``video`` (key), ``index`` (int), ``attribute`` and ``value`` (nullable boolean), which is never unset.
    """
    with db.reading(workspace) as connection:
        return _before(connection, annotator)


def _before(connection: Connection, annotator: str) -> pd.DataFrame:
    said = pd.read_sql(event_log.SAID, connection, params={"annotator": annotator})
    return said.astype({"value": "boolean"})


def _beside(connection: Connection, annotator: str, said: pd.DataFrame) -> pd.DataFrame:
    """Return ``said`` with ``value_before``: what ``annotator`` says already. Nothing said is unset."""
    keys = ["video", "index", "attribute"]
    return said.merge(_before(connection, annotator), "left", keys, suffixes=("", "_before"))


def news(connection: Connection, annotator: str, said: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of ``said`` that differ from what ``annotator`` says already."""
    both = _beside(connection, annotator, said)
    same = (both["value"] == both["value_before"]).fillna(False)
    same |= both["value"].isna() & both["value_before"].isna()
    return both.loc[~same.astype(bool), list(said.columns)]


def count_changes(connection: Connection, annotator: str, said: pd.DataFrame) -> dict[str, Changes]:
    """Count per attribute what ``said`` would change."""
    both = _beside(connection, annotator, said)
    value, before = both["value"], both["value_before"]
    kinds = {
        "new": value.notna() & before.isna(),
        "changed": (value != before).fillna(False),
        "removed": value.isna() & before.notna(),
        "same": (value == before).fillna(False),
    }
    counts = {kind: both["attribute"][found].value_counts() for kind, found in kinds.items()}
    names = dict.fromkeys(said["attribute"])
    return {name: Changes(**{kind: int(c.get(name, 0)) for kind, c in counts.items()}) for name in names}


def stretches(labels: pd.DataFrame) -> list[Stretch]:
    """Join neighbouring frames (index and index + 1) with the same answer."""
    labels = labels.sort_values(["attribute", "video", "index"])
    value = labels["value"].to_numpy(np.int8, na_value=-1)
    index = labels["index"].to_numpy(np.int64)
    joined = (np.diff(index) == 1) & (np.diff(value) == 0)
    for column in ("attribute", "video"):
        joined &= labels[column].to_numpy()[1:] == labels[column].to_numpy()[:-1]
    edges = [0, *(np.flatnonzero(~joined) + 1).tolist(), len(labels)] if len(labels) else [0]
    answers: dict[int, Answer] = {1: True, 0: False, -1: None}
    videos, attributes = labels["video"].tolist(), labels["attribute"].tolist()
    return [
        Stretch(videos[a], int(index[a]), int(index[b - 1]), attributes[a], answers[int(value[a])])
        for a, b in pairwise(edges)
    ]

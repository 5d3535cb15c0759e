"""All labels of one annotator."""

import pandas as pd
from sqlalchemy import Connection

from core.labels.label_table import given_labels
from core.storage import database as db


def labels_by(connection: Connection, annotator: str) -> pd.DataFrame:
    """Return all labels of one annotator, of removed videos too.

    Returns:
        ``video`` (key), ``index`` (int), ``attribute`` and ``value`` (nullable boolean), which is never unset.
    """
    labels = pd.read_sql(given_labels(db.annotators.c.name == annotator), connection)
    return labels.drop(columns="annotator").astype({"value": "boolean"})

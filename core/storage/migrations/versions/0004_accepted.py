"""Labels that were accepted on a second look become events; they were rows of accepted.csv, which stays where it is."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import sqlalchemy as sa
from alembic import context, op

revision = "0004"
down_revision = "0003"

_ADD_ANNOTATOR = sa.text(
    "INSERT INTO annotators (name, hidden) VALUES (:annotator, FALSE) ON CONFLICT (name) DO NOTHING"
)
_ADD_EVENT = sa.text(
    """
    INSERT INTO events (id, at, annotator_id, video_id, "first", "last", attribute_id, value, source)
    SELECT :id, :at, annotators.id, frames.video_id, frames."index", frames."index", attributes.id,
           CAST(:value AS BOOLEAN), 'accepted'
    FROM annotators, frames, attributes
    WHERE annotators.name = :annotator AND frames.name = :name AND attributes.name = :attribute
    ON CONFLICT (id) DO NOTHING
    """
)


def upgrade() -> None:
    file = Path(context.config.attributes["folder"]) / "accepted.csv"
    if not file.is_file():
        return
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = [
            row for row in csv.DictReader(lines) if {"name", "attribute", "label", "annotator"} <= row.keys()
        ]
    at = datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat()
    for row in rows:
        key = "\n".join((row["name"], row["attribute"], row["label"]))
        event = {**row, "id": str(uuid5(NAMESPACE_URL, key)), "at": at, "value": row["label"] == "True"}
        op.get_bind().execute(_ADD_ANNOTATOR, event)
        op.get_bind().execute(_ADD_EVENT, event)

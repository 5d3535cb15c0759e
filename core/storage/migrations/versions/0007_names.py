"""Names of annotators and attributes in their one form: an earlier version stored them as they were typed.

Two rows of one person, or of one attribute, become one.
"""

import unicodedata
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    for table, column in (("annotators", "annotator_id"), ("attributes", "attribute_id")):
        rows = op.get_bind().execute(sa.text(f"SELECT id, name FROM {table} ORDER BY id")).all()
        ids = {row.name: row.id for row in rows}
        for row in rows:
            name = " ".join(unicodedata.normalize("NFC", row.name).split())
            if name in ("", row.name):
                continue
            if name in ids:
                _merge(table, column, {"old": row.id, "new": ids[name]})
            else:
                ids[name] = row.id
                _run(f"UPDATE {table} SET name = :name WHERE id = :id", {"name": name, "id": row.id})


def _merge(table: str, column: str, ids: dict[str, Any]) -> None:
    """Give everything of the ``old`` row to the ``new`` one; of two labels of one frame the later counts."""
    keys = ("video_id", '"index"', "attribute_id", "annotator_id")
    alike = " AND ".join(f"other.{key} = current.{key}" for key in keys if key != column)
    for mine, others in (("new", "old"), ("old", "new")):
        _run(
            f"""
            DELETE FROM current WHERE {column} = :{mine} AND EXISTS (
                SELECT 1 FROM current AS other WHERE other.{column} = :{others} AND {alike} AND other.seq > current.seq)
            """,
            ids,
        )
    if table == "annotators":
        _run(
            """
            DELETE FROM assignments WHERE annotator_id = :old AND video_id IN (
                SELECT video_id FROM assignments WHERE annotator_id = :new)
            """,
            ids,
        )
        _run("UPDATE assignments SET annotator_id = :new WHERE annotator_id = :old", ids)
    for place in ("current", "events"):
        _run(f"UPDATE {place} SET {column} = :new WHERE {column} = :old", ids)
    _run(
        f"UPDATE {table} SET hidden = FALSE WHERE id = :new AND EXISTS (SELECT 1 FROM {table} WHERE id = :old AND NOT hidden)",
        ids,
    )
    _run(f"DELETE FROM {table} WHERE id = :old", ids)


def _run(statement: str, values: dict[str, Any]) -> None:
    op.get_bind().execute(sa.text(statement), values)

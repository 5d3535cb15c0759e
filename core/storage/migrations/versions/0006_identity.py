"""An id for the database, which the mark of its workspace names, too (`core.storage.identity`)."""

from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa
from alembic import context, op

from core.storage.identity import marked

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    table = op.create_table("identity", sa.Column("id", sa.String(36), primary_key=True))
    # A copy from before this migration that was put back belongs to its workspace all the same.
    id = marked(Path(context.config.attributes["folder"])) or str(uuid4())
    op.bulk_insert(table, [{"id": id}])

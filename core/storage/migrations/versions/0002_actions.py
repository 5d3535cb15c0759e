"""Actions, which are taken back whole; indexes to find what somebody did in a video; a leaner current view."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("events", sa.Column("action", sa.String(36)))
    op.create_index("ix_events_annotator_video", "events", ["annotator_id", "video_id", "seq"])
    shared = sa.text("action IS NOT NULL")
    op.create_index("ix_events_action", "events", ["action"], sqlite_where=shared, postgresql_where=shared)
    taking_back = sa.text("undoes IS NOT NULL")
    op.create_index(
        "ix_events_undoes", "events", ["undoes"], sqlite_where=taking_back, postgresql_where=taking_back
    )
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("current", recreate="always", table_kwargs={"sqlite_with_rowid": False}):
            pass  # written anew

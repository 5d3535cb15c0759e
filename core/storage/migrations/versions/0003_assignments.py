"""Who labels which video blind; an index to find gold answers, which are few."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "assignments",
        sa.Column("video_id", sa.Integer, sa.ForeignKey("videos.id"), primary_key=True),
        sa.Column("annotator_id", sa.Integer, sa.ForeignKey("annotators.id"), primary_key=True),
    )
    gold = sa.text("source = 'gold'")
    op.create_index("ix_events_gold", "events", ["video_id"], sqlite_where=gold, postgresql_where=gold)

"""The role of who did it, of each event: owner of the folder, instructor, student. Of earlier events nobody knows."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("events", sa.Column("role", sa.String(16)))

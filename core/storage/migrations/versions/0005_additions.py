"""Additions that are certain; size and hash of every stored file, by which a damaged one is known."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table("additions", sa.Column("token", sa.String, primary_key=True))
    op.add_column("videos", sa.Column("size", sa.BigInteger))
    op.add_column("frames", sa.Column("size", sa.Integer))
    op.add_column("frames", sa.Column("sha256", sa.String(64)))

"""Annotators, videos, frames, attributes, the log of label events and its current view."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "annotators",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String, nullable=False, unique=True),
        sa.Column("hidden", sa.Boolean, nullable=False),
    )
    op.create_table(
        "videos",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String, nullable=False, unique=True),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("file", sa.String),
        sa.Column("sha256", sa.String, unique=True),
        sa.Column("frame_rate", sa.Float),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("added", sa.String, nullable=False),
        sa.Column("hidden", sa.Boolean, nullable=False),
    )
    op.create_table(
        "frames",
        sa.Column("video_id", sa.Integer, sa.ForeignKey("videos.id"), primary_key=True),
        sa.Column("index", sa.Integer, primary_key=True),
        sa.Column("name", sa.String, nullable=False, unique=True),
        sa.Column("file", sa.String, nullable=False),
        sa.Column("time", sa.Float),
        sa.Column("phash", sa.String(16), nullable=False),
    )
    op.create_table(
        "attributes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String, nullable=False, unique=True),
        sa.Column("hidden", sa.Boolean, nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(36), nullable=False, unique=True),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("annotator_id", sa.Integer, sa.ForeignKey("annotators.id"), nullable=False),
        sa.Column("video_id", sa.Integer, sa.ForeignKey("videos.id"), nullable=False),
        sa.Column("first", sa.Integer, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.Column("attribute_id", sa.Integer, sa.ForeignKey("attributes.id"), nullable=False),
        sa.Column("value", sa.Boolean),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("undoes", sa.String(36)),
    )
    op.create_table(
        "current",
        sa.Column("video_id", sa.Integer, sa.ForeignKey("videos.id"), primary_key=True),
        sa.Column("index", sa.Integer, primary_key=True),
        sa.Column("attribute_id", sa.Integer, sa.ForeignKey("attributes.id"), primary_key=True),
        sa.Column("annotator_id", sa.Integer, sa.ForeignKey("annotators.id"), primary_key=True),
        sa.Column("value", sa.Boolean),
        sa.Column("seq", sa.Integer, sa.ForeignKey("events.seq"), nullable=False),
    )

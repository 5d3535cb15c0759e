"""Alembic's entry: migrate the database whose connection the caller hands over."""

from alembic import context

from core.storage.database import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()

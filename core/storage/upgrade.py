"""The version of the tables, and how those of an older one are brought up to date (Alembic)."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from core.database_urls import shown
from core.errors import WorkspaceError
from core.storage import copies, identity


@cache
def schema() -> tuple[str, frozenset[str]]:
    """Return the revision of the tables as this version has them, and all that it can bring up to it."""
    scripts = ScriptDirectory.from_config(_alembic())
    return str(scripts.get_current_head()), frozenset(s.revision for s in scripts.walk_revisions())


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def upgrade(
    connection: Connection, folder: Path, file: str | None, *, is_kept: bool, is_new: bool = False
) -> None:
    """Bring the tables to this version, in the transaction of ``connection``, which has the turn to write.

    Args:
        connection: to the database.
        folder: of the workspace.
        file: the database, where it is a file.
        is_kept: the database as it was is copied before.
        is_new: it may be empty, though the workspace has been used.

    Raises:
        WorkspaceError: it is of a newer version; or it has no tables, but should.
    """
    config = _alembic()
    head, revisions = schema()
    stored = MigrationContext.configure(connection).get_current_revision()
    if stored == head:
        return
    if stored is None:
        if not is_new:
            identity.check_tables(folder, shown(connection.engine.url.render_as_string()))
    elif stored in revisions:
        if is_kept:
            copies.keep(connection, Path(file) if file else None, folder, head)
    else:
        raise WorkspaceError(
            f"This workspace belongs to a newer version of SeamLens: its labels database has the schema {stored!r}.",
            "Update SeamLens, then open the workspace again.",
        )
    config.attributes.update(connection=connection, folder=folder)
    command.upgrade(config, "head")

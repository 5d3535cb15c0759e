"""Which database belongs to a workspace: an id stands in both, so that no other takes its place without a word."""

import json
from contextlib import suppress
from pathlib import Path

from core.errors import WorkspaceError
from core.files import replacing

MARK = "database.json"
"""Written when the first video is stored: from then on the workspace has a database, wherever that is."""

_RETURN = "Put the right one back, or restore a backup into a new folder; “python -m core check” tells more."


def marked(folder: Path) -> str | None:
    """Return the id of the database that belongs to the workspace in ``folder``; none where nothing was stored yet.

    Raises:
        WorkspaceError: the mark cannot be read.
    """
    file = folder / MARK
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["id"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(
            f"{file} is damaged, so nobody can say which database belongs to this workspace.",
            "Delete it if the labels are there; it is written again.",
        ) from error


def mark(folder: Path, id: str) -> None:
    """Write down that the database with this id belongs to ``folder``; a folder that is read-only stays as it is."""
    with suppress(OSError), replacing(folder / MARK) as partial:
        partial.write_text(json.dumps({"id": id}) + "\n", encoding="utf-8")


def is_used(folder: Path) -> bool:
    """Return whether something was stored in the workspace: it is marked, or has originals or runs, as it may be without a
    mark where only earlier versions have opened it.
    """
    patterns = ("videos/[!.]*", "runs/[!.]*/config.json")
    return (folder / MARK).exists() or any(True for pattern in patterns for _ in folder.glob(pattern))


def check_file(folder: Path, file: Path) -> None:
    """Refuse a SQLite file that is gone or empty though the workspace in ``folder`` has been used.

    Raises:
        WorkspaceError: it would become a new, empty database.
    """
    if is_used(folder) and not (file.is_file() and file.stat().st_size):
        what = "is empty (0 bytes)" if file.is_file() else "is gone"
        raise WorkspaceError(f"This workspace has been used, but its labels database {file} {what}.", _RETURN)


def check_tables(folder: Path, shown: str) -> None:
    """Refuse a database without tables where the workspace in ``folder`` has been used.

    Raises:
        WorkspaceError: a new, empty class would begin in it.
    """
    if is_used(folder):
        raise WorkspaceError(
            f"This workspace has been used, but its labels database {shown} has no tables.", _RETURN
        )


def check_id(folder: Path, id: str, shown: str) -> None:
    """Refuse a database with another id than the mark of ``folder`` names.

    Raises:
        WorkspaceError: it belongs to another workspace.
    """
    if marked(folder) not in (None, id):
        raise WorkspaceError(
            f"The labels database {shown} belongs to another workspace.",
            f"Put the right one back; if this is the right one, delete {folder / MARK}.",
        )

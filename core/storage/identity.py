"""Which database belongs to a workspace: an id stands in both, so that no other takes its place without a word."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from filelock import FileLock

from core.errors import WorkspaceError
from core.files import replacing, writable

MARK = "database.json"
"""Written when the first video is stored: from then on the workspace has a database, wherever that is."""

_RETURN = "Put the right one back, or restore a backup into a new folder; “python -m core check” tells more."


def marked(folder: Path) -> str | None:
    """Return the id of the database that belongs to the workspace in ``folder``; none where nothing was stored yet.

    Raises:
        WorkspaceError: the mark cannot be read.
    """
    content = _read(folder)
    return content["id"] if content else None


def is_marked(folder: Path) -> bool:
    """Return whether it is written down that the database of ``folder`` has been used.

    Raises:
        WorkspaceError: the mark cannot be read.
    """
    content = _read(folder)
    return content is not None and not content.get("new")


def _read(folder: Path) -> dict[str, Any] | None:
    file = folder / MARK
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return {**content, "id": str(content["id"])}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(
            f"{file} is damaged, so nobody can say which database belongs to this workspace.",
            "Delete it if the labels are there; it is written again.",
        ) from error


def begin(folder: Path, new: str | None = None) -> str:
    """Return the id of the workspace in ``folder``; where it has none, give it the ``new`` one or any, before it has a database.

    A server tells by it one class from another. The workspace still counts as new.

    Raises:
        WorkspaceError: the folder is read-only.
    """
    with writable(folder), FileLock(folder / ".database.lock"):
        id = marked(folder)
        if id is None:
            id = new or str(uuid4())
            _write(folder, {"id": id, "new": True})
    return id


def _write(folder: Path, content: dict[str, Any]) -> None:
    with replacing(folder / MARK) as partial:
        partial.write_text(json.dumps(content) + "\n", encoding="utf-8")


def mark(folder: Path, id: str) -> None:
    """Write down that the database with this id belongs to ``folder``; a folder that is read-only stays as it is."""
    with suppress(OSError):
        _write(folder, {"id": id})


def is_used(folder: Path) -> bool:
    """Return whether something was stored in the workspace: it is marked, or has originals or runs, as it may be without a
    mark where only earlier versions have opened it.
    """
    patterns = ("videos/[!.]*", "runs/[!.]*/config.json")
    return is_marked(folder) or any(True for pattern in patterns for _ in folder.glob(pattern))


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

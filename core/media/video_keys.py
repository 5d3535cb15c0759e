"""What a video is called in the workspace: its key, which is a file name on every system."""

from collections.abc import Collection

from sqlalchemy import select

from core.names import is_device
from core.names import plain as plain_name
from core.storage import database as db
from core.workspace import Workspace

LONGEST_KEY = 100  # characters; file names end at 255


def video_key(stem: str, taken: Collection[str]) -> str:
    """Return ``stem`` as a video key: of letters of any alphabet, digits, _ and -, a file name on every system, none of ``taken``.

    >>> video_key("Naht 2 mm", {"Naht_2_mm"})
    'Naht_2_mm_2'
    """
    plain = plain_name(stem).lstrip("-")[:LONGEST_KEY] or "video"
    plain = f"video_{plain}" if is_device(plain) else plain
    return free_key(plain, {key.casefold() for key in taken})


def free_key(plain: str, used: Collection[str]) -> str:
    """Return a key, with a number where it is used; ``used`` are keys as `str.casefold` returns them."""
    key, number = plain, 1
    while key.casefold() in used:
        number += 1
        key = f"{plain}_{number}"
    return key


def taken_keys(workspace: Workspace) -> set[str]:
    """Return the keys that a new video cannot have: of all videos, also removed ones, and of stray files."""
    with db.reading(workspace) as connection:
        keys = set(connection.scalars(select(db.videos.c.key)))
    strays = {file.name for file in workspace.frames.glob("*")} | {f.stem for f in workspace.videos.glob("*")}
    return keys | strays

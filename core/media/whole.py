"""Whether stored files are whole: by size and SHA-256, or by decoding what came before those were stored."""

import hashlib
import os
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from sqlalchemy import ColumnElement, Connection, bindparam, select, update

from core.storage import database as db
from core.workspace import Workspace


@dataclass(frozen=True)
class StoredPicture:
    """The file of a frame as its row describes it.

    Args:
        name: of the frame.
        index: in its video.
        file: relative to the workspace.
        phash: perceptual hash of the picture.
        size: bytes; none where the frame came before sizes were stored.
        sha256: of the file, or none.
    """

    name: str
    index: int
    file: str
    phash: str
    size: int | None
    sha256: str | None


def content_hash(path: Path) -> str:
    """Return the SHA-256 of a file's content as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def size_and_hash(path: Path) -> dict[str, Any]:
    """Return ``size`` (bytes) and ``sha256`` of a file, as they are stored with its frame."""
    return {"size": path.stat().st_size, "sha256": content_hash(path)}


def file_problem(path: Path, size: int | None, sha256: str | None) -> str:
    """Return in a word or two what is wrong with a file: it is missing, empty, or not of that size and hash.

    Where neither is given, it must be a readable picture. Empty where nothing is wrong.
    """
    if not path.is_file():
        return "missing"
    try:
        if not (bytes_there := path.stat().st_size):
            return "empty (0 bytes)"
        if size is not None and bytes_there != size:
            return "damaged"
        if sha256 is not None:
            return "" if content_hash(path) == sha256 else "damaged"
        return "" if size is not None or _is_picture(path) else "damaged"
    except OSError:
        return "unreadable"


def is_whole(path: Path, size: int | None, sha256: str | None) -> bool:
    """Return whether a file has no `file_problem`."""
    return not file_problem(path, size, sha256)


def _is_picture(path: Path) -> bool:
    content = path.read_bytes()
    # Of a JPEG that was cut off OpenCV shows the upper part, grey below; its last two bytes are gone.
    is_cut = path.suffix.lower() in (".jpg", ".jpeg") and b"\xff\xd9" not in content
    return (
        not is_cut and cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_REDUCED_COLOR_8) is not None
    )


def damaged_pictures(
    workspace: Workspace, of: ColumnElement[bool], names: Collection[str] | None = None
) -> list[StoredPicture]:
    """Return the frames, of removed videos too, whose file is gone or damaged.

    Args:
        workspace: whose frames.
        of: which of them: a condition on `core.storage.database.frames` and ``videos``.
        names: only of these; None is all.
    """
    f = db.frames.c
    query = select(f.name, f.index, f.file, f.phash, f.size, f.sha256).join_from(db.frames, db.videos)
    with db.reading(workspace) as connection:
        pictures = [StoredPicture(*row) for row in connection.execute(query.where(of))]
    if names is not None:
        pictures = [picture for picture in pictures if picture.name in names]

    def check(picture: StoredPicture) -> bool:
        return is_whole(workspace.path / picture.file, picture.size, picture.sha256)

    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        wholes = list(pool.map(check, pictures))
    return [picture for picture, whole in zip(pictures, wholes, strict=True) if not whole]


def write_files(connection: Connection, pictures: list[dict[str, Any]]) -> None:
    """Store where the pictures of frames are now: ``name``, ``file`` (relative to the workspace), ``size`` and ``sha256``."""
    columns = ("file", "size", "sha256")
    renewed = update(db.frames).where(db.frames.c.name == bindparam("of"))
    renewed = renewed.values({column: bindparam(f"new_{column}") for column in columns})
    if pictures:
        rows = ({"of": picture["name"], **{f"new_{c}": picture[c] for c in columns}} for picture in pictures)
        connection.execute(renewed, list(rows))

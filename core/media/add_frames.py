"""Add single frames, without their whole video: all frames of one origin make one group.

The origin of a camera's frames is its stream, from Start to Stop; that of a file or folder outside the workspace is its
content, whichever session showed it: a split never divides what shows the same seam.
"""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from core.access.rights import Right, needs
from core.files import natural
from core.media.images import PICTURE_FORMATS, decode_picture, perceptual_hash
from core.media.library import bring_back, insert_frames, insert_video, videos
from core.media.transaction import Stage, adding
from core.media.video_keys import taken_keys, video_key
from core.media.whole import content_hash, damaged_pictures, size_and_hash, write_files
from core.storage import database as db
from core.workspace import Workspace


@dataclass(frozen=True)
class Shot:
    """A single frame.

    Args:
        index: of the frame in its origin, from 0, in decoding order.
        time: seconds from the start.
        jpeg: the picture, as `core.media.images.encode_jpeg` makes it.
    """

    index: int
    time: float
    jpeg: bytes


@dataclass(frozen=True)
class Origin:
    """Where shots come from.

    Args:
        identity: the same text for the same origin, and for no other.
        stem: what the group is called, as far as it can be.
        kind: ``live``, or ``pictures`` where the whole video may be brought in later: it then takes the group over.
    """

    identity: str
    stem: str
    kind: str


def stream_origin() -> Origin:
    """Return the origin of what a camera or an address shows from now on; no other stream has it."""
    return Origin(f"session {uuid.uuid4()}", f"live_{datetime.now():%Y-%m-%d_%H-%M-%S}", "live")


def belonging(
    workspace: Workspace, source: str, live: Origin | None = None, file: Path | None = None
) -> dict[str, Any]:
    """Return where the frames of ``source`` belong, as plain values.

    Args:
        workspace: whose videos are known.
        source: as of `origin_of`, or the key of a video.
        live: of a camera or an address, the `stream_origin`: its name may be that of a video or a folder and says nothing.
        file: as of `origin_of`.

    Returns:
        ``video``, the key of a video of the workspace, or ``origin``, the values of an `Origin`.
    """
    if live is not None:
        return {"origin": asdict(live)}
    if file is None and source in {video.key for video in videos(workspace)}:
        return {"video": source}
    return {"origin": asdict(origin_of(source, file))}


def origin_of(source: str, file: Path | None = None) -> Origin:
    """Return the origin of what is stored: the same for the same content, wherever it lies.

    Args:
        source: a file or a folder; what is neither (any more) is taken for a stream of its own.
        file: where the source is an upload: ``source`` is only what it is called.
    """
    path = file or Path(source)
    if path.is_file():
        return Origin(f"file {content_hash(path)}", Path(source).stem, "pictures")
    if source and path.is_dir():
        pictures = pictures_of(path)
        stem = f"pictures_{pictures[0].stem}" if file and pictures else path.resolve().name
        # One hash of all, in order: with other pictures the indexes would mean other frames.
        content = hashlib.sha256(" ".join(map(content_hash, pictures)).encode()).hexdigest()
        return Origin(f"pictures {content}", stem, "pictures")
    return stream_origin()


def pictures_of(folder: Path) -> list[Path]:
    """Return the pictures of a folder in the order of their names, which is that of their indexes."""
    files = (path for path in folder.iterdir() if not path.name.startswith("."))
    pictures = (path for path in files if path.suffix.lower() in PICTURE_FORMATS)
    return sorted(pictures, key=lambda path: natural(path.name))


def video_with(workspace: Workspace, sha256: str) -> str | None:
    """Return the key of the video whose original has this content, if it is here and not removed."""
    v = db.videos.c
    with db.reading(workspace) as connection:
        return connection.scalar(select(v.key).where(v.sha256 == sha256, ~v.hidden))


@needs(Right.ADD)
def add_shots(workspace: Workspace, origin: Origin, shots: Iterable[Shot]) -> str:
    """Store frames in the group of their origin, all or none; one that is there already stays as it is, if it is whole.

    A group that was removed comes back.

    Args:
        workspace: where to.
        origin: of all of them.
        shots: at least one.

    Returns:
        The key of the group.

    Raises:
        MediaError: one is no picture. Nothing is stored.
        WorkspaceError: the disk is full.
    """
    mark = hashlib.sha256(origin.identity.encode()).hexdigest()
    by_index = {shot.index: shot for shot in shots}
    with adding(workspace, f"A frame of {origin.stem}") as stage:
        key, there = _group(workspace, mark)
        key = key or video_key(origin.stem, taken_keys(workspace))
        sent = (db.videos.c.sha256 == mark) & db.frames.c.index.in_(list(by_index))
        damaged = {picture.index: picture.name for picture in damaged_pictures(workspace, sent)}
        needed = {i: damaged.get(i, f"{key}_{i}") for i in by_index if i in damaged or i not in there}
        rows = [_stage(workspace, stage, key, by_index[i], name) for i, name in needed.items()]
        new = [row for row in rows if row["index"] not in damaged]
        repaired = [row | {"file": f"frames/{key}/{row['file']}"} for row in rows if row["index"] in damaged]
        with stage.landing() as connection:
            if not there and new:
                size = decode_picture(by_index[new[0]["index"]].jpeg, Path()).shape
                insert_video(connection, key, origin=origin.kind, sha256=mark, height=size[0], width=size[1])
            bring_back(connection, db.videos.c.sha256 == mark)
            insert_frames(connection, key, new)
            write_files(connection, repaired)
    return key


def _stage(workspace: Workspace, stage: Stage, key: str, shot: Shot, name: str) -> dict[str, Any]:
    """Put a shot on the stage and return its row."""
    file = workspace.frames / key / f"{name}.jpg"
    phash = perceptual_hash(decode_picture(shot.jpeg, file))
    staged = stage.folder(file.parent) / file.name
    staged.write_bytes(shot.jpeg)
    return {
        "index": shot.index,
        "name": name,
        "file": file.name,
        "time": shot.time,
        "phash": phash,
        **size_and_hash(staged),
    }


def _group(workspace: Workspace, mark: str) -> tuple[str, set[int]]:
    """Return the key of the group with this mark, and the indexes it has; an empty key where there is none."""
    v, f = db.videos.c, db.frames.c
    query = select(v.key, f.index).join_from(db.videos, db.frames).where(v.sha256 == mark)
    with db.reading(workspace) as connection:
        rows = connection.execute(query).all()
    return (rows[0][0] if rows else ""), {index for _, index in rows}

"""What is in a workspace: its videos, and the frames of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from core.access.rights import Right, needs
from core.errors import MediaError
from core.files import natural
from core.media.images import read_picture
from core.storage import database as db
from core.workspace import Workspace


@dataclass(frozen=True)
class Video:
    """A video of the workspace, or a group of pictures that stands for one.

    Args:
        id: permanent number in the database.
        key: its name in tables and on screen; a frame is called ``<key>_<index>``.
        origin: ``video``, ``camera``, ``rendered``, ``pictures``, or ``live`` for the frames of a live session.
        file: the original, relative to the workspace; none for pictures.
        frame_rate: average frames per second; none for pictures.
        width: pixels, the right way up.
        height: pixels, the right way up.
        frames: how many are in the workspace.
        seconds: from the first frame to the end of the last; none for pictures.
    """

    id: int
    key: str
    origin: str
    file: Path | None
    frame_rate: float | None
    width: int
    height: int
    frames: int
    seconds: float | None


def videos(workspace: Workspace, hidden: bool = False) -> list[Video]:
    """Return the videos that are not removed, or with ``hidden`` all, in natural order of their keys."""
    return sorted(_videos(workspace, hidden=hidden), key=lambda video: natural(video.key))


def drawn(videos: Sequence[Video]) -> str:
    """Say how many of ``videos`` SeamLens has drawn itself; empty where none."""
    many = sum(video.origin == "rendered" for video in videos)
    if not many:
        return ""
    if len(videos) == 1:
        return "The only video is a practice video, drawn by SeamLens."
    share = f"All {many:,}" if many == len(videos) else f"{many:,} of {len(videos):,}"
    are = "is a practice video" if many == 1 else "are practice videos"
    return f"{share} videos {are}, drawn by SeamLens."


def get_video(workspace: Workspace, key: str) -> Video:
    """Return the video called ``key``.

    Raises:
        MediaError: there is none.
    """
    for video in _videos(workspace, db.videos.c.key == key):
        return video
    raise _unknown_video(key)


def video_of_id(workspace: Workspace, id: int) -> Video:
    """Return the video with that permanent number.

    Raises:
        MediaError: there is none, or it was removed.
    """
    for video in _videos(workspace, db.videos.c.id == id):
        return video
    raise MediaError(f"There is no video with the number {id} here.", "Go back to the list of videos.")


@needs(Right.DELETE)
def remove_video(workspace: Workspace, key: str) -> None:
    """Hide a video with its frames and labels; its id, its files and the log of its labels stay.

    Raises:
        MediaError: there is none of that name.
    """
    with db.writing(workspace) as connection:
        if not _set_hidden(connection, db.videos.c.key == key, True):
            raise _unknown_video(key)


def bring_back(connection: Connection, of: ColumnElement[bool]) -> None:
    """Show videos again that were removed: whoever adds their frames wants them."""
    _set_hidden(connection, of, False)


def _set_hidden(connection: Connection, of: ColumnElement[bool], hidden: bool) -> int:
    rows = update(db.videos).where(of, db.videos.c.hidden != hidden).values(hidden=hidden)
    return connection.execute(rows).rowcount


def insert_video(connection: Connection, key: str, **columns: Any) -> None:
    """Write the row of a new video, with its columns in the database except those that follow."""
    insert_videos(connection, [{"key": key, **columns}])


def insert_videos(connection: Connection, videos: Iterable[Mapping[str, Any]]) -> None:
    """Write the rows of new videos in one statement; see `insert_video`."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    if rows := [{"hidden": False, "added": now, **video} for video in videos]:
        connection.execute(insert(db.videos), rows)


def insert_frames(connection: Connection, key: str, frames: Iterable[Mapping[str, Any]]) -> None:
    """Write the rows of frames that are new in a video.

    Args:
        connection: from `core.storage.database.writing`.
        key: of the video.
        frames: ``index``, ``name``, ``file`` (the name of the file in the folder of the video), ``time`` (seconds, or
            None for a picture), ``phash``, and ``size`` (bytes) and ``sha256`` of the file of each.
    """
    insert_frames_of(connection, {key: frames})


def insert_frames_of(connection: Connection, frames: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
    """Write the rows of frames of several videos, by their keys, in one statement; see `insert_frames`."""
    v = db.videos.c
    query = select(v.key, v.id)
    if len(frames) == 1:
        query = query.where(v.key == next(iter(frames)))
    ids = {row.key: row.id for row in connection.execute(query)}
    rows = [
        {**frame, "video_id": ids[key], "file": f"frames/{key}/{frame['file']}"}
        for key, of_video in frames.items()
        for frame in of_video
    ]
    if rows:
        connection.execute(insert(db.frames), rows)


def frame_table(workspace: Workspace, video: str | None = None) -> pd.DataFrame:
    """Return the frames of one video, or of all, by video in natural order and index.

    Returns:
        ``name``, ``video`` (key), ``index`` (int), ``file`` (relative to the workspace), ``time`` (seconds, NaN
        for pictures) and ``phash`` (16 hexadecimal digits).

    Raises:
        MediaError: ``video`` is not in the workspace.
    """
    v, f = db.videos.c, db.frames.c
    query = (
        select(f.name, v.key.label("video"), f.index, f.file, f.time, f.phash)
        .join_from(db.frames, db.videos)
        .where(~v.hidden)
    )
    with db.reading(workspace) as connection:
        table = pd.read_sql(query if video is None else query.where(v.key == video), connection)
    if video is not None and table.empty:
        raise _unknown_video(video)
    order = {key: place for place, key in enumerate(sorted(set(table["video"]), key=natural))}
    places = table["video"].map(order).to_numpy()
    table["time"] = table["time"].astype(float)
    return table.iloc[np.lexsort((table["index"].to_numpy(), places))].reset_index(drop=True)


def first_pictures(workspace: Workspace, videos: Collection[str]) -> dict[str, Path]:
    """Return the picture file of the first frame of each of these videos, in one query."""
    v, f = db.videos.c, db.frames.c
    first = (
        select(f.video_id, func.min(f.index).label("index"))
        .join_from(db.frames, db.videos)
        .where(v.key.in_(videos))
        .group_by(f.video_id)
        .subquery()
    )
    query = select(v.key, f.file).join_from(db.frames, db.videos)
    query = query.join(first, (f.video_id == first.c.video_id) & (f.index == first.c.index))
    with db.reading(workspace) as connection:
        return {key: workspace.path / file for key, file in connection.execute(query)}


def read_frame(workspace: Workspace, name: str) -> np.ndarray:
    """Read the frame called ``name``: (H, W, 3) uint8, BGR.

    Raises:
        MediaError: there is no such frame, or its file is gone.
    """
    with db.reading(workspace) as connection:
        file = connection.scalar(select(db.frames.c.file).where(db.frames.c.name == name))
    if file is None:
        raise MediaError(f"There is no frame {name!r} in this workspace.", "Check the spelling.")
    return read_picture(workspace.path / file)


def picture_file(workspace: Workspace, video_id: int, index: int) -> Path:
    """Return the picture file of the frame ``index`` of a video, called by its permanent number.

    Raises:
        MediaError: there is no such frame, its video was removed, or its file is gone.
    """
    v, f = db.videos.c, db.frames.c
    query = select(f.file).join_from(db.frames, db.videos)
    query = query.where(v.id == video_id, ~v.hidden, f.index == index)
    with db.reading(workspace) as connection:
        file = connection.scalar(query)
    if file is None:
        raise MediaError(
            f"There is no index {index} of the video number {video_id} here.", "Reload the page."
        )
    if not (path := workspace.path / file).is_file():
        raise MediaError(
            f"The picture {path} is missing.", "Put it back, or add the video again; labels are not affected."
        )
    return path


def _videos(workspace: Workspace, *conditions: ColumnElement[bool], hidden: bool = False) -> list[Video]:
    """Return the videos that fulfil the conditions, in any order; removed ones only with ``hidden``."""
    v, f = db.videos.c, db.frames.c
    query = (
        select(v.id, v.key, v.origin, v.file, v.frame_rate, v.width, v.height)
        .add_columns(func.count(f.index), func.min(f.time), func.max(f.time))
        .join_from(db.videos, db.frames, isouter=True)
        .where(*(() if hidden else (~v.hidden,)), *conditions)
        .group_by(v.id)
    )
    with db.reading(workspace) as connection:
        return [_video(*row) for row in connection.execute(query)]


def _video(*row: Any) -> Video:
    id, key, origin, file, rate, width, height, frames, first, last = row
    seconds = None if first is None or last is None else last - first + (1 / rate if rate else 0)
    return Video(id, key, origin, Path(file) if file else None, rate, width, height, frames, seconds)


def _unknown_video(key: str) -> MediaError:
    return MediaError(f"There is no video {key!r} in this workspace.", "Check the spelling.")

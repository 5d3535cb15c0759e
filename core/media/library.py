"""What is in a workspace: its videos, and the frames of them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, func, select, update

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


def videos(workspace: Workspace) -> list[Video]:
    """Return the videos that are not removed, in natural order of their keys."""
    return sorted(_videos(workspace), key=lambda video: natural(video.key))


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
    raise MediaError("a video of this workspace", f"the number {id}", "Go back to the list of videos.")


def remove_video(workspace: Workspace, key: str) -> None:
    """Hide a video with its frames and labels; its id, its files and the log of its labels stay.

    Raises:
        MediaError: there is none of that name.
    """
    hide = update(db.videos).where(db.videos.c.key == key, ~db.videos.c.hidden).values(hidden=True)
    with db.writing(workspace) as connection:
        if not connection.execute(hide).rowcount:
            raise _unknown_video(key)


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


def read_frame(workspace: Workspace, name: str) -> np.ndarray:
    """Read the frame called ``name``: (H, W, 3) uint8, BGR.

    Raises:
        MediaError: there is no such frame, or its file is gone.
    """
    with db.reading(workspace) as connection:
        file = connection.scalar(select(db.frames.c.file).where(db.frames.c.name == name))
    if file is None:
        raise MediaError("a frame of this workspace", repr(name), "Check its spelling.")
    return read_picture(workspace.path / file)


def picture_file(workspace: Workspace, video_id: int, index: int) -> Path:
    """Return the picture file of a frame.

    Args:
        workspace: whose frame.
        video_id: permanent number of the video.
        index: of the frame.

    Raises:
        MediaError: there is no such frame, its video was removed, or its file is gone.
    """
    v, f = db.videos.c, db.frames.c
    query = (
        select(f.file).join_from(db.frames, db.videos).where(v.id == video_id, ~v.hidden, f.index == index)
    )
    with db.reading(workspace) as connection:
        file = connection.scalar(query)
    if file is None:
        raise MediaError(
            "a frame of this workspace", f"index {index} of the video number {video_id}", "Reload the page."
        )
    if not (path := workspace.path / file).is_file():
        raise MediaError(
            f"the picture of frame {index}",
            f"no file {path}",
            "Put it back, or add the video again. Its labels are not affected.",
        )
    return path


def _videos(workspace: Workspace, *conditions: ColumnElement[bool]) -> list[Video]:
    """Return the videos that are not removed and fulfil the conditions, in any order."""
    v, f = db.videos.c, db.frames.c
    query = (
        select(v.id, v.key, v.origin, v.file, v.frame_rate, v.width, v.height)
        .add_columns(func.count(f.index), func.min(f.time), func.max(f.time))
        .join_from(db.videos, db.frames, isouter=True)
        .where(~v.hidden, *conditions)
        .group_by(v.id)
    )
    with db.reading(workspace) as connection:
        return [_video(*row) for row in connection.execute(query)]


def _video(
    id: int,
    key: str,
    origin: str,
    file: str | None,
    rate: float | None,
    width: int,
    height: int,
    frames: int,
    first: float | None,
    last: float | None,
) -> Video:
    seconds = None if first is None or last is None else last - first + (1 / rate if rate else 0)
    return Video(id, key, origin, Path(file) if file else None, rate, width, height, frames, seconds)


def _unknown_video(key: str) -> MediaError:
    return MediaError("a video of this workspace", repr(key), "Check its spelling.")

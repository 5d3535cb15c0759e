"""Add a video: it is decoded once, in order, and each frame is stored with its index, time and perceptual hash."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, select, update

from core.access.rights import Right, needs
from core.errors import MediaError
from core.files import Progress, copy_or_link
from core.media.library import Video, bring_back, frame_table, get_video, insert_frames, insert_video, videos
from core.media.transaction import Stage, adding
from core.media.video_keys import taken_keys, video_key
from core.media.whole import content_hash, damaged_pictures, is_whole, write_files
from core.storage import database as db
from core.text import count
from core.videos.pictures_of_video import check_same
from core.videos.store_video_frames import StoredFrame, Storing, store_frames, storing
from core.workspace import Workspace

FORMATS = (
    ".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts", ".wmv", ".flv", ".3gp",
)  # fmt: skip


@dataclass(frozen=True)
class Added:
    """What became of a video.

    Args:
        video: as it is in the workspace.
        is_new: False where the same content was here already.
        frames: how many were stored.
        repaired: how many files of a video that was here already were gone or damaged, and are whole again.
        notes: what was corrected or left out, a sentence each.
    """

    video: Video
    is_new: bool
    frames: int
    repaired: int = 0
    notes: tuple[str, ...] = ()

    def summary(self) -> str:
        """Return one line."""
        if self.repaired:
            files = f"{count(self.repaired, 'damaged or missing file')} restored"
            return f"{self.video.key} is already in the workspace; {files}."
        if not self.is_new:
            return f"{self.video.key} is already in the workspace."
        size = f"{self.video.width} × {self.video.height}"
        added = f"{self.video.key} was added: {count(self.frames, 'frame')} of {size} pixels."
        return " ".join([added, *self.notes])


@dataclass(frozen=True)
class StagedVideo:
    """A video whose files lie on a stage; see `stage_video`.

    Args:
        key: that it has, or will have.
        write: writes its rows, in the transaction in which the stage lands.
        is_new, frames, repaired, notes: as of `Added`.
    """

    key: str
    write: Callable[[Connection], None]
    is_new: bool
    frames: int
    repaired: int = 0
    notes: tuple[str, ...] = ()


@needs(Right.ADD)
def add_video(
    workspace: Workspace,
    path: Path,
    *,
    every: int = 1,
    origin: str = "video",
    progress: Progress | None = None,
    name: str | None = None,
    salvage: bool = False,
) -> Added:
    """Add a video: its original to ``videos/``, its frames to ``frames/<key>/``, and their rows.

    A group of pictures that came earlier as ``<key>_<index>`` becomes this video: its labels join by index. Of a video
    that is here already, files that are gone or damaged are written anew.

    Args:
        workspace: where to.
        path: the file, which is copied.
        every: 5 keeps every fifth frame; indexes stay those of the whole video.
        origin: ``video``, ``camera`` or ``rendered``.
        progress: told how many frames are done, of how many the container claims.
        name: how the user calls the file, where ``path`` is a temporary one.
        salvage: add what can be read of a film that is cut off or has a hole.

    Raises:
        MediaError: not a complete video in one of `FORMATS`. Nothing is stored.
        WorkspaceError: the disk is full.
    """
    with adding(workspace, name or path.name) as stage:
        staged = stage_video(
            workspace, stage, path, every=every, origin=origin, progress=progress, name=name, salvage=salvage
        )
        with stage.landing() as connection:
            staged.write(connection)
    video = get_video(workspace, staged.key)
    return Added(video, staged.is_new, staged.frames, staged.repaired, staged.notes)


def stage_video(
    workspace: Workspace,
    stage: Stage,
    path: Path,
    *,
    every: int = 1,
    origin: str = "video",
    progress: Progress | None = None,
    name: str | None = None,
    salvage: bool = False,
) -> StagedVideo:
    """Put the files of a video on the stage; see `add_video`."""
    original = Path(name or path.name)
    _check(path, original, every)
    content = content_hash(path)
    if same := _with_content(workspace, content):
        return _stage_repair(workspace, stage, path, *same, progress)
    key, pictures = _choose_key(workspace, original.stem)
    folder = stage.folder(workspace.frames / key)

    def name_of(index: int) -> str | None:
        return f"{key}_{index}" if index % every == 0 or index in pictures else None

    notes: list[str] = []
    how = Storing(workspace.quality, workspace.half_colour, salvage)
    stored = list(store_frames(path, folder, name_of, progress, how, notes.append))
    check_same(workspace, original, folder, stored, pictures)
    file = workspace.videos / f"{key}{original.suffix.lower()}"
    copy_or_link(path, stage.folder(workspace.videos) / file.name)
    if pictures:
        stage.put_aside(workspace.frames / key)
    columns = {
        "origin": origin,
        "file": f"videos/{file.name}",
        "sha256": content,
        "size": path.stat().st_size,
    }

    def write(connection: Connection) -> None:
        _write_rows(connection, key, columns | _measured(stored), stored, bool(pictures))

    return StagedVideo(key, write, True, len(stored), notes=tuple(notes))


def _check(path: Path, original: Path, every: int) -> None:
    if original.suffix.lower() not in FORMATS:
        raise MediaError(f"{original.name} is not a video.", f"Use one of {', '.join(FORMATS)}.")
    if not path.is_file():
        raise MediaError(f"There is no file {path}.", "Check the path.")
    if every < 1:
        raise MediaError(
            f"It is not possible to keep every {every} frames.", "Use 1 for all frames, 2 for every second, …"
        )


def _with_content(workspace: Workspace, sha256: str) -> tuple[str, str] | None:
    """Return key and file of the video of that content, also of a removed one."""
    v = db.videos.c
    with db.reading(workspace) as connection:
        row = connection.execute(select(v.key, v.file).where(v.sha256 == sha256)).one_or_none()
    return None if row is None else (row.key, row.file)


def _stage_repair(
    workspace: Workspace, stage: Stage, path: Path, key: str, file: str, progress: Progress | None
) -> StagedVideo:
    """Stage what is gone or damaged of a video that is here already; one that had been removed comes back."""
    original, size = workspace.path / file, path.stat().st_size
    is_damaged = not is_whole(original, size, content_hash(path))
    if is_damaged:
        copy_or_link(path, stage.folder(original.parent) / original.name)
    damaged = {picture.index: picture for picture in damaged_pictures(workspace, db.videos.c.key == key)}
    folder = workspace.frames / key
    names = {index: picture.name for index, picture in damaged.items()}
    stored = []
    if damaged:
        how = storing(workspace, path, min(damaged.values(), key=lambda picture: picture.index))
        stored = list(store_frames(path, stage.folder(folder), names.get, progress, how))
    files = {frame.index: f"frames/{key}/{names[frame.index]}.jpg" for frame in stored}
    for index, new in files.items():
        if damaged[index].file != new:
            stage.put_aside(workspace.path / damaged[index].file)

    def write(connection: Connection) -> None:
        bring_back(connection, db.videos.c.key == key)
        write_files(connection, [{"name": names[f.index], "file": files[f.index], **f.file} for f in stored])
        if is_damaged:
            connection.execute(update(db.videos).where(db.videos.c.key == key).values(size=size))

    return StagedVideo(key, write, False, 0, len(stored) + is_damaged)


def _choose_key(workspace: Workspace, stem: str) -> tuple[str, dict[int, tuple[str, str]]]:
    """Return the key of a new video, and by index hash and file of the pictures that are here as frames of it."""
    plain = video_key(stem, ())
    group = next((v for v in videos(workspace) if v.key == plain and v.origin == "pictures"), None)
    if group is not None:
        table = frame_table(workspace, plain)
        if (table["name"] == plain + "_" + table["index"].astype(str)).all():
            pictures = zip(table["phash"].tolist(), table["file"].tolist(), strict=True)
            return plain, dict(zip(table["index"].tolist(), pictures, strict=True))
    return video_key(stem, taken_keys(workspace)), {}


def _measured(stored: list[StoredFrame]) -> dict[str, Any]:
    """Return rate and size. The rate is measured: containers of phones only estimate it."""
    first, last = stored[0], stored[-1]
    seconds = last.time - first.time
    rate = (last.index - first.index) / seconds if seconds > 0 else None
    return {"frame_rate": rate, "width": first.width, "height": first.height}


def _write_rows(
    connection: Connection, key: str, columns: dict[str, Any], stored: list[StoredFrame], is_group: bool
) -> None:
    """Insert the video with its frames, or give both to the group of pictures that has its key."""
    if is_group:
        group = db.videos.c.key == key
        connection.execute(update(db.videos).where(group).values(columns))
        ids = select(db.videos.c.id).where(group)
        connection.execute(delete(db.frames).where(db.frames.c.video_id.in_(ids)))
    else:
        insert_video(connection, key, **columns)
    names = {frame.index: f"{key}_{frame.index}" for frame in stored}
    insert_frames(connection, key, (
        {"index": f.index, "name": names[f.index], "file": f"{names[f.index]}.jpg", "time": f.time, "phash": f.phash,
         **f.file}
        for f in stored
    ))  # fmt: skip

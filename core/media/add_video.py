"""Add a video: it is decoded once, in order, and each frame is stored with its index, time and perceptual hash."""

import os
import shutil
from collections import deque
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice, product
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, delete, select, update

from core.errors import MediaError
from core.files import Progress
from core.media.images import (
    QUALITY,
    encode_jpeg,
    hash_distances,
    hash_numbers,
    perceptual_hash,
    write_jpeg,
)
from core.media.library import Video, bring_back, frame_table, get_video, insert_frames, insert_video, videos
from core.media.near_duplicates import FLAT, read_small
from core.media.transaction import Stage, adding
from core.media.video import Decoded, claimed_frames, decode
from core.media.video_frames import Report
from core.media.whole import StoredPicture, content_hash, damaged_pictures, is_whole, write_files
from core.names import is_device
from core.names import plain as plain_name
from core.storage import database as db
from core.text import count
from core.workspace import Workspace

FORMATS = (
    ".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts", ".wmv", ".flv", ".3gp",
)  # fmt: skip
IN_FLIGHT = 24
"""Decoded pictures that may wait for their turn to be written: what an addition holds in memory at most."""

LONGEST_KEY = 100  # characters; file names end at 255
UNLIKE = 8
"""Of 64 bits: a picture that differs in more from its frame is of another film, or of another frame."""
SHIFTED = 4
"""Bits by which a picture may be nearer to another frame than to its own: neighbours look alike, and codecs blur."""

SAME_LIGHT = 8.0
"""Grey levels by which flat pictures of one frame may differ in brightness."""


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


@dataclass(frozen=True)
class _Frame:
    """A frame whose picture is on disk. Size in pixels, time in seconds; ``file``: its size in bytes and its hash."""

    index: int
    time: float
    phash: str
    width: int
    height: int
    file: dict[str, Any]


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
    stored = list(_store(path, folder, name_of, progress, how, notes.append))
    _check_same(workspace, original, folder, stored, pictures)
    file = workspace.videos / f"{key}{original.suffix.lower()}"
    shutil.copyfile(path, stage.folder(workspace.videos) / file.name)
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
        shutil.copyfile(path, stage.folder(original.parent) / original.name)
    damaged = {picture.index: picture for picture in damaged_pictures(workspace, db.videos.c.key == key)}
    folder = workspace.frames / key
    names = {index: picture.name for index, picture in damaged.items()}
    stored = []
    if damaged:
        how = storing(workspace, path, min(damaged.values(), key=lambda picture: picture.index))
        stored = list(_store(path, stage.folder(folder), names.get, progress, how))
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


@dataclass(frozen=True)
class Storing:
    """How frames become files: ``quality`` and ``half_colour`` as of a workspace, ``salvage`` and ``raw`` as of `decode`."""

    quality: int
    half_colour: bool = False
    salvage: bool = False
    raw: bool = False

    def encode(self, picture: np.ndarray) -> bytes:
        """Return the file of a picture (H, W, 3) uint8 BGR."""
        return encode_jpeg(picture, self.quality, self.half_colour)


def storing(workspace: Workspace, path: Path, picture: StoredPicture) -> Storing:
    """Return how a frame that is here was made from its video: by this version or an earlier one, with which settings.

    Where none gives the same file, as with another decoder, it is the way of now.
    """
    qualities = dict.fromkeys((workspace.quality, QUALITY))
    halves = dict.fromkeys((workspace.half_colour, False))
    for raw, salvage in product((False, True), repeat=2):
        frames = decode(path, picture.index.__eq__, salvage=salvage, raw=raw)
        with suppress(MediaError), closing(frames):
            for decoded in islice(frames, 1):
                for quality, half in product(qualities, halves):
                    way = Storing(quality, half, salvage, raw)
                    if sha256(way.encode(decoded.picture)).hexdigest() == picture.sha256:
                        return way
    return Storing(workspace.quality, workspace.half_colour)


def _store(
    path: Path,
    folder: Path,
    name_of: Callable[[int], str | None],
    progress: Progress | None,
    how: Storing,
    report: Report = lambda sentence: None,
) -> Iterator[_Frame]:
    """Decode here, compress and hash in other threads, and yield the frames that have a name as they are written."""
    claimed = claimed_frames(path)
    cores = os.cpu_count() or 1
    waiting: deque[Future[_Frame]] = deque()
    with ThreadPoolExecutor(max_workers=min(4, cores)) as pool:
        # A core is left to the compression, which is as much work as the decoding.
        wanted = lambda index: name_of(index) is not None  # noqa: E731
        frames = decode(path, wanted, max(1, cores - 1), report, how.salvage, how.raw)
        for decoded in frames:
            file = folder / f"{name_of(decoded.index)}.jpg"
            waiting.append(pool.submit(_write, decoded, file, how))
            if len(waiting) >= IN_FLIGHT:
                yield waiting.popleft().result()
            if progress:
                progress(decoded.index + 1, claimed if claimed and claimed > decoded.index else None)
        yield from map(Future.result, waiting)


def _write(decoded: Decoded, path: Path, how: Storing) -> _Frame:
    file = write_jpeg(path, decoded.picture, how.quality, how.half_colour)
    height, width = decoded.picture.shape[:2]
    return _Frame(decoded.index, decoded.time, perceptual_hash(decoded.picture), width, height, file)


def _check_same(
    workspace: Workspace,
    original: Path,
    folder: Path,
    stored: list[_Frame],
    pictures: dict[int, tuple[str, str]],
) -> None:
    """Refuse a video of which a frame is not the picture that is here under its name: its labels would be wrong."""
    if not pictures:
        return
    key, hashes = folder.name, {frame.index: frame.phash for frame in stored}
    indexes = sorted(pictures)
    problem = ""
    if beyond := sorted(set(pictures) - set(hashes)):
        problem = f"it has no frame {beyond[0]}"
    else:
        theirs = hash_numbers([pictures[index][0] for index in indexes])
        ours = hash_numbers([hashes[index] for index in indexes])
        own = hash_distances(theirs, ours).astype(int)
        # 1000 at a time: all pictures against all frames would be too much memory
        chunks = (theirs[first : first + 1000, None] for first in range(0, len(theirs), 1000))
        least = np.concatenate([hash_distances(chunk, ours[None, :]).min(axis=1) for chunk in chunks])
        wrong = [indexes[at] for at in np.flatnonzero((own > UNLIKE) | (own > least.astype(int) + SHIFTED))]
        for index in wrong:
            if not _are_flat(workspace.path / pictures[index][1], folder / f"{key}_{index}.jpg"):
                problem = f"its frame {index} looks different"
                break
    if problem:
        raise MediaError(
            f"{original.name} is not the video that the pictures of {key} come from: {problem}.",
            "Rename it if it is another video.",
        )


def _are_flat(*files: Path) -> bool:
    """Return whether pictures show nothing, so that chance makes their hashes, and are of one brightness."""
    smalls = [read_small(file) for file in files]
    means = [float(small.mean()) for small in smalls if small is not None and small.std() < FLAT]
    return len(means) == len(files) and max(means) - min(means) < SAME_LIGHT


def _measured(stored: list[_Frame]) -> dict[str, Any]:
    """Return rate and size. The rate is measured: containers of phones only estimate it."""
    first, last = stored[0], stored[-1]
    seconds = last.time - first.time
    rate = (last.index - first.index) / seconds if seconds > 0 else None
    return {"frame_rate": rate, "width": first.width, "height": first.height}


def _write_rows(
    connection: Connection, key: str, columns: dict[str, Any], stored: list[_Frame], is_group: bool
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

"""Checks of originals and pictures against their rows, and of what was left behind."""

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from core import scratch
from core.files import Progress, replacing
from core.maintenance.findings import Finding, few, labels_name, set_aside
from core.media.images import PICTURE_FORMATS, perceptual_hash
from core.media.transaction import adding
from core.media.whole import StoredPicture, content_hash, file_problem
from core.storage import database as db
from core.text import count
from core.videos.add_video import FORMATS
from core.videos.store_video_frames import storing
from core.videos.video import decode
from core.workspace import Workspace

PLACES = ("videos", "frames")
BACK = "Put it back from a backup, or add the video again; labels are not affected."


@dataclass(frozen=True)
class Listing:
    """The files of a workspace at one moment.

    Args:
        files: originals and pictures (nothing else is looked at), relative to the workspace.
        interrupted: folders of additions that were cut off.
        replaced: folders in which earlier versions kept what an addition was to replace.
        is_sure: False where an addition was running, whose files have no rows yet.
    """

    files: frozenset[str] = field(default_factory=frozenset)
    interrupted: tuple[Path, ...] = ()
    replaced: tuple[Path, ...] = ()
    is_sure: bool = True


@dataclass(frozen=True)
class _Video:
    """A row of a video with the rows of its frames, removed videos too."""

    id: int
    key: str
    file: str | None
    sha256: str | None
    frames: tuple[Any, ...]


def list_files(workspace: Workspace, is_sure: bool) -> Listing:
    """List what lies in ``videos/`` and ``frames/`` now, while nobody adds to them if ``is_sure``."""
    files = {
        (Path(folder) / name).relative_to(workspace.path).as_posix()
        for place in PLACES
        for folder, _, names in os.walk(workspace.path / place)
        for name in names
        if not name.startswith(".") and Path(name).suffix.lower() in (*PICTURE_FORMATS, *FORMATS)
    }
    stages = [path for path in workspace.path.glob(".adding-*") if path.is_dir()]
    replaced = {path for path in stages if path.name.endswith("-replaced")}
    return Listing(
        frozenset(files), tuple(sorted({*stages} - replaced)), tuple(replaced) if is_sure else (), is_sure
    )


def media(labels: Workspace, workspace: Workspace, progress: Progress | None = None) -> Iterator[Finding]:
    """Compare the rows of videos and frames with their files, and look into each of these."""
    rows = _videos(labels)
    total, done = sum(len(video.frames) for video in rows), 0
    for video in rows:
        original = _original_problem(workspace, video)
        if original:
            yield Finding("original", video.file or "", original, advice=BACK)
        with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
            problems = list(pool.map(partial(_picture_problem, workspace), video.frames))
        can_decode = video.file is not None and not original
        yield from _picture_findings(workspace, video, problems, can_decode)
        done += len(video.frames)
        if progress:
            progress(done, total)


def _videos(labels: Workspace) -> list[_Video]:
    v, f = db.videos.c, db.frames.c
    with db.reading(labels) as connection:
        frames = defaultdict(list)
        for frame in connection.execute(select(db.frames).order_by(f.video_id, f.index)):
            frames[frame.video_id].append(frame)
        videos = connection.execute(select(v.id, v.key, v.file, v.sha256).order_by(v.id)).all()
    return [_Video(*row, tuple(frames[row.id])) for row in videos]


def _original_problem(workspace: Workspace, video: _Video) -> str:
    """Return what is wrong with the original of a video; empty where nothing is, or it has none."""
    if video.file is None:
        return ""
    path = workspace.path / video.file
    if not path.is_file():
        return f"The original of {video.key} is missing."
    if not path.stat().st_size:
        return f"The original of {video.key} is empty (0 bytes)."
    if video.sha256 and content_hash(path) != video.sha256:
        return f"The original of {video.key} is not the file that was added: its content differs."
    return ""


def _picture_problem(workspace: Workspace, frame: Any) -> str:
    return file_problem(workspace.path / frame.file, frame.size, frame.sha256)


def _picture_findings(
    workspace: Workspace, video: _Video, problems: list[str], can_decode: bool
) -> Iterator[Finding]:
    """Put the frames of a video with the same problem together."""
    for problem in sorted(set(problems) - {""}):
        frames = [frame for frame, each in zip(video.frames, problems, strict=True) if each == problem]
        names = few([frame.name for frame in frames])
        sentence = f"{count(len(frames), 'picture')} of {video.key} {'are' if len(frames) > 1 else 'is'} {problem}: {names}."
        mend: Callable[[], None] | None = (
            partial(_decode_again, workspace, video, frames) if can_decode else None
        )
        repair = "Decodes them again from the original." if can_decode else ""
        yield Finding("picture", f"frames/{video.key}", sentence, repair, "" if can_decode else BACK, mend)


def _decode_again(workspace: Workspace, video: _Video, frames: list[Any]) -> None:
    """Write pictures again as the original shows them, where that is what their rows say."""
    assert video.file is not None
    wanted = {frame.index: frame for frame in frames}
    path, first = workspace.path / video.file, min(frames, key=lambda frame: frame.index)
    stored = StoredPicture(first.name, first.index, first.file, first.phash, first.size, first.sha256)
    how = storing(workspace, path, stored)
    with adding(workspace):
        for decoded in decode(
            path, wanted.__contains__, os.cpu_count() or 1, salvage=how.salvage, raw=how.raw
        ):
            frame = wanted[decoded.index]
            if Path(frame.file).stem != frame.name:  # its row names the picture of another frame
                continue
            content = how.encode(decoded.picture)
            sha256 = hashlib.sha256(content).hexdigest()
            if perceptual_hash(decoded.picture) == frame.phash and frame.sha256 in (None, sha256):
                file = workspace.path / frame.file
                file.parent.mkdir(parents=True, exist_ok=True)
                with replacing(file) as written:
                    written.write_bytes(content)


def strays(workspace: Workspace, labels: Workspace, listing: Listing) -> Iterator[Finding]:
    """Tell files in ``videos/`` and ``frames/`` that no row names, a finding for each folder or original."""
    if not listing.is_sure:
        return
    folders = defaultdict(list)
    for file in sorted(listing.files - _named(labels)):
        folders[file if file.startswith("videos/") else Path(file).parent.as_posix()].append(file)
    for folder, files in folders.items():
        problem = f"No row names {few([Path(file).name for file in files])} ({count(len(files), 'file')})."
        repair = "Moves them to set-aside/, where nothing is deleted."
        yield Finding("stray", folder, problem, repair, mend=partial(_put_strays_aside, workspace, files))


def _named(labels: Workspace) -> set[str]:
    with db.reading(labels) as connection:
        frames = set(connection.scalars(select(db.frames.c.file)))
        return frames | {file for file in connection.scalars(select(db.videos.c.file)) if file}


def _put_strays_aside(workspace: Workspace, files: list[str]) -> None:
    with adding(workspace):
        still = [workspace.path / file for file in files if file not in _named(workspace)]
        set_aside(workspace, [path for path in still if path.exists()])
        for folder in {path.parent for path in still} - {workspace.videos, workspace.frames}:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def shared(workspace: Workspace, labels: Workspace) -> Iterator[Finding]:
    """Tell rows of the copy ``labels`` that share a file: one of them must be wrong."""
    for table in (db.videos, db.frames):
        with db.reading(labels) as connection:
            files = [file for file in connection.scalars(select(table.c.file)) if file]
        if twice := sorted(file for file, number in Counter(files).items() if number > 1):
            problem = f"Several rows of “{table.name}” name the same file: {few(twice)}."
            advice = "Restore a backup into a new folder."
            yield Finding("duplicate", labels_name(workspace), problem, advice=advice)


def leftovers(workspace: Workspace, listing: Listing) -> Iterator[Finding]:
    """Tell what was left behind by what was cut off."""
    if listing.interrupted and listing.is_sure:
        names = few([path.name for path in listing.interrupted])
        repair = "Brings the workspace to what it was before, or to what it was to become."
        yield Finding(
            "leftover", names, "An addition was cut off.", repair, mend=partial(_end_additions, workspace)
        )
    left = sorted([*scratch.leftovers(workspace.path, (scratch.ASIDE,)), *listing.replaced])
    if left:
        names = few([path.relative_to(workspace.path).as_posix() for path in left])
        repair = "Moves it to set-aside/, where nothing is deleted."
        problem = f"{count(len(left), 'temporary file or folder', 'temporary files or folders')} left behind: {names}."
        yield Finding("leftover", ".", problem, repair, mend=partial(_put_aside, workspace, left))


def _put_aside(workspace: Workspace, paths: list[Path]) -> None:
    set_aside(workspace, [path for path in paths if path.exists()])


def _end_additions(workspace: Workspace) -> None:
    with adding(workspace):
        pass  # whoever holds the lock next sweeps

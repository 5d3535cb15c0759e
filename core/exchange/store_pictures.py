"""Store pictures that were scanned with their groups and labels: all of them in one transaction, or nothing."""

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from sqlalchemy import Connection, select

from core import workspace as workspaces
from core.access.person import OWNER, acting_as
from core.access.rights import own_name
from core.attributes import SEAM, AttributeSet, named
from core.errors import MediaError
from core.exchange.class_folders import stage_split
from core.exchange.grouping import NEAR, grouped, numbered_in
from core.exchange.scan_tables import Scan
from core.files import Progress, natural
from core.labels.labels import record_rows
from core.labels.table_labels import TableLabels, labels_before
from core.lookup_tables.table_rows import composed
from core.media.images import hash_distances, hash_numbers, perceptual_hash, read_picture
from core.media.incoming_pictures import Incoming, look_at
from core.media.incoming_pictures import notes as incoming_notes
from core.media.library import bring_back, insert_frames_of, insert_videos
from core.media.transaction import Stage, adding
from core.media.whole import StoredPicture, damaged_pictures, write_files
from core.storage import database as db
from core.text import count
from core.workspace import Workspace

IMPORTER = "import"
"""The annotator of labels from tables where nobody is named."""


ALIKE = 16
"""Grey levels of 255 by which 8x8 pixels may differ in the mean where a picture was compressed in between."""


@dataclass(frozen=True)
class AddedFolder:
    """What became of a folder.

    Args:
        workspace: that it was added to; made where there was none.
        videos: keys of the groups that its pictures are in.
        pictures: how many were stored.
        labels: how many its tables hold.
        notes: what the user should know, one sentence each.
    """

    workspace: Workspace
    videos: list[str]
    pictures: int
    labels: int
    notes: list[str]

    def summary(self) -> str:
        """Return one line, and one for each note."""
        groups, labels = count(len(self.videos), "group"), count(self.labels, "label")
        return "\n".join([f"{count(self.pictures, 'picture')} added in {groups}, {labels}.", *self.notes])


@dataclass(frozen=True)
class _Picture:
    """A picture that was read. Size in pixels; ``content``: bytes and hash of the file that is stored."""

    source: Incoming
    phash: str
    width: int
    height: int
    content: dict[str, Any]

    @property
    def file(self) -> Path:
        return self.source.file

    def store(self, path: Path) -> None:
        """Write the file that is stored."""
        if self.source.is_plain:
            shutil.copyfile(self.file, path)
        else:
            path.write_bytes(self.source.content())


def is_blank(workspace: Workspace | None) -> bool:
    """Return whether a workspace has the attributes of a seam and no frames, as one that a page has just made."""
    if workspace is None or workspace.attributes != SEAM:
        return False
    with db.reading(workspace) as connection:
        return connection.scalar(select(db.frames.c.name).limit(1)) is None


def add_scanned(
    ws_path: Path, scanned: Scan, stem: str, progress: Progress | None = None, annotator: str = IMPORTER
) -> AddedFolder:
    """Store pictures and labels in one transaction; see `add_folder`.

    Args:
        ws_path: the workspace, made where there is none.
        scanned: pictures, groups and labels by name.
        stem: how groups are called that nothing names: ``<stem>_1``, ``<stem>_2``, …
        progress: told how many pictures were read.
        annotator: whose labels the tables hold. Those of nobody are of whoever brings them, if they signed in.
    """
    annotator = brought_by(annotator)
    pictures = _read_all(scanned.files, progress)
    attributes = named(scanned.attributes, scanned.exclusive) if scanned.attributes else SEAM
    with opened_or_made(ws_path, attributes) as opened, adding(opened, stem) as stage:
        workspace = _with_attributes(opened, stage, attributes, scanned)
        everything = stored_frames(workspace)
        pictures = _as_stored(everything["name"], scanned, pictures)
        stored = everything[everything["name"].isin(list(pictures))]
        repaired = _stage_repair(workspace, stage, stored, pictures)
        new = {name: pictures[name] for name in pictures if name not in set(stored["name"])}
        groups, notes = grouped(scanned, {name: picture.phash for name, picture in new.items()}, stem)
        numbered = numbered_in(workspace, groups, everything)
        places = [(name, key, index) for key, names in numbered.items() for name, index in names.items()]
        added = pd.DataFrame(places, columns=["name", "video", "index"])
        frames = pd.concat([stored[["name", "video", "index"]], added], ignore_index=True)
        _stage_files(workspace, stage, numbered, new)
        split_notes = stage_split(workspace, stage, scanned, frames) if scanned.parts else []
        with stage.landing() as connection:
            bring_back(connection, db.videos.c.key.in_(set(stored["video"])))
            write_files(connection, repaired)
            _write_groups(connection, numbered, new)
            labels = _write_labels(connection, workspace, annotator, frames, scanned.labels)
    notes = [*scanned.notes, *incoming_notes(p.source for p in new.values()), *notes, *split_notes]
    if len(stored):
        notes.append(f"{count(len(stored), 'picture')} already in the workspace.")
    if repaired:
        notes.append(f"{count(len(repaired), 'damaged or missing picture')} restored.")
    return AddedFolder(workspace, sorted(set(frames["video"]), key=natural), len(new), labels, notes)


def _stage_files(
    workspace: Workspace, stage: Stage, numbered: Mapping[str, Mapping[str, int]], new: Mapping[str, _Picture]
) -> None:
    for key, names in numbered.items():
        target = stage.folder(workspace.frames / key)
        for name in names:
            new[name].store(target / _file_name(name, new[name]))


def _write_labels(
    connection: Connection, workspace: Workspace, annotator: str, frames: pd.DataFrame, labels: pd.DataFrame
) -> int:
    """Store labels by name of the frames that are there; return how many are true or false."""
    if labels.empty:
        return 0
    rows = frames.merge(labels.reset_index(), on="name").drop(columns="name")
    return record_rows(connection, workspace, annotator, rows)


def keep_uncovered(workspace: Workspace, annotator: str, scanned: Scan) -> int:
    """Fill in the annotator's earlier labels where no table has the column for a frame; return how many.

    Left unset they would be taken back. Where a class is chosen, the others are no longer open.
    """
    table = scanned.labels
    if scanned.covered.all(axis=None):
        return 0
    frames = stored_frames(workspace).set_index("name")[["video", "index"]]
    frames = frames[frames.index.isin(table.index)]
    video, keys = pd.factorize(frames["video"])
    nothing = dict.fromkeys(table.columns, np.empty(0, np.int8))
    labels = TableLabels(tuple(keys), video, frames["index"].to_numpy(np.int64), nothing)
    with db.reading(workspace) as connection:
        answers = labels_before(connection, annotator, labels)
    before = pd.DataFrame(
        {name: pd.arrays.BooleanArray(values == 1, values < 0) for name, values in answers.items()},
        frames.index,
    ).reindex(table.index)
    kept = ~scanned.covered.reindex(index=table.index) & before.notna()
    if workspace.attributes.exclusive:
        kept = kept.mul(~table.fillna(False).any(axis=1), axis=0)
    scanned.labels = table.mask(kept, before)
    return int(kept.to_numpy().sum())


def brought_by(annotator: str) -> str:
    """Return whose labels tables hold: those of `IMPORTER`, who is nobody, are of whoever brings them, if they signed in."""
    return own_name(annotator) if annotator == IMPORTER else annotator


def stored_frames(workspace: Workspace) -> pd.DataFrame:
    """Return name, video, index and file of every frame, those of removed videos too: their names are taken."""
    f = db.frames.c
    query = select(f.name, db.videos.c.key.label("video"), f.index, f.file).join_from(db.frames, db.videos)
    with db.reading(workspace) as connection:
        return pd.read_sql(query, connection)


@contextmanager
def opened_or_made(ws_path: Path, attributes: AttributeSet = SEAM) -> Iterator[Workspace]:
    """Open the workspace, or make one; an error in the block takes back what was made."""
    is_new, settings = not ws_path.exists(), ws_path / workspaces.SETTINGS_FILE
    had_settings = settings.is_file()
    try:
        yield workspaces.open_or_create(ws_path, attributes)
    except BaseException:
        if is_new:
            shutil.rmtree(ws_path, ignore_errors=True)
        elif not had_settings:
            settings.unlink(missing_ok=True)
        raise


def _with_attributes(
    workspace: Workspace, stage: Stage, attributes: AttributeSet, scanned: Scan
) -> Workspace:
    """Return the workspace with the attributes that land with its first pictures: opening a page makes an empty one."""
    is_wanted = (scanned.exclusive or scanned.is_new) and is_blank(workspace)
    if not is_wanted or workspace.attributes == attributes:
        return workspace
    folder = stage.folder(workspace.path)
    shutil.copyfile(workspace.path / workspaces.SETTINGS_FILE, folder / workspaces.SETTINGS_FILE)
    with acting_as(OWNER):  # whoever brings the first pictures: an empty class takes what they come with
        workspaces.set_attributes(replace(workspace, path=folder), attributes)
    return replace(workspace, attributes=attributes)


def _read_all(files: Mapping[str, Path], progress: Progress | None) -> dict[str, _Picture]:
    """Read every picture once, by name, before anything is stored."""
    pictures = {}
    sources = look_at(files.values())
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        for name, picture in zip(files, pool.map(_read, sources), strict=True):
            pictures[name] = picture
            if progress:
                progress(len(pictures), len(files))
    return pictures


def _read(source: Incoming) -> _Picture:
    picture = source.read()
    height, width = picture.shape[:2]
    stored = source.content(picture)
    content = {"size": len(stored), "sha256": hashlib.sha256(stored).hexdigest()}
    return _Picture(source, perceptual_hash(picture), width, height, content)


def _as_stored(stored: pd.Series, scanned: Scan, pictures: dict[str, _Picture]) -> dict[str, _Picture]:
    """Call pictures as they are called in the workspace, which may hold names in another form of Unicode."""
    other = {composed(name): name for name in stored if composed(name) != name}
    if not other.keys() & pictures.keys():
        return pictures
    for column, texts in scanned.texts.items():
        scanned.texts[column] = {other.get(name, name): text for name, text in texts.items()}
    scanned.parts = {other.get(name, name): part for name, part in scanned.parts.items()}
    if not scanned.labels.empty:
        scanned.labels = scanned.labels.rename(index=other)
    return {other.get(name, name): picture for name, picture in pictures.items()}


def _stage_repair(
    workspace: Workspace, stage: Stage, stored: pd.DataFrame, offered: Mapping[str, _Picture]
) -> list[dict[str, Any]]:
    """Check that pictures of taken names are the same; stage those of which the stored file is gone or damaged."""
    of_these = db.videos.c.key.in_(set(stored["video"]))
    damaged = {
        picture.name: picture for picture in damaged_pictures(workspace, of_these, set(stored["name"]))
    }
    repaired = []
    for name, video, file in stored[["name", "video", "file"]].itertuples(index=False):
        picture = offered[name]
        if name not in damaged:
            _check_same(name, workspace.path / file, picture)
            continue
        if not _is_of(damaged[name], picture):
            raise _another(name, picture.file)
        new = workspace.frames / video / _file_name(name, picture)
        picture.store(stage.folder(new.parent) / new.name)
        if workspace.path / file != new:
            stage.put_aside(workspace.path / file)
        repaired.append({"name": name, "file": f"frames/{video}/{new.name}", **picture.content})
    return repaired


def _is_of(stored: StoredPicture, offered: _Picture) -> bool:
    """Return whether a picture is the one whose file is gone: by its hash, or after compression by its looks."""
    same = stored.sha256 == offered.content["sha256"]
    return same or int(hash_distances(hash_numbers([stored.phash]), hash_numbers([offered.phash]))[0]) <= NEAR


def _check_same(name: str, stored: Path, offered: _Picture) -> None:
    """Refuse another picture of a name that is taken. A frame that was exported and comes back is not another one."""
    if stored.read_bytes() == offered.file.read_bytes():
        return
    ours, theirs = read_picture(stored).astype(np.float32), offered.source.read().astype(np.float32)
    if ours.shape != theirs.shape or np.abs(cv2.blur(ours - theirs, (8, 8))).max() > ALIKE:
        raise _another(name, offered.file)


def _another(name: str, offered: Path) -> MediaError:
    return MediaError(
        f"{offered} differs from the picture that is called {name} here.", "Rename one of them."
    )


def _file_name(name: str, picture: _Picture) -> str:
    """Return the file name of a picture in the workspace: files of one name may come from several folders."""
    return f"{name}{picture.source.suffix}"


def _write_groups(
    connection: Connection, numbered: Mapping[str, Mapping[str, int]], new: Mapping[str, _Picture]
) -> None:
    """Write the rows of groups and their pictures: in few statements, for there may be thousands."""
    there = set(connection.scalars(select(db.videos.c.key)))
    first = {key: new[next(iter(names))] for key, names in numbered.items() if key not in there}
    insert_videos(connection, (
        {"key": key, "origin": "pictures", "width": picture.width, "height": picture.height} for key, picture in first.items()
    ))  # fmt: skip
    insert_frames_of(connection, {key: [
        {"index": index, "name": name, "file": _file_name(name, new[name]), "time": None, "phash": new[name].phash,
         **new[name].content}
        for name, index in names.items()
    ] for key, names in numbered.items()})  # fmt: skip

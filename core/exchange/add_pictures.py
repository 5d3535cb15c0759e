"""Add folders of pictures with their lookup tables or class folders: groups, indexes, files, rows and labels."""

import hashlib
import os
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from sqlalchemy import Connection, select

from core import workspace as workspaces
from core.attributes import SEAM, AttributeSet, named
from core.errors import LabelError, MediaError, SeamLensError
from core.exchange.cells import TABLE_FORMATS, composed
from core.exchange.class_folders import scan_folders, stage_split
from core.exchange.folder_layout import Meaning, layout, question
from core.exchange.lookup_table import AS_WRITTEN, TableOptions, read_tables
from core.exchange.scan_tables import Scan, pictures_in, scan, tables_in, unread_in
from core.exchange.zips import OTHER_ARCHIVES, unzipped
from core.files import Progress, is_system_file, natural
from core.labels.labels import labels_by, record_rows
from core.media import near_duplicates
from core.media.add_video import FORMATS, Added, add_video, free_key, taken_keys, video_key
from core.media.images import PICTURE_FORMATS, hash_distances, hash_numbers, perceptual_hash, read_picture
from core.media.incoming_pictures import Incoming, look_at
from core.media.incoming_pictures import notes as incoming_notes
from core.media.library import bring_back, insert_frames_of, insert_videos, videos
from core.media.transaction import Stage, adding
from core.media.whole import StoredPicture, damaged_pictures, write_files
from core.storage import database as db
from core.text import count, listed
from core.workspace import Workspace

OnError = Callable[[Path, SeamLensError], None]
"""Called with a file or folder that is refused, and why."""

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


def add_folder(
    ws_path: Path,
    folder: Path,
    progress: Progress | None = None,
    meaning: Meaning | None = None,
    options: TableOptions = AS_WRITTEN,
) -> AddedFolder:
    """Add the pictures below ``folder`` with the labels of the lookup tables there, or of their class folders.

    A workspace is made where there is none; its attributes are the columns of labels. Pictures are copied unchanged and
    keep their names. Their group is the column ``group``, else the stem of ``<stem>_data.csv``, else a cluster of
    near-duplicates. A table without a column says nothing of that attribute, so earlier labels of its frames stay.

    Without a lookup table, folders may be classes, groups or parts: see `core.exchange.folder_layout.layout`.

    Args:
        ws_path: the workspace.
        folder: with the pictures.
        progress: told how many pictures were read.
        meaning: of the folders; None where they leave no doubt.
        options: how tables are read.

    Raises:
        MediaError: no pictures, one cannot be read, or its name belongs to another picture.
        LabelError: a table cannot be read, has no known attribute, or names a missing picture; or somebody has to say
            what the folders mean.
        WorkspaceError: the workspace cannot be read or written.
    """
    own = [ws_path / part for part in ("frames", "videos", "runs")]
    pictures = pictures_in(folder, own)
    if not pictures:
        raise MediaError(
            f"There are no pictures ({', '.join(PICTURE_FORMATS)}) in {folder}.",
            "Check the path of the folder.",
        )
    workspace = workspaces.open_workspace(ws_path) if workspaces.exists(ws_path) else None
    tables = tables_in(folder, own)
    kept = 0
    if tables:
        names = table_attributes(workspace, options)
        scanned = scan(pictures, read_tables(tables, names, options, is_empty=is_blank(workspace)))
        scanned.is_new = names is None
        if meaning and meaning != "classes":
            _add_folders(scanned, folder, pictures, meaning)
        kept = keep_uncovered(workspace, IMPORTER, scanned) if workspace and names else 0
    else:
        scanned = _scan_folders(workspace, folder, pictures, meaning)
    scanned.notes += _unread(folder, own)
    added = add_scanned(ws_path, scanned, folder.resolve().name, progress)
    return replace(added, labels=added.labels - kept)


def is_blank(workspace: Workspace | None) -> bool:
    """Return whether a workspace has the attributes of a seam and no frames, as one that a page has just made."""
    if workspace is None or workspace.attributes != SEAM:
        return False
    with db.reading(workspace) as connection:
        return connection.scalar(select(db.frames.c.name).limit(1)) is None


def table_attributes(workspace: Workspace | None, options: TableOptions) -> Sequence[str] | None:
    """Return the attributes to read from tables; None where those of the tables are to be taken.

    Raises:
        LabelError: somebody names one that the workspace does not have.
    """
    if workspace is None:
        return None
    here = workspace.attributes.names
    if options.attributes is None:
        return here
    wanted = [name.casefold() for name in options.attributes]
    if set(wanted) <= {name.casefold() for name in here}:
        return [name for name in here if name.casefold() in wanted]
    if is_blank(workspace):
        return None
    raise LabelError(
        f"The attributes of this workspace are {listed(here)}, not {listed(options.attributes)}.",
        "Name some of them, or use a new workspace.",
    )


def _scan_folders(
    workspace: Workspace | None, folder: Path, pictures: Sequence[Path], meaning: Meaning | None
) -> Scan:
    """Return pictures without tables, with what their folders mean."""
    attributes = workspace.attributes if workspace else None
    found = layout([file.relative_to(folder) for file in pictures], attributes)
    if meaning is None and found.is_open:
        raise question(folder.resolve().name, found, attributes)
    meaning = meaning or found.meaning
    if meaning is None:
        return scan(pictures, {})
    return scan_folders(folder, pictures, None if is_blank(workspace) else attributes, meaning)


def _add_folders(scanned: Scan, folder: Path, pictures: Sequence[Path], meaning: Meaning) -> None:
    """Add what the folders say to what the tables say, which counts."""
    said = scan_folders(folder, pictures, None, meaning)
    name_of = {file: name for name, file in scanned.files.items()}
    named_here = [(name_of[file], name) for name, file in said.files.items() if file in name_of]
    scanned.groups = {new: said.groups[old] for new, old in named_here if old in said.groups} | scanned.groups
    scanned.parts = {new: said.parts[old] for new, old in named_here if old in said.parts}


def _unread(folder: Path, own: Sequence[Path]) -> list[str]:
    """Return a note that names what else lies in the folder, for nothing is left out in silence."""
    files = unread_in(folder, own)
    names = listed([file.name for file in files], most=5)
    return [f"{count(len(files), 'file')} not read: {names}."] if files else []


def add_paths(
    ws_path: Path,
    paths: Sequence[Path],
    every: int = 1,
    progress: Progress | None = None,
    meaning: Meaning | None = None,
    options: TableOptions = AS_WRITTEN,
    salvage: bool = False,
    on_error: OnError | None = None,
) -> list[Added | AddedFolder]:
    """Add video files, folders of pictures and of videos, and zips of them; each of them whole or not at all.

    Args:
        ws_path: the workspace, made where there is none.
        paths: what to add.
        every: as of `add_video`.
        meaning: of folders, as of `add_folder`.
        options: how tables are read.
        salvage: as of `add_video`.
        progress: told how many frames or pictures were read.
        on_error: called for each file or folder that is refused, and the others are added; without it the first one ends
            everything.

    Raises:
        MediaError: a path is neither; or as `add_video` and `add_folder`.
        LabelError: a path is a lookup table; or as `add_folder`.
    """
    for path in paths if on_error is None else ():
        _check_path(path)
    added: list[Added | AddedFolder] = []
    for path in paths:
        with _told(path, on_error):
            _check_path(path)
            with unzipped(ws_path, path) as place:
                _check_has_media(place)
                with _told(path, on_error):
                    if place.is_dir() and pictures_in(place):
                        added.append(add_folder(ws_path, place, progress, meaning, options))
                for video in _videos_at(place):
                    with _told(video, on_error), _opened_or_made(ws_path) as workspace:
                        added.append(
                            add_video(workspace, video, every=every, progress=progress, salvage=salvage)
                        )
    return added


@contextmanager
def _told(path: Path, on_error: OnError | None) -> Iterator[None]:
    """Hand an error about ``path`` in the block to ``on_error``, where there is one."""
    try:
        yield
    except SeamLensError as error:
        if on_error is None:
            raise
        on_error(path, error)


def add_scanned(
    ws_path: Path, scanned: Scan, stem: str, progress: Progress | None = None, annotator: str = IMPORTER
) -> AddedFolder:
    """Store pictures and labels in one transaction; see `add_folder`.

    Args:
        ws_path: the workspace, made where there is none.
        scanned: pictures, groups and labels by name.
        stem: how groups are called that nothing names: ``<stem>_1``, ``<stem>_2``, …
        progress: told how many pictures were read.
        annotator: whose labels the tables hold.
    """
    pictures = _read_all(scanned.files, progress)
    attributes = named(scanned.attributes, scanned.exclusive) if scanned.attributes else SEAM
    with _opened_or_made(ws_path, attributes) as opened, adding(opened, stem) as stage:
        workspace = _with_attributes(opened, stage, attributes, scanned)
        everything = stored_frames(workspace)
        pictures = _as_stored(everything["name"], scanned, pictures)
        stored = everything[everything["name"].isin(list(pictures))]
        repaired = _stage_repair(workspace, stage, stored, pictures)
        new = {name: pictures[name] for name in pictures if name not in set(stored["name"])}
        groups, notes = _groups(scanned, new, stem)
        numbered = _number(workspace, groups, everything)
        places = [(name, key, index) for key, names in numbered.items() for name, index in names.items()]
        added = pd.DataFrame(places, columns=["name", "video", "index"])
        frames = pd.concat([stored[["name", "video", "index"]], added], ignore_index=True)
        for key, names in numbered.items():
            target = stage.folder(workspace.frames / key)
            for name in names:
                new[name].store(target / _file_name(name, new[name]))
        split_notes = stage_split(workspace, stage, scanned, frames) if scanned.parts else []
        with stage.landing() as connection:
            bring_back(connection, db.videos.c.key.in_(set(stored["video"])))
            write_files(connection, repaired)
            _write_groups(connection, numbered, new)
            labels = 0
            if not scanned.labels.empty:
                rows = frames.merge(scanned.labels.reset_index(), on="name").drop(columns="name")
                labels = record_rows(connection, workspace, annotator, rows)
    notes = [*scanned.notes, *incoming_notes(p.source for p in new.values()), *notes, *split_notes]
    if len(stored):
        notes.append(f"{count(len(stored), 'picture')} already in the workspace.")
    if repaired:
        notes.append(f"{count(len(repaired), 'damaged or missing picture')} restored.")
    return AddedFolder(workspace, sorted(set(frames["video"]), key=natural), len(new), labels, notes)


def keep_uncovered(workspace: Workspace, annotator: str, scanned: Scan) -> int:
    """Fill in the annotator's earlier labels where no table has the column for a frame; return how many.

    Left unset they would be taken back. Where a class is chosen, the others are no longer open.
    """
    table = scanned.labels
    if scanned.covered.all(axis=None):
        return 0
    frames = stored_frames(workspace)[["name", "video", "index"]]
    with db.reading(workspace) as connection:
        earlier = labels_by(connection, annotator).merge(frames, on=["video", "index"])
    before = earlier.pivot(index="name", columns="attribute", values="value")
    before = before.reindex(index=table.index, columns=table.columns).astype("boolean")
    kept = ~scanned.covered.reindex(index=table.index) & before.notna()
    if workspace.attributes.exclusive:
        kept = kept.mul(~table.fillna(False).any(axis=1), axis=0)
    scanned.labels = table.mask(kept, before)
    return int(kept.to_numpy().sum())


def stored_frames(workspace: Workspace) -> pd.DataFrame:
    """Return name, video, index and file of every frame, those of removed videos too: their names are taken."""
    f = db.frames.c
    query = select(f.name, db.videos.c.key.label("video"), f.index, f.file).join_from(db.frames, db.videos)
    with db.reading(workspace) as connection:
        return pd.read_sql(query, connection)


@contextmanager
def _opened_or_made(ws_path: Path, attributes: AttributeSet = SEAM) -> Iterator[Workspace]:
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
    workspaces.set_attributes(replace(workspace, path=folder), attributes)
    return replace(workspace, attributes=attributes)


def _check_path(path: Path) -> None:
    suffix = path.suffix.lower()
    if not path.exists():
        raise MediaError(f"There is no file or folder {path}.", "Check the path.")
    if path.is_file() and suffix in TABLE_FORMATS:
        raise LabelError(
            f"{path} is a lookup table, not a video.",
            "Add the folder that it is in, or use “python -m core labels import”.",
        )
    if path.is_file() and suffix in PICTURE_FORMATS:
        raise MediaError(f"{path} is a single picture, not a video.", "Add the folder that it is in.")
    if path.is_file() and suffix in OTHER_ARCHIVES:
        raise MediaError(
            f"{path} is packed in a way that is not read here.",
            "Unpack it and add the folder, or pack it as .zip.",
        )
    if path.is_dir():
        _check_has_media(path)


def _check_has_media(path: Path) -> None:
    if path.is_dir() and not pictures_in(path) and not _videos_at(path):
        raise MediaError(
            f"There are no pictures or videos in “{path.resolve().name}”.", "Choose another folder."
        )


def _videos_at(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    files = (file for file in path.rglob("*") if file.suffix.lower() in FORMATS and file.is_file())
    return sorted(file for file in files if not is_system_file(file.relative_to(path)))


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
    scanned.groups = {other.get(name, name): group for name, group in scanned.groups.items()}
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


def _groups(scanned: Scan, new: Mapping[str, _Picture], stem: str) -> tuple[dict[str, list[str]], list[str]]:
    """Return the new names by group, and a note where groups had to be guessed: their names begin with "/", as no other."""
    groups: dict[str, list[str]] = defaultdict(list)
    loose = [name for name in new if name not in scanned.groups]
    for name in new:
        if name in scanned.groups:
            groups[scanned.groups[name]].append(name)
    cluster_of = clusters([new[name].phash for name in loose])
    for name, cluster in zip(loose, cluster_of, strict=True):
        groups[f"/{stem}_{cluster + 1}"].append(name)
    if not loose:
        return groups, []
    note = (
        f"{count(len(loose), 'picture')} without a group: nearly identical ones were put together, which makes "
        f"{count(max(cluster_of) + 1, 'group')}. Better: say which belong together in a column “group”."
    )
    return groups, [note]


def _number(
    workspace: Workspace, groups: Mapping[str, list[str]], stored: pd.DataFrame
) -> dict[str, dict[str, int]]:
    """Return the index of each new name, by the key of its group; a group that is there already grows."""
    taken = taken_keys(workspace)
    growing = {video.key: video.origin for video in videos(workspace)}
    used = {key.casefold() for key in taken}
    there: dict[str, dict[str, int]] = defaultdict(dict)
    for name, video, index in zip(
        *(stored[column].tolist() for column in ("name", "video", "index")), strict=True
    ):
        there[video][name] = index
    numbered: dict[str, dict[str, int]] = {}
    for group, names in groups.items():
        key = video_key(group.removeprefix("/"), ())
        numbers = indexes(names, key, there.get(key, {}))
        fits = growing.get(key) == "pictures" or numbered_as(dict(zip(names, numbers, strict=True)), key)
        if group.startswith("/") or key in numbered or (key in taken and not (key in growing and fits)):
            key = free_key(key, used)
            numbers = indexes(names, key, {})
        used.add(key.casefold())
        numbered[key] = dict(zip(names, numbers, strict=True))
    return numbered


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


NEAR = 6
"""Of 64 bits of the perceptual hash: pictures that differ in no more are taken for nearly the same."""

_LARGEST = 2**31 - 1  # index that every database takes


def clusters(hashes: Sequence[str]) -> list[int]:
    """Return for each perceptual hash the number of its cluster, from 0 in order of first appearance.

    Pictures are of one cluster where a chain of near-duplicates joins them.
    """
    numbers = hash_numbers(list(hashes))
    if not len(numbers):
        return []
    # Each hash once, or equal pictures would make pairs without end.
    different, which = np.unique(numbers, return_inverse=True)
    left, right = near_duplicates.near_pairs(different, bits=NEAR).T
    graph = coo_matrix((np.ones(len(left), np.int8), (left, right)), (len(different), len(different)))
    components = connected_components(graph, directed=False)[1]
    return pd.factorize(components[which])[0].tolist()


def index_in_name(name: str, key: str) -> int | None:
    """Return the index in a name of the form ``<key>_<index>``, else None.

    >>> index_in_name("seam_01_17", "seam_01")
    17
    """
    match = re.fullmatch(re.escape(key) + r"_([0-9]+)", name)
    return int(match[1]) if match and int(match[1]) <= _LARGEST else None


def numbered_as(names: Mapping[str, int], key: str) -> bool:
    """Return whether every name (to its index) is of the form ``<key>_<index>``."""
    return all(index_in_name(name, key) == index for name, index in names.items())


def indexes(names: Sequence[str], key: str, there: Mapping[str, int]) -> list[int]:
    """Return an index for each new name of a group.

    The one in the name where all names of the group have one; else they continue after the highest in order.

    Args:
        names: new ones, in natural order.
        key: of the group.
        there: names that the group has already, with their indexes.
    """
    written = [index_in_name(name, key) for name in names]
    free = [index for index in written if index is not None and index not in there.values()]
    if len(set(free)) == len(names) and numbered_as(there, key):
        return free
    first = max(there.values(), default=-1) + 1
    return list(range(first, first + len(names)))

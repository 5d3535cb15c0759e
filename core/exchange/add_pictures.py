"""Folders of pictures with their lookup tables, brought into a workspace."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from core import workspace as workspaces
from core.attributes import SEAM, AttributeSet, named
from core.errors import LabelError, MediaError
from core.exchange.class_folders import class_folders
from core.exchange.scan import Gathered, gather, pictures_in, tables_in
from core.exchange.store_pictures import file_pictures, frames_there, keep_unspoken, look
from core.files import Progress
from core.media.add_video import FORMATS, Added, add_video
from core.media.images import PICTURE_FORMATS
from core.media.transaction import adding
from core.workspace import Workspace

IMPORTER = "import"
"""Who says what tables say where nobody is named."""


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
        """Say it in one line, and the notes in one each."""
        head = f"{self.pictures} pictures in {len(self.videos)} groups, {self.labels} labels"
        return "\n".join([head, *self.notes])


def add_folder(ws_path: Path, folder: Path, progress: Progress | None = None) -> AddedFolder:
    """Add the pictures below ``folder`` with the labels of the lookup tables there, or of their class folders.

    A workspace is made where there is none; its attributes are the columns that hold nothing but true and
    false. Pictures are copied unchanged and keep their names. Their group is the column ``group``, else the
    stem of ``<stem>_data.csv``, else a cluster of near-duplicates. A table without a column says nothing of that
    attribute, so earlier labels of its frames stay.

    Without a lookup table, folders of pictures are classes: see `core.exchange.class_folders.class_folders`.

    Raises:
        MediaError: no pictures, one cannot be read, or its name belongs to another picture.
        LabelError: a table cannot be read, has no known attribute, or names a missing picture.
        WorkspaceError: the workspace cannot be read or written.
    """
    without = [ws_path / part for part in ("frames", "videos", "runs")]
    pictures = pictures_in(folder, without)
    if not pictures:
        raise MediaError(
            f"a folder with pictures ({', '.join(PICTURE_FORMATS)})",
            f"{folder} without any",
            "Check the path.",
        )
    there = workspaces.open_workspace(ws_path) if workspaces.exists(ws_path) else None
    tables = tables_in(folder, without)
    known = None if there is None or _is_blank(there) else there.attributes
    gathered = None if tables else class_folders(folder, pictures, known)
    kept = 0
    if gathered is None:
        gathered = gather(pictures, tables, there.attributes.names if there else None)
        gathered.labels = gathered.labels.drop(columns=list(gathered.silent))
        kept = keep_unspoken(there, IMPORTER, gathered) if there and tables else 0
    added = add_gathered(ws_path, gathered, folder.resolve().name, progress)
    return replace(added, labels=added.labels - kept)


def add_paths(
    ws_path: Path, paths: Sequence[Path], every: int = 1, progress: Progress | None = None
) -> list[Added | AddedFolder]:
    """Add video files, folders of pictures and folders of videos; each of them whole or not at all.

    Raises:
        MediaError: a path is neither; or as `add_video` and `add_folder`.
        LabelError: a path is a lookup table; or as `add_folder`.
    """
    for path in paths:
        _check_path(path)
    added: list[Added | AddedFolder] = []
    for path in paths:
        if path.is_dir() and pictures_in(path):
            added.append(add_folder(ws_path, path, progress))
        for video in _videos_at(path):
            with _opened_or_made(ws_path) as workspace:
                added.append(add_video(workspace, video, every=every, progress=progress))
    return added


def add_gathered(
    ws_path: Path,
    gathered: Gathered,
    stem: str,
    progress: Progress | None = None,
    annotator: str = IMPORTER,
) -> AddedFolder:
    """Store pictures and labels that were gathered; see `add_folder`.

    Args:
        ws_path: the workspace, made where there is none.
        gathered: pictures, groups, labels and other columns by name.
        stem: how groups are called that nothing names: ``<stem>_1``, ``<stem>_2``, …
        progress: told how many pictures were read.
        annotator: who says what the tables say.
    """
    seen = look(gathered.files, progress)
    attributes = named(gathered.attributes, gathered.exclusive) if gathered.attributes else SEAM
    with _opened_or_made(ws_path, attributes) as workspace, adding(workspace) as stage:
        filed = file_pictures(workspace, stage, gathered, seen, stem, annotator)
    return AddedFolder(workspace, filed.videos, filed.pictures, filed.labels, filed.notes)


@contextmanager
def _opened_or_made(ws_path: Path, attributes: AttributeSet = SEAM) -> Iterator[Workspace]:
    """Open the workspace, or make one that is gone again if the block fails.

    One that holds nothing yet, and was never told its attributes, takes those of classes: opening a page makes such a
    workspace.
    """
    new_path, new_workspace = not ws_path.exists(), not workspaces.exists(ws_path)
    workspace = workspaces.open_or_create(ws_path, attributes)
    if attributes.exclusive and not workspace.attributes.exclusive:
        with _as_classes(workspace, attributes) as workspace:
            yield workspace
        return
    try:
        yield workspace
    except BaseException:
        if new_path:
            shutil.rmtree(ws_path, ignore_errors=True)
        elif new_workspace:
            (ws_path / workspaces.SETTINGS_FILE).unlink(missing_ok=True)
        raise


def _is_blank(workspace: Workspace) -> bool:
    """Return whether nothing is in the workspace yet, and its attributes are those that it gets unasked."""
    return workspace.attributes == SEAM and frames_there(workspace).empty


@contextmanager
def _as_classes(workspace: Workspace, attributes: AttributeSet) -> Iterator[Workspace]:
    """Give a blank workspace other attributes, which are gone again if the block fails."""
    file = workspace.path / workspaces.SETTINGS_FILE
    before = file.read_bytes()
    try:
        yield workspaces.set_attributes(workspace, attributes)
    except BaseException:
        file.write_bytes(before)
        raise


def _check_path(path: Path) -> None:
    suffix = path.suffix.lower()
    if not path.exists():
        raise MediaError("a video or a folder", f"{path}, which is not there", "Check the path.")
    if path.is_file() and suffix == ".csv":
        raise LabelError(
            "a video or a folder",
            f"the lookup table {path}",
            "Add the folder that it lies in, or use “python -m core labels import”.",
        )
    if path.is_file() and suffix in PICTURE_FORMATS:
        raise MediaError("a video or a folder", f"the picture {path}", "Add the folder that it lies in.")
    if path.is_dir() and not pictures_in(path) and not _videos_at(path):
        raise MediaError("a folder with pictures or videos", f"{path} without any", "Check the path.")


def _videos_at(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(file for file in path.rglob("*") if file.suffix.lower() in FORMATS and file.is_file())

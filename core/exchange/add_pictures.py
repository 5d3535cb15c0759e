"""Add folders of pictures with their lookup tables or class folders: groups, indexes, files, rows and labels."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from core import workspace as workspaces
from core.access.rights import Right, needs
from core.errors import LabelError, MediaError, SeamLensError
from core.exchange.class_folders import scan_folders
from core.exchange.folder_layout import Meaning, layout, question
from core.exchange.scan_tables import Scan, pictures_in, scan, tables_in, unread_in
from core.exchange.store_pictures import (
    IMPORTER,
    AddedFolder,
    add_scanned,
    brought_by,
    is_blank,
    keep_uncovered,
    opened_or_made,
)
from core.files import Progress, is_system_file, part_of
from core.lookup_tables.cells import TABLE_FORMATS
from core.lookup_tables.column_meanings import AS_WRITTEN, TableOptions
from core.lookup_tables.lookup_table import read_tables
from core.media.images import PICTURE_FORMATS
from core.text import count, listed
from core.videos.add_video import FORMATS, Added, add_video
from core.workspace import Workspace
from core.zips import OTHER_ARCHIVES, unzipped

OnError = Callable[[Path, SeamLensError], None]
"""Called with a file or folder that is refused, and why."""


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
        kept = keep_uncovered(workspace, brought_by(IMPORTER), scanned) if workspace and names else 0
    else:
        scanned = _scan_folders(workspace, folder, pictures, meaning)
    scanned.notes += _unread(folder, own)
    added = add_scanned(ws_path, scanned, folder.resolve().name, progress)
    return replace(added, labels=added.labels - kept)


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
    groups, named = said.texts["group"], scanned.texts["group"]
    scanned.texts["group"] = {new: groups[old] for new, old in named_here if old in groups} | named
    scanned.parts = {new: said.parts[old] for new, old in named_here if old in said.parts}


def _unread(folder: Path, own: Sequence[Path]) -> list[str]:
    """Return a note that names what else lies in the folder, for nothing is left out in silence."""
    files = unread_in(folder, own)
    names = listed([file.name for file in files], most=5)
    return [f"{count(len(files), 'file')} not read: {names}."] if files else []


@needs(Right.ADD)
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
    how = every, progress, meaning, options, salvage, on_error
    return [added for path in paths for added in _added(ws_path, path, *how)]


def _added(
    ws_path: Path,
    path: Path,
    every: int,
    progress: Progress | None,
    meaning: Meaning | None,
    options: TableOptions,
    salvage: bool,
    on_error: OnError | None,
) -> Iterator[Added | AddedFolder]:
    """Add what is at a path, and yield each thing as soon as it is there."""
    with _told(path, on_error):
        _check_path(path)
        with unzipped(ws_path, path) as place:
            _check_has_media(place)
            with _told(path, on_error):
                if place.is_dir() and pictures_in(place):
                    yield add_folder(ws_path, place, progress, meaning, options)
            for video in _videos_at(place):
                with _told(video, on_error), opened_or_made(ws_path) as workspace:
                    yield add_video(workspace, video, every=every, progress=progress, salvage=salvage)


@dataclass(frozen=True)
class Addition:
    """What somebody wants added.

    Args:
        path: a video, a folder or a zip.
        meaning: of its folders, as of `add_folder`.
        options: how its tables are read.
    """

    path: Path
    meaning: Meaning | None = None
    options: TableOptions = AS_WRITTEN


@needs(Right.ADD)
def add_several(
    ws_path: Path, wanted: Sequence[Addition], every: int, salvage: bool, progress: Progress | None = None
) -> Iterator[Added | AddedFolder | SeamLensError]:
    """Add one thing after the other, each of them whole or not at all; yield what was added, and why something was refused."""
    for number, each in enumerate(wanted):
        refused: dict[Path, SeamLensError] = {}
        told = part_of(progress, number, len(wanted))
        yield from _added(
            ws_path, each.path, every, told, each.meaning, each.options, salvage, refused.__setitem__
        )
        yield from refused.values()


@contextmanager
def _told(path: Path, on_error: OnError | None) -> Iterator[None]:
    """Hand an error about ``path`` in the block to ``on_error``, where there is one."""
    try:
        yield
    except SeamLensError as error:
        if on_error is None:
            raise
        on_error(path, error)


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

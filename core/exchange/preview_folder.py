"""How a folder or zip would be read: what its folders may mean, and each column of its tables; nothing is stored."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

from core import workspace as workspaces
from core import zips
from core.exchange.add_pictures import table_attributes
from core.exchange.folder_layout import EXPLAINED, Layout, Meaning, layout, question
from core.exchange.scan_tables import is_table
from core.exchange.store_pictures import is_blank
from core.files import is_system_file, told_apart
from core.lookup_tables.answers import ColumnReading, beside
from core.lookup_tables.column_meanings import AS_WRITTEN, TableOptions
from core.lookup_tables.lookup_table import read_tables
from core.media.images import PICTURE_FORMATS
from core.text import count, listed
from core.videos.add_video import FORMATS


@dataclass(frozen=True)
class FolderPreview:
    """What a folder or zip holds.

    Args:
        name: of the folder or zip.
        pictures: how many.
        videos: how many.
        layout: what its folders may mean; none where lookup tables say what the pictures are, or there are no pictures.
        columns: how each column is read, by the name of its table.
        notes: what the user should know, one sentence each.
    """

    name: str
    pictures: int
    videos: int
    layout: Layout | None = None
    columns: dict[str, tuple[ColumnReading, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def summary(self) -> str:
        """Return what is there in one line, one on the folders, and one for each note."""
        size = f"{self.name}: {count(self.pictures, 'picture')}, {count(self.videos, 'video')}."
        folders = [folders_line(self.layout)] if self.layout and self.layout.meaning else []
        return "\n".join([size, *folders, *beside(self.notes, self.columns)])


def folders_line(found: Layout) -> str:
    """Return what the folders are, where that is settled."""
    assert found.meaning is not None
    return f"Folders are {found.meaning} ({EXPLAINED[found.meaning]}): {listed(found.folders, most=12)}."


def preview_paths(
    ws_path: Path,
    paths: Sequence[Path],
    meaning: Meaning | None = None,
    options: TableOptions = AS_WRITTEN,
) -> list[FolderPreview]:
    """Return how folders and zips would be read by `core.exchange.add_pictures.add_paths`; single videos are passed over.

    Raises:
        LabelError: a table or zip cannot be read, or somebody has to say what the folders mean.
    """
    previews = []
    for path in paths:
        preview = preview_path(ws_path, path, options)
        if preview.layout and meaning is None and preview.layout.is_open:
            attributes = workspaces.open_workspace(ws_path).attributes if workspaces.exists(ws_path) else None
            raise question(preview.name, preview.layout, attributes)
        previews.append(preview)
    return previews


def preview_path(
    ws_path: Path, path: Path, options: TableOptions = AS_WRITTEN, read: bool = True
) -> FolderPreview:
    """Return how one folder or zip would be read. Pictures are counted, and not opened.

    Args:
        ws_path: the workspace; it need not be there.
        path: a folder, a zip, or a single file, which is a video.
        options: how its tables are read.
        read: read the tables; False only lists them and the folders.

    Raises:
        LabelError: a table or zip cannot be read.
    """
    workspace = workspaces.open_workspace(ws_path) if workspaces.exists(ws_path) else None
    names = _names(path)
    pictures = [name for name in names if name.suffix.lower() in PICTURE_FORMATS]
    videos = sum(name.suffix.lower() in FORMATS for name in names)
    tables = [name for name in names if is_table(name)]
    attributes = workspace.attributes if workspace else None
    shape = layout(pictures, attributes) if pictures and not tables else None
    if not tables or not read:
        return FolderPreview(path.name, len(pictures), videos, shape)
    with tables_of(path) as files:
        done = read_tables(files, table_attributes(workspace, options), options, is_empty=is_blank(workspace))
    shown = told_apart(done)
    columns = {shown[file]: table.columns for file, table in done.items()}
    notes = tuple(note for table in done.values() for note in table.notes)
    return FolderPreview(path.name, len(pictures), videos, shape, columns, notes)


def _names(path: Path) -> list[PurePath]:
    """Return the files of a folder or zip, relative to it."""
    if path.is_dir():
        files = (file.relative_to(path) for file in path.rglob("*") if file.is_file())
        return [file for file in files if not is_system_file(file)]
    return list(zips.names_in(path)) if path.suffix.lower() == zips.ENDING else [PurePath(path.name)]


@contextmanager
def tables_of(path: Path) -> Iterator[list[Path]]:
    """Give the lookup tables of a folder or zip as files, for the block.

    Raises:
        LabelError: a zip cannot be read.
    """
    tables = [name for name in _names(path) if is_table(name)]
    if path.is_dir():
        yield [path / table for table in tables]
        return
    with TemporaryDirectory() as folder:
        yield zips.unpack_some(path, Path(folder), tables)

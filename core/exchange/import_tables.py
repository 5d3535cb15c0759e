"""Import lookup tables: what they would change, and the import itself."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import String, cast, func, literal, select

from core import workspace as workspaces
from core.access.rights import check_name
from core.errors import LabelError
from core.exchange.add_pictures import table_attributes
from core.exchange.scan_tables import Scan, merged, pictures_in, respelled, scan, tables_in
from core.exchange.store_pictures import IMPORTER, add_scanned, brought_by, is_blank, keep_uncovered
from core.files import Progress, told_apart
from core.labels import labels
from core.lookup_tables.answers import ColumnReading
from core.lookup_tables.column_meanings import AS_WRITTEN, TableOptions
from core.lookup_tables.lookup_table import LookupTable, read_tables, stem
from core.media.images import PICTURE_FORMATS
from core.media.whole import damaged_pictures
from core.storage import database as db
from core.text import count
from core.workspace import Workspace
from core.zips import unzipped


@dataclass(frozen=True)
class Imported:
    """What became of lookup tables: how many tables, rows (frames), labels (cells that are true or false), added pictures, and
    rows left out because a later one repeats the name; ``notes`` are sentences for the user.
    """

    workspace: Workspace
    tables: int
    rows: int
    labels: int
    pictures: int
    repeated: int
    notes: tuple[str, ...]

    def summary(self) -> str:
        """Return one line, and one for each note."""
        head = f"{count(self.labels, 'label')} of {count(self.rows, 'frame')}"
        added = f"; {count(self.pictures, 'picture')} added" if self.pictures else ""
        return "\n".join([f"{head} from {count(self.tables, 'lookup table')}{added}.", *self.notes])


@dataclass(frozen=True)
class Preview:
    """What an import would change: of how many tables and rows (frames), which labels per attribute, how many pictures it
    would add; ``notes`` are sentences for the user, ``columns`` says by the name of the table how each was read.
    """

    tables: int
    rows: int
    attributes: dict[str, labels.Changes]
    pictures: int
    notes: tuple[str, ...]
    columns: dict[str, tuple[ColumnReading, ...]] = field(default_factory=dict)


def import_tables(
    ws_path: Path,
    paths: Sequence[Path],
    annotator: str = IMPORTER,
    progress: Progress | None = None,
    options: TableOptions = AS_WRITTEN,
    uploaded: bool = False,
) -> Imported:
    """Read lookup tables into a workspace, which is made where there is none: all of them, or nothing.

    A row belongs to the frame of its name. Where there is none, the picture is added: the file that the row
    names, or one of that name beside the table or below its folder. A later table counts over an earlier one; a
    table without a column says nothing of that attribute, so earlier labels of its frames stay.

    Args:
        ws_path: the workspace.
        paths: lookup tables, or folders with labels.csv, *_data.csv, or the published train, valid and test.csv.
        annotator: whose labels they are.
        progress: told how many pictures were read.
        options: how the tables are read.
        uploaded: somebody else brought the tables: pictures that they name count only below their own folder. So it is
            with every zip.

    Raises:
        LabelError: no table, one that cannot be read or has no known attribute, or a missing picture.
        MediaError: a picture cannot be read, or its name belongs to another one.
        AccessError: the labels would be another person's.
    """
    annotator = brought_by(annotator)
    check_name(annotator)
    with _brought(ws_path, paths, uploaded) as places:
        return store(ws_path, _read(ws_path, places, annotator, options), annotator, progress)


def store(ws_path: Path, read: "Matched", annotator: str, progress: Progress | None) -> Imported:
    """Store the labels of tables, and the pictures that come with them, in one transaction."""
    scanned, frames = read.scanned, read.frames
    new = sum(name not in frames.index for name in scanned.files)
    repeated = sum(table.repeated for table in read.tables.values())
    size = len(read.tables), len(scanned.labels)
    if read.workspace and not new:  # nothing but labels: no picture is read
        rows = scanned.labels.join(frames[["video", "index"]]).reset_index(drop=True)
        stored = labels.record_table(read.workspace, annotator, rows)
        return Imported(read.workspace, *size, stored - read.kept, 0, repeated, tuple(scanned.notes))
    folder = next(iter(read.tables)).resolve().parent.name
    added = add_scanned(ws_path, scanned, folder, progress, annotator)
    stored, notes = added.labels - read.kept, tuple(added.notes)
    return Imported(added.workspace, *size, stored, added.pictures, repeated, notes)


@dataclass(frozen=True)
class _Place:
    """A lookup table, or a folder with some; pictures that they name are taken only below ``root``, where there is one."""

    path: Path
    root: Path | None


@contextmanager
def _brought(ws_path: Path, paths: Sequence[Path], uploaded: bool) -> Iterator[list[_Place]]:
    with ExitStack() as stack:
        places = [(path, stack.enter_context(unzipped(ws_path, path))) for path in paths]
        yield [_Place(place, _root(place) if uploaded or place != path else None) for path, place in places]


def _root(place: Path) -> Path:
    return place if place.is_dir() else place.parent


def preview_tables(
    ws_path: Path,
    paths: Sequence[Path],
    annotator: str = IMPORTER,
    options: TableOptions = AS_WRITTEN,
    uploaded: bool = False,
) -> Preview:
    """Say what `import_tables` would change, and change nothing. Pictures are looked for, but not read.

    Raises:
        LabelError: as `import_tables`.
        MediaError: two different pictures have one name.
    """
    annotator = brought_by(annotator)
    check_name(annotator)
    with _brought(ws_path, paths, uploaded) as places:
        return changes_of(_read(ws_path, places, annotator, options), annotator)


def changes_of(read: "Matched", annotator: str) -> Preview:
    """Say what `store` would change."""
    table = read.scanned.labels
    places = pd.DataFrame()
    if read.workspace and not read.scanned.is_new:
        places = stored_places(read.workspace, removed=True)
        rows = table.join(places).reset_index()
        new = rows["video"].isna()
        rows["video"] = rows["video"].cat.add_categories("")
        # A picture that is to come has no place yet: it gets one of its own, where there are no labels.
        rows["video"] = rows["video"].where(~new, "")
        rows["index"] = rows["index"].where(~new, rows.index)
        changes = labels.changes(read.workspace, annotator, rows.drop(columns="name"))
    else:
        changes = {name: labels.Changes(new=int(table[name].notna().sum())) for name in table.columns}
    pictures = sum(name not in places.index for name in read.scanned.files)
    names = told_apart(read.tables)
    columns = {names[file]: read_table.columns for file, read_table in read.tables.items()}
    return Preview(len(read.tables), len(table), changes, pictures, tuple(read.scanned.notes), columns)


@dataclass(frozen=True)
class Matched:
    """Lookup tables that were read, with the frames that their rows belong to; ``kept`` labels are the annotator's earlier ones, for
    which they have no column.
    """

    workspace: Workspace | None
    tables: dict[Path, LookupTable]
    frames: pd.DataFrame
    scanned: Scan
    kept: int


def _read(ws_path: Path, places: Sequence[_Place], annotator: str, options: TableOptions) -> Matched:
    workspace = workspaces.open_workspace(ws_path) if workspaces.exists(ws_path) else None
    files = {file: place.root for place in places for file in _tables_at(place.path)}
    if not files:
        raise LabelError("No lookup table was named.", "Name a file or a folder.")
    wanted = table_attributes(workspace, options)
    tables = read_tables(files, wanted, options, is_empty=is_blank(workspace))
    return matched(ws_path, workspace, tables, annotator, is_new=wanted is None, roots=files)


def matched(
    ws_path: Path,
    workspace: Workspace | None,
    tables: dict[Path, LookupTable],
    annotator: str,
    is_new: bool,
    roots: Mapping[Path, Path | None],
) -> Matched:
    """Return tables with the frames of their rows: those in the workspace, else pictures that the rows mean.

    Args:
        ws_path: of the workspace.
        workspace: it, where there is one.
        tables: as `read_tables` returns them.
        annotator: whose labels they hold.
        is_new: their attributes become those of the workspace.
        roots: the folder of each table below which alone pictures are taken that are not here; none where all may be.

    Raises:
        LabelError: a row has no picture.
        MediaError: two different pictures have one name.
    """
    annotator = labels.called_here(workspace, annotator) if workspace else annotator
    frames = stored_places(workspace) if workspace else pd.DataFrame(columns=["video", "index"])
    here = set(frames.index)
    tables = {file: respelled(table, here) for file, table in tables.items()}
    whole = _whole(workspace, frames, here, tables) if workspace else set()
    if workspace and not is_new and all(whole.issuperset(table.rows["name"]) for table in tables.values()):
        scanned = merged(tables)  # nothing but labels: no picture is looked at
        return Matched(workspace, tables, frames, scanned, keep_uncovered(workspace, annotator, scanned))
    pictures: list[Path] = []
    stored_names: dict[Path, str] = {}
    stored_files = _files(workspace, here) if workspace else {}
    for file, table in tables.items():
        names = table.rows["name"]
        offered = _pictures_of(ws_path, file, table.rows[~names.isin(whole)], roots[file])
        stored = (set(names) & here) - ({stem(picture.name) for picture in offered} - whole)
        files_here = {stored_files[name]: name for name in names if name in stored}
        stored_names |= files_here
        pictures += [*files_here, *offered]
    scanned = scan(dict.fromkeys(pictures), tables, stored_names)
    scanned.is_new = is_new
    # Frames are numbered as their rows stand: what is exported again is the same table.
    order = dict.fromkeys(name for table in tables.values() for name in table.rows["name"])
    scanned.files = {name: scanned.files[name] for name in order}
    kept = keep_uncovered(workspace, annotator, scanned) if workspace and not is_new else 0
    return Matched(workspace, tables, frames, scanned, kept)


def stored_places(workspace: Workspace, removed: bool = False) -> pd.DataFrame:
    """Return index ``name``, ``video`` (key, categorical) and ``index`` of the frames, or of those of removed videos, too."""
    v, f = db.videos.c, db.frames.c
    visible = literal(True) if removed else f.video_id.in_(select(v.id).where(~v.hidden))
    # One row of long texts, as `core.storage.database.integers`; a name has no slash.
    numbers = [func.aggregate_strings(cast(column, String), ",") for column in (f.video_id, f.index)]
    texts = select(func.aggregate_strings(f.name, "/"), numbers[0], numbers[1]).where(visible)
    with db.reading(workspace) as connection:
        keys = dict(connection.execute(select(v.id, v.key)).tuples().all())
        names, videos, indexes = connection.execute(texts).one()
    if names is None:
        names, videos, indexes = "", "", ""
    ids = np.fromstring(videos, np.int64, sep=",")
    codes = pd.Index(list(keys), dtype=np.int64).get_indexer(pd.Index(ids))
    video = pd.Categorical.from_codes(codes, pd.Index(list(keys.values()), dtype=object))
    columns = {"video": video, "index": np.fromstring(indexes, np.int64, sep=",")}
    return pd.DataFrame(columns, index=pd.Index(names.split("/") if names else [], dtype=object, name="name"))


def _files(workspace: Workspace, names: Collection[str]) -> dict[str, Path]:
    """Return the files of the frames of these names."""
    f = db.frames.c
    with db.reading(workspace) as connection:
        rows = connection.execute(select(f.name, f.file)).tuples()
        return {name: workspace.path / file for name, file in rows if name in names}


def _whole(
    workspace: Workspace, frames: pd.DataFrame, here: set[str], tables: dict[Path, LookupTable]
) -> set[str]:
    """Return the frames whose stored pictures can be used. Where nothing but labels comes, no picture is looked at."""
    named: set[str] = set().union(*(table.rows["name"] for table in tables.values()))
    if named <= here:
        return named
    there = named & here
    of_these = db.videos.c.key.in_(set(frames.loc[list(there), "video"]))
    return there - {picture.name for picture in damaged_pictures(workspace, of_these, there)}


def _tables_at(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    if tables := tables_in(path):
        return tables
    raise LabelError(
        f"There are no lookup tables (labels.csv, *_data.csv, or train.csv, valid.csv, test.csv; also as .xlsx or .ods) in {path}.",
        "Name the file.",
    )


def _pictures_of(ws_path: Path, table: Path, rows: pd.DataFrame, root: Path | None) -> list[Path]:
    """Return pictures that rows of a table may mean: as written, beside the table, else below its folder; none outside ``root``."""
    files, missing = [], set()
    for name, path in zip(rows["name"], rows["path"], strict=True):
        written = table.parent / path.replace("\\", "/")
        beside = [table.parent / f"{name}{ending}" for ending in PICTURE_FORMATS]
        file = next((file for file in (written, *beside) if _is_file(file, root)), None)
        if file is None:
            missing.add(name)
        else:
            files.append(file)
    if missing:
        own = [ws_path / part for part in ("frames", "videos", "runs")]
        below = [file for file in pictures_in(table.parent, own) if stem(file.name) in missing]
        files += [file for file in below if _is_file(file, root)]
    return files


def _is_file(path: Path, root: Path | None) -> bool:
    """Return whether there is a file, and where there is a ``root``, whether it lies below that, links followed."""
    try:
        return (root is None or path.resolve().is_relative_to(root.resolve())) and path.is_file()
    except (OSError, ValueError, RuntimeError):  # what stands in the table cannot be the name of a file
        return False

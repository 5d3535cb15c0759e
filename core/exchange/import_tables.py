"""Lookup tables, both ways: labels come in from CSV files, and go out to them in `exporting`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core import workspace as workspaces
from core.errors import LabelError
from core.exchange.add_pictures import IMPORTER, add_gathered
from core.exchange.lookup_table import LookupTable, read_table, stem
from core.exchange.scan import Gathered, gather, pictures_in, tables_in
from core.exchange.store_pictures import frames_there, keep_unspoken
from core.files import Progress
from core.labels import labels
from core.media.images import PICTURE_FORMATS
from core.media.library import frame_table
from core.workspace import Workspace


@dataclass(frozen=True)
class Imported:
    """What became of lookup tables.

    Args:
        workspace: that they were imported into; made where there was none.
        tables: how many were read.
        rows: how many frames they speak of.
        labels: how many cells are true or false.
        pictures: how many were added to the workspace.
        repeated: how many rows were left out because a later one of the same table has the same name.
        notes: what the user should know, one sentence each.
    """

    workspace: Workspace
    tables: int
    rows: int
    labels: int
    pictures: int
    repeated: int
    notes: tuple[str, ...]

    def summary(self) -> str:
        """Say it in one line, and the notes in one each."""
        head = f"{self.labels} labels of {self.rows} frames from {self.tables} lookup tables"
        if self.pictures:
            head += f"; {self.pictures} pictures added"
        return "\n".join([f"{head}.", *self.notes])


@dataclass(frozen=True)
class Preview:
    """What an import would change.

    Args:
        tables: how many were read.
        rows: how many frames they speak of.
        attributes: per attribute how many labels are ``new``, ``changed`` (another answer), ``removed`` (unset
            from then on) and the ``same``.
        pictures: how many would be added to the workspace.
        notes: what the user should know, one sentence each.
    """

    tables: int
    rows: int
    attributes: dict[str, labels.Changes]
    pictures: int
    notes: tuple[str, ...]


def import_tables(
    ws_path: Path, paths: Sequence[Path], annotator: str = IMPORTER, progress: Progress | None = None
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

    Raises:
        LabelError: no table, one that cannot be read or has no known attribute, or a missing picture.
        MediaError: a picture cannot be read, or its name belongs to another one.
    """
    read = _read(ws_path, paths, annotator)
    there, gathered, frames = read.workspace, read.gathered, read.frames
    new = sum(name not in frames.index for name in gathered.files)
    repeated = sum(table.repeated for table in read.tables.values())
    size = len(read.tables), len(gathered.labels)
    if there and not new and not len(gathered.other.columns):  # nothing but labels: no picture is looked at
        stored = labels.record_table(there, annotator, _placed(gathered.labels, frames))
        return Imported(there, *size, stored - read.kept, 0, repeated, tuple(gathered.notes))
    called = next(iter(read.tables)).resolve().parent.name
    added = add_gathered(ws_path, gathered, called, progress, annotator)
    return Imported(
        added.workspace, *size, added.labels - read.kept, added.pictures, repeated, tuple(added.notes)
    )


def preview_tables(ws_path: Path, paths: Sequence[Path], annotator: str = IMPORTER) -> Preview:
    """Say what `import_tables` would change, and change nothing. Pictures are found, but not looked at.

    Args:
        ws_path: the workspace, which need not be there.
        paths: lookup tables, or folders of them.
        annotator: whose labels they would be.

    Raises:
        LabelError: as `import_tables`.
        MediaError: two different pictures have one name.
    """
    read = _read(ws_path, paths, annotator)
    said = read.gathered.labels
    if read.workspace:
        places = frames_there(read.workspace).set_index("name")[["video", "index"]]
        rows = said.join(places).reset_index()
        new = rows["video"].isna()
        # A picture that is to come has no place yet: one of its own, where nothing was said.
        rows["video"] = rows["video"].where(~new, "")
        rows["index"] = rows["index"].where(~new, rows.index)
        changes = labels.changes(read.workspace, annotator, rows.drop(columns="name"))
    else:
        places = pd.DataFrame()
        changes = {name: labels.Changes(new=int(said[name].notna().sum())) for name in said.columns}
    pictures = sum(name not in places.index for name in read.gathered.files)
    return Preview(len(read.tables), len(said), changes, pictures, tuple(read.gathered.notes))


@dataclass(frozen=True)
class _Read:
    """Lookup tables that were read.

    Args:
        workspace: None where there is none yet.
        tables: by their files.
        frames: of the workspace, as `frame_table` returns them, by name.
        gathered: what the tables say together.
        kept: how many labels of ``gathered`` no table speaks of: they are the annotator's earlier ones.
    """

    workspace: Workspace | None
    tables: dict[Path, LookupTable]
    frames: pd.DataFrame
    gathered: Gathered
    kept: int


def _read(ws_path: Path, paths: Sequence[Path], annotator: str) -> _Read:
    there = workspaces.open_workspace(ws_path) if workspaces.exists(ws_path) else None
    files = [file for path in paths for file in _tables_at(path)]
    attributes = there.attributes.names if there else None
    if not files:
        raise LabelError("a lookup table", "none", "Name a file or a folder.")
    tables = {file: read_table(file, attributes) for file in dict.fromkeys(files)}
    frames = frame_table(there).set_index("name") if there else pd.DataFrame(columns=["file"])
    gathered = _gather(ws_path, tables, frames, attributes)
    kept = keep_unspoken(there, annotator, gathered) if there else 0
    return _Read(there, tables, frames, gathered, kept)


def _tables_at(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    if found := tables_in(path):
        return found
    raise LabelError(
        "a folder with lookup tables (labels.csv, *_data.csv, or train.csv, valid.csv, test.csv)",
        f"{path} without any",
        "Name the file.",
    )


def _gather(
    ws_path: Path, tables: dict[Path, LookupTable], frames: pd.DataFrame, attributes: Sequence[str] | None
) -> Gathered:
    """Find the picture of every row, and bring together what the tables say."""
    pictures: dict[Path, None] = {}
    order: dict[str, None] = {}
    for file, table in tables.items():
        known = table.rows["name"].isin(frames.index)
        pictures |= dict.fromkeys(ws_path / frames["file"][name] for name in table.rows["name"][known])
        pictures |= dict.fromkeys(_pictures_of(ws_path, file, table.rows[~known]))
        order |= dict.fromkeys(table.rows["name"])
    gathered = gather(list(pictures), list(tables), attributes)
    # Frames are numbered as their rows stand: what is exported again is the same table.
    gathered.files = {name: gathered.files[name] for name in order}
    gathered.labels = gathered.labels.drop(columns=list(gathered.silent))
    return gathered


def _pictures_of(ws_path: Path, table: Path, rows: pd.DataFrame) -> list[Path]:
    """Return pictures that rows of a table may mean: as written, beside the table, else below its folder."""
    found, missing = [], set()
    for name, path in zip(rows["name"], rows["path"], strict=True):
        written = table.parent / path.replace("\\", "/")
        beside = [table.parent / f"{name}{ending}" for ending in PICTURE_FORMATS]
        file = next((file for file in (written, *beside) if _is_file(file)), None)
        if file is None:
            missing.add(name)
        else:
            found.append(file)
    if missing:
        own = [ws_path / part for part in ("frames", "videos", "runs")]
        found += [file for file in pictures_in(table.parent, own) if stem(file.name) in missing]
    return found


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # what stands in the table cannot be the name of a file
        return False


def _placed(labels: pd.DataFrame, frames: pd.DataFrame) -> pd.DataFrame:
    """Return labels with the ``video`` and ``index`` of their frames instead of the name."""
    return labels.join(frames[["video", "index"]]).reset_index(drop=True)

"""Lookup tables, both ways: labels come in from CSV files and go out to them."""

import shutil
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import pandas as pd

from core import workspace as workspaces
from core.data import splits
from core.data.catalogue import frame_table
from core.data.gathering import Gathered, gather, pictures_in, tables_in
from core.data.images import read_picture
from core.data.labels import annotators, consensus, record_table
from core.data.lookup import PICTURE_FORMATS, LookupTable, read_table, stem
from core.data.pictures import add_gathered
from core.errors import LabelError, SplitError
from core.files import Progress
from core.workspace import Workspace

__all__ = ["Imported", "LookupTable", "export_tables", "import_tables", "read_table"]


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


def import_tables(
    ws_path: Path, paths: Sequence[Path], annotator: str = "import", progress: Progress | None = None
) -> Imported:
    """Read lookup tables into a workspace, which is made where there is none: all of them, or nothing.

    A row belongs to the frame of its name. Where there is none, the picture is added: the file that the row
    names, or one of that name beside the table or below its folder. A later table counts over an earlier one.

    Args:
        ws_path: the workspace.
        paths: lookup tables, or folders with labels.csv, *_data.csv, or the published train, valid and test.csv.
        annotator: whose labels they are.
        progress: told how many pictures were read.

    Raises:
        LabelError: no table, one that cannot be read or has no known attribute, or a missing picture.
        MediaError: a picture cannot be read, or its name belongs to another one.
    """
    there = workspaces.open_workspace(ws_path) if workspaces.exists(ws_path) else None
    files = [file for path in paths for file in _tables_at(path)]
    attributes = there.attributes.names if there else None
    if not files:
        raise LabelError("a lookup table", "none", "Name a file or a folder.")
    tables = {file: read_table(file, attributes) for file in dict.fromkeys(files)}
    frames = frame_table(there).set_index("name") if there else pd.DataFrame(columns=["file"])
    gathered = _gather(ws_path, tables, frames, attributes)
    new = sum(name not in frames.index for name in gathered.files)
    repeated = sum(table.repeated for table in tables.values())
    if there and not new and not len(gathered.other.columns):  # nothing but labels: no picture is looked at
        labels = record_table(there, annotator, _placed(gathered.labels, frames))
        notes = tuple(gathered.notes)
        return Imported(there, len(tables), len(gathered.labels), labels, 0, repeated, notes)
    called = next(iter(tables)).resolve().parent.name
    added = add_gathered(ws_path, gathered, called, progress, annotator)
    return Imported(
        added.workspace,
        len(tables),
        len(gathered.labels),
        added.labels,
        added.pictures,
        repeated,
        tuple(added.notes),
    )


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
    silent = set.intersection(*(set(table.missing) for table in tables.values()))
    gathered.labels = gathered.labels.drop(columns=list(silent))
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


def export_tables(
    workspace: Workspace,
    folder: Path,
    annotator: str | None = None,
    pictures: bool = True,
    absolute: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """Write the labels as lookup tables, one ``<group>_data.csv`` per video, as the class published them.

    Files of the same names are replaced, others stay. An error leaves the folder as it was.

    Args:
        workspace: whose labels.
        folder: where to; made where it is missing.
        annotator: whose labels; None is the consensus.
        pictures: write the frames as PNG beside the tables.
        absolute: write train.csv, valid.csv and test.csv of the current split as well, with full paths: of the
            PNGs, or without ``pictures`` of the frames in the workspace.
        progress: told how many pictures are done.

    Returns:
        The tables.

    Raises:
        LabelError: no labels, an unknown annotator, or a folder that cannot be written.
        SplitError: ``absolute`` without a split.
        MediaError: the picture of a frame is gone.
    """
    rows = _labelled_frames(workspace, annotator)
    tables = {
        f"{group}_data.csv": _published(part, part["name"] + ".png")
        for group, part in rows.groupby("group", sort=False)
    }
    if absolute:
        tables |= _parts(workspace, rows, folder.resolve() if pictures else None)
    with _filling(folder) as new:
        for name, table in tables.items():
            table.to_csv(new / name, lineterminator="\n", encoding="utf-8")
        if pictures:
            _write_pictures(workspace, rows, new, progress)
    return [folder / name for name in tables]


def _labelled_frames(workspace: Workspace, annotator: str | None) -> pd.DataFrame:
    """Return ``name``, ``group``, ``index``, attributes and ``file`` of the frames that have a label."""
    if annotator is not None and annotator not in annotators(workspace):
        known = ", ".join(annotators(workspace)) or "nobody"
        raise LabelError(f"someone who has labelled here ({known})", repr(annotator), "Check the name.")
    labels = consensus(workspace, annotator)
    labels = labels[labels[list(workspace.attributes.names)].notna().any(axis=1)]
    if labels.empty:
        raise LabelError("labels to export", "none", "Label some frames first.")
    files = frame_table(workspace).set_index("name")["file"]
    return labels.assign(file=labels["name"].map(files))


def _published(rows: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Return a lookup table in the published form: an unnamed index, ``name``, attributes as True/False/empty."""
    table = rows.drop(columns=["name", "group", "index", "file"])
    table.insert(0, "name", names)
    return table.reset_index(drop=True)


def _parts(workspace: Workspace, rows: pd.DataFrame, folder: Path | None) -> dict[str, pd.DataFrame]:
    """Return the tables of the split. ``folder``: where the PNGs will be; None names the workspace's own files."""
    split = splits.load(workspace)
    if split is None:
        raise SplitError("a split, for train.csv, valid.csv and test.csv", "none", "Make one with “split”.")
    if folder is None:
        paths = rows["file"].map(lambda file: str((workspace.path / file).resolve()))
    else:
        paths = rows["name"].map(lambda name: str(folder / f"{name}.png"))
    part_of = rows["name"].map(split.table.set_index("name")["part"])
    return {f"{part}.csv": _published(rows[part_of == part], paths) for part in splits.PARTS}


def _write_pictures(
    workspace: Workspace, rows: pd.DataFrame, folder: Path, progress: Progress | None
) -> None:
    sources = [workspace.path / file for file in rows["file"]]
    targets = [folder / f"{name}.png" for name in rows["name"]]
    with ThreadPoolExecutor() as pool:  # compressing runs beside Python
        for done, _ in enumerate(pool.map(_write_png, sources, targets), 1):
            if progress:
                progress(done, len(sources))


def _write_png(source: Path, target: Path) -> None:
    if source.suffix.lower() == ".png" and source.is_file():
        shutil.copyfile(source, target)
        return
    _, content = cv2.imencode(".png", read_picture(source))
    target.write_bytes(content.data)


@contextmanager
def _filling(folder: Path) -> Iterator[Path]:
    """Give a new folder inside ``folder`` whose files move there when the block ends well."""
    missing = not folder.exists()
    new = folder / f".{uuid.uuid4().hex[:8]}.partial"
    try:
        new.mkdir(parents=True)
        yield new
        for file in new.iterdir():
            file.replace(folder / file.name)
        missing = False
    except OSError as error:
        raise LabelError(
            "a folder that can be written", f"{folder} ({error.strerror or error})", "Name another."
        ) from error
    finally:
        shutil.rmtree(folder if missing else new, ignore_errors=True)

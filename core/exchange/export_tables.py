"""Export labels as lookup tables, with their pictures."""

import shutil
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import pandas as pd
from PIL import Image

from core.access.rights import Right, check, check_own
from core.errors import LabelError, SplitError
from core.files import Progress, replacing, sync_folder, sync_tree, writable
from core.labels.consensus import consensus
from core.labels.labels import check_has_labelled
from core.lookup_tables.formulas import without_formulas
from core.media.images import read_picture
from core.media.library import frame_table
from core.names import file_name
from core.scratch import unique
from core.splits import split as splits
from core.splits import stored_split
from core.workspace import Workspace


def export_tables(
    workspace: Workspace,
    folder: Path,
    annotator: str | None = None,
    pictures: bool = True,
    absolute: bool = False,
    decimal_comma: bool = False,
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
        decimal_comma: for spreadsheets of countries that write 0,5: semicolons between the cells.
        progress: told how many pictures are written.

    Returns:
        The tables.

    Raises:
        LabelError: no labels, or an unknown annotator.
        AccessError: the labels are another person's, and who acts may export their own only.
        WorkspaceError: the folder cannot be written.
        SplitError: ``absolute`` without a split.
        MediaError: the picture of a frame is gone.
    """
    rows = labelled_frames(workspace, annotator)
    stems = file_names(rows["name"])
    tables = {
        f"{group}_data.csv": _published(part, stems[part.index] + ".png")
        for group, part in rows.groupby("video", sort=False)
    }
    if absolute:
        tables |= _parts(workspace, rows, folder.resolve() if pictures else None)
    with filling(folder) as new:
        for name, table in tables.items():
            _write_table(new / name, table, decimal_comma)
        if pictures:
            sources = [workspace.path / file for file in rows["file"]]
            write_pngs(sources, [new / f"{stem}.png" for stem in stems], progress)
    return [folder / name for name in tables]


def export_zip(
    workspace: Workspace,
    file: Path,
    annotator: str | None,
    pictures: bool,
    decimal_comma: bool,
    progress: Progress | None = None,
) -> Path:
    """Write a zip of what `export_tables` writes; return it. It appears whole or not at all."""
    with zipped(file) as folder:
        export_tables(workspace, folder, annotator, pictures, decimal_comma=decimal_comma, progress=progress)
    return file


@contextmanager
def zipped(file: Path) -> Iterator[Path]:
    """Give a folder whose content becomes a zip when the block ends well: it appears whole or not at all."""
    with replacing(file) as partial, TemporaryDirectory(dir=file.parent) as folder:
        yield Path(folder)
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
            for path in sorted(Path(folder).rglob("*")):
                archive.write(path, path.relative_to(folder))


def labelled_frames(workspace: Workspace, annotator: str | None) -> pd.DataFrame:
    """Return ``name``, ``video``, ``index``, attributes and ``file`` of the frames that have a label."""
    check(Right.LOOK)
    if annotator is not None:
        check_own(annotator, Right.EXPORT_NAMES)
        check_has_labelled(workspace, annotator)
    labels = consensus(workspace, annotator)
    labels = labels[labels[list(workspace.attributes.names)].notna().any(axis=1)]
    if labels.empty:
        raise LabelError("There are no labels to export.", "Label some frames first.")
    files = frame_table(workspace).set_index("name")["file"]
    return labels.assign(file=labels["name"].map(files))


def file_names(frames: pd.Series) -> pd.Series:
    """Return for each frame the name of its file, without the ending: its own, but for names that a system refuses."""
    stems, taken = [], set()
    for name in frames:
        stem, number = file_name(name), 1
        while stem.casefold() in taken and stem != name:
            number += 1
            stem = f"{file_name(name)}_{number}"
        taken.add(stem.casefold())
        stems.append(stem)
    return pd.Series(stems, index=frames.index, dtype=object)


def _published(rows: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Return a lookup table in the published form: an unnamed index, ``name``, attributes as True/False/empty."""
    table = rows.drop(columns=["name", "video", "index", "file"])
    table.insert(0, "name", names)
    return table.reset_index(drop=True)


def _parts(workspace: Workspace, rows: pd.DataFrame, folder: Path | None) -> dict[str, pd.DataFrame]:
    """Return the tables of the split. ``folder``: where the PNGs will be; None names the workspace's own files."""
    split = stored_split.load(workspace)
    if split is None:
        raise SplitError(
            "There is no split to write train.csv, valid.csv and test.csv from.", "Make one first."
        )
    if folder is None:
        paths = rows["file"].map(lambda file: str((workspace.path / file).resolve()))
    else:
        paths = file_names(rows["name"]).map(lambda stem: str(folder / f"{stem}.png"))
    part_of = rows["name"].map(split.table.set_index("name")["part"])
    return {f"{part}.csv": _published(rows[part_of == part], paths) for part in splits.PARTS}


def _write_table(path: Path, table: pd.DataFrame, decimal_comma: bool) -> None:
    """Write a table that spreadsheets open by a double click: letters beyond ASCII need the mark of UTF-8 for that."""
    separator, decimal = (";", ",") if decimal_comma else (",", ".")
    text = without_formulas(table).to_csv(lineterminator="\n", sep=separator, decimal=decimal)
    path.write_bytes(text.encode("utf-8" if text.isascii() else "utf-8-sig"))


def _is_plain(source: Path) -> bool:
    """Return whether a PNG shows everywhere what `read_picture` reads: 8 bits, no transparency, upright, no profile."""
    try:
        with Image.open(source) as picture:
            return (picture.mode in ("L", "RGB") and picture.getexif().get(_ORIENTATION, 1) == 1
                    and not picture.info.keys() & {"icc_profile", "transparency"})  # fmt: skip
    except (OSError, ValueError, SyntaxError):
        return False


_ORIENTATION = 0x0112
"""Tag of EXIF."""


def write_pngs(sources: Sequence[Path], targets: Sequence[Path], progress: Progress | None) -> None:
    """Write pictures as PNG.

    Raises:
        MediaError: one is gone, or cannot be read.
    """
    with ThreadPoolExecutor() as pool:  # compressing runs beside Python
        for done, _ in enumerate(pool.map(_write_png, sources, targets), 1):  # all, or the first error
            if progress:
                progress(done, len(sources))


def _write_png(source: Path, target: Path) -> None:
    if source.suffix.lower() == ".png" and source.is_file() and _is_plain(source):
        shutil.copyfile(source, target)
        return
    _, content = cv2.imencode(".png", read_picture(source))
    target.write_bytes(content.data)


@contextmanager
def filling(folder: Path) -> Iterator[Path]:
    """Give a new folder inside ``folder`` whose files move there when the block ends well."""
    made = not folder.exists()
    new = folder / f".export.{unique()}.partial"
    try:
        with writable(folder):
            new.mkdir(parents=True)
            yield new
            sync_tree(new)
            for file in new.iterdir():
                file.replace(folder / file.name)
            sync_folder(folder)
        made = False
    finally:
        shutil.rmtree(folder if made else new, ignore_errors=True)

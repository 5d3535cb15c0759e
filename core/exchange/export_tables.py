"""Export labels as lookup tables, with their pictures."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import cv2
import pandas as pd

from core.errors import LabelError, SplitError
from core.files import sync_folder, sync_tree, writable
from core.labels.consensus import consensus
from core.labels.labels import check_has_labelled
from core.media.images import read_picture
from core.media.library import frame_table
from core.scratch import unique
from core.splits import split as splits
from core.workspace import Workspace


def export_tables(
    workspace: Workspace,
    folder: Path,
    annotator: str | None = None,
    pictures: bool = True,
    absolute: bool = False,
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

    Returns:
        The tables.

    Raises:
        LabelError: no labels, or an unknown annotator.
        WorkspaceError: the folder cannot be written.
        SplitError: ``absolute`` without a split.
        MediaError: the picture of a frame is gone.
    """
    rows = _labelled_frames(workspace, annotator)
    tables = {
        f"{group}_data.csv": _published(part, part["name"] + ".png")
        for group, part in rows.groupby("video", sort=False)
    }
    if absolute:
        tables |= _parts(workspace, rows, folder.resolve() if pictures else None)
    with _filling(folder) as new:
        for name, table in tables.items():
            table.to_csv(new / name, lineterminator="\n", encoding="utf-8")
        if pictures:
            sources = [workspace.path / file for file in rows["file"]]
            targets = [new / f"{name}.png" for name in rows["name"]]
            with ThreadPoolExecutor() as pool:  # compressing runs beside Python
                list(pool.map(_write_png, sources, targets))  # all of them, or the first error
    return [folder / name for name in tables]


def _labelled_frames(workspace: Workspace, annotator: str | None) -> pd.DataFrame:
    """Return ``name``, ``video``, ``index``, attributes and ``file`` of the frames that have a label."""
    if annotator is not None:
        check_has_labelled(workspace, annotator)
    labels = consensus(workspace, annotator)
    labels = labels[labels[list(workspace.attributes.names)].notna().any(axis=1)]
    if labels.empty:
        raise LabelError("There are no labels to export.", "Label some frames first.")
    files = frame_table(workspace).set_index("name")["file"]
    return labels.assign(file=labels["name"].map(files))


def _published(rows: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Return a lookup table in the published form: an unnamed index, ``name``, attributes as True/False/empty."""
    table = rows.drop(columns=["name", "video", "index", "file"])
    table.insert(0, "name", names)
    return table.reset_index(drop=True)


def _parts(workspace: Workspace, rows: pd.DataFrame, folder: Path | None) -> dict[str, pd.DataFrame]:
    """Return the tables of the split. ``folder``: where the PNGs will be; None names the workspace's own files."""
    split = splits.load(workspace)
    if split is None:
        raise SplitError(
            "There is no split to write train.csv, valid.csv and test.csv from.", "Make one first."
        )
    if folder is None:
        paths = rows["file"].map(lambda file: str((workspace.path / file).resolve()))
    else:
        paths = rows["name"].map(lambda name: str(folder / f"{name}.png"))
    part_of = rows["name"].map(split.table.set_index("name")["part"])
    return {f"{part}.csv": _published(rows[part_of == part], paths) for part in splits.PARTS}


def _write_png(source: Path, target: Path) -> None:
    if source.suffix.lower() == ".png" and source.is_file():
        shutil.copyfile(source, target)
        return
    _, content = cv2.imencode(".png", read_picture(source))
    target.write_bytes(content.data)


@contextmanager
def _filling(folder: Path) -> Iterator[Path]:
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

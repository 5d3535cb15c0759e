"""Import labels from the formats of other programs: what they would change, and the import itself."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd

from core import workspace as workspaces
from core.access.rights import Right, check, check_name
from core.errors import LabelError
from core.exchange import import_tables
from core.exchange.attributes_of_labels import taken_attributes, takes_others, with_attributes
from core.exchange.export_formats import shown_size
from core.exchange.frames_of_labels import FramesOfWorkspace, Spoken
from core.exchange.import_tables import Imported, Matched, Preview
from core.exchange.scan_tables import pictures_in
from core.exchange.store_pictures import IMPORTER, brought_by, is_blank
from core.files import Progress, make_folder, replacing
from core.label_formats.records import Labels, PictureLabels, whole_pixels
from core.label_formats.registry import label_format
from core.lookup_tables.boxes import Boxes, all_boxes, imported_table, write_boxes
from core.lookup_tables.column_meanings import AS_WRITTEN, TableOptions
from core.lookup_tables.lookup_table import LookupTable, stem
from core.media.library import frame_table
from core.text import count
from core.workspace import Workspace
from core.zips import unzipped


@dataclass(frozen=True)
class ImportedFormat:
    """What became of files of labels.

    Args:
        title: of their format.
        labels: and pictures that were stored, as of lookup tables.
        boxes: that were stored.
    """

    title: str
    labels: Imported
    boxes: int

    def summary(self) -> str:
        """Return one line, and one for each note."""
        done = self.labels
        added = f"; {count(done.pictures, 'picture')} added" if done.pictures else ""
        boxes = f", {count(self.boxes, 'box', 'boxes')}" if self.boxes else ""
        head = (
            f"{count(done.labels, 'label')} of {count(done.rows, 'frame')} from {self.title}{boxes}{added}."
        )
        return "\n".join([head, *done.notes])


def import_format(
    ws_path: Path,
    paths: Sequence[Path],
    format: str,
    annotator: str = IMPORTER,
    progress: Progress | None = None,
    options: TableOptions = AS_WRITTEN,
) -> ImportedFormat:
    """Read labels in the format of another program into a workspace, which is made where there is none: all, or nothing.

    A frame is found by the name of its picture, else by video and index. A picture that is not here is added, where it lies below
    the folder of the file. What a file leaves unset stays as it was: only lookup tables take answers back. Boxes go into a table
    of their own, by which heatmaps are checked.

    Args:
        ws_path: the workspace.
        paths: files, folders or zips.
        format: one of `core.label_formats.registry.FORMATS`.
        annotator: whose labels they are.
        progress: told how many pictures were read.
        options: which attributes are taken, and with ``empty`` false what a format does not say of a frame is false.

    Raises:
        LabelError: a file cannot be read, has attributes that the workspace lacks, means no frame, contradicts itself, or has a
            box outside of its picture.
        MediaError: a picture cannot be read, or its name belongs to another one.
    """
    annotator = brought_by(annotator)
    check_name(annotator)
    with _unzipped(ws_path, paths) as places:
        read = _read(ws_path, places, format, annotator, options)
        if read.found.workspace is None:
            stored = import_tables.store(ws_path, read.found, annotator, progress)
            with _storing_boxes(ws_path, read.boxes):
                pass
        else:
            with _storing_boxes(
                ws_path, read.boxes
            ):  # ready before the labels are stored, and there after them
                stored = import_tables.store(ws_path, read.found, annotator, progress)
    number = sum(len(boxes) for of_frame in read.boxes.values() for boxes in of_frame.values())
    return ImportedFormat(label_format(format).title, stored, number)


def preview_format(
    ws_path: Path,
    paths: Sequence[Path],
    format: str,
    annotator: str = IMPORTER,
    options: TableOptions = AS_WRITTEN,
) -> Preview:
    """Say what `import_format` would change, and change nothing.

    Raises:
        LabelError: as `import_format`.
    """
    annotator = brought_by(annotator)
    check_name(annotator)
    with _unzipped(ws_path, paths) as places:
        return import_tables.changes_of(_read(ws_path, places, format, annotator, options).found, annotator)


def attributes_in(ws_path: Path, paths: Sequence[Path], format: str) -> tuple[list[str], list[str]]:
    """Return the attributes that files answer, and those of them that the workspace has, too; all where it is empty.

    Raises:
        LabelError: a file cannot be read.
    """
    check(Right.LOOK)
    with _unzipped(ws_path, paths) as places:
        files = [label_format(format).read(path) for path in places]
    names = list(dict.fromkeys(name for labels in files for name in labels.answered()))
    workspace = workspaces.open_workspace(ws_path) if workspaces.exists(ws_path) else None
    if workspace is None or is_blank(workspace):
        return names, names
    here = {name.casefold() for name in workspace.attributes.names}
    return names, [name for name in names if name.casefold() in here]


@contextmanager
def _unzipped(ws_path: Path, paths: Sequence[Path]) -> Iterator[list[Path]]:
    with ExitStack() as stack:
        yield [stack.enter_context(unzipped(ws_path, path)) for path in paths]


@dataclass(frozen=True)
class _Read:
    found: Matched
    boxes: Boxes


def _read(ws_path: Path, paths: Sequence[Path], format: str, annotator: str, options: TableOptions) -> _Read:
    chosen = label_format(format)
    files = {path: chosen.read(path) for path in paths}
    if not files:
        raise LabelError("No file was named.", "Name a file or a folder.")
    workspace = workspaces.open_workspace(ws_path) if workspaces.exists(ws_path) else None
    frames = FramesOfWorkspace(workspace)
    is_new = workspace is None or takes_others(workspace, files.values(), options)
    names = taken_attributes(files, None if is_new else workspace, options)
    files = {path: with_attributes(labels, names) for path, labels in files.items()}
    attributes = tuple(dict.fromkeys(name for labels in files.values() for name in labels.attributes))
    tables: dict[Path, LookupTable] = {}
    boxes: dict[str, list[PictureLabels]] = {}
    for path, labels in files.items():
        spoken, notes = frames.spoken(labels, path, fill_false=options.empty is False)
        if not spoken:
            raise LabelError(f"{path.name} has no labels of frames.", "Check the file and its format.")
        key = _key(path, chosen.name)
        _check_there(spoken, frames.names, key, path)
        tables[key] = _table(spoken, labels, attributes, notes, is_new)
        boxes |= {name: frame.pictures for name, frame in spoken.items() if frame.pictures}
    roots = {table: table.parent for table in tables}  # what the file names elsewhere is not taken
    found = import_tables.matched(ws_path, workspace, tables, annotator, is_new, roots)
    found.scanned.exclusive = is_new and any(labels.exclusive for labels in files.values())
    return _Read(found, _checked(boxes, _files(workspace, found)))


def _key(path: Path, format: str) -> Path:
    """Return what stands for the file where pictures are looked for beside it: they lie in folders beside ``annotations``."""
    if path.is_dir():
        return path / format
    return path.parent.parent / path.name if path.parent.name in ("annotations", "labels") else path


# Rows.


def _table(
    spoken: Mapping[str, Spoken],
    labels: Labels,
    attributes: tuple[str, ...],
    notes: Sequence[str],
    is_new: bool,
) -> LookupTable:
    """Return what a file says as the rows of a lookup table, which are matched and stored in one way."""
    paths = [_inside(frame.path) or name for name, frame in spoken.items()]
    rows = pd.DataFrame({"name": list(spoken), "path": paths, "line": range(1, len(spoken) + 1)})
    for attribute in attributes:
        answers = [frame.answers.given.get(attribute) for frame in spoken.values()]
        rows[attribute] = pd.array(answers, dtype="boolean")
    missing = tuple(name for name in attributes if name not in labels.attributes)
    return LookupTable(rows, attributes, missing, 0, (*labels.notes, *notes), empty_is_silent=not is_new)


def _inside(path: str) -> str:
    """Return a path that cannot lead out of the folder of its file."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    is_plain = parts and not PurePosixPath(*parts).is_absolute() and ".." not in parts and ":" not in parts[0]
    return "/".join(parts) if is_plain else "/".join(parts[-1:])


def _check_there(spoken: Mapping[str, Spoken], here: set[str], file: Path, path: Path) -> None:
    """Refuse a file with pictures that are neither here nor below its folder."""
    folded = {name.casefold() for name in here}
    missing = {
        name: frame.path
        for name, frame in spoken.items()
        if name not in here and name.casefold() not in folded
    }
    if missing:
        beside = {stem(picture.name).casefold() for picture in pictures_in(file.parent)}
        missing = {name: written for name, written in missing.items() if name.casefold() not in beside}
    if missing:
        first = next(iter(missing.values()))
        which = (
            f"the picture {first}"
            if len(missing) == 1
            else f"{count(len(missing), 'picture')}, first {first}"
        )
        raise LabelError(
            f"{path.name} speaks of {which}, which {'is' if len(missing) == 1 else 'are'} neither in this workspace nor beside the file.",
            "Add them first, or put them beside the file.",
        )


# Boxes.


def _files(workspace: Workspace | None, found: Matched) -> dict[str, Path]:
    """Return the pictures of frames by name: the stored ones, else those that come."""
    stored = {}
    if workspace is not None:
        table = frame_table(workspace)
        stored = {
            name: workspace.path / file for name, file in zip(table["name"], table["file"], strict=True)
        }
    return found.scanned.files | stored


def _checked(drawn: Mapping[str, Sequence[PictureLabels]], files: Mapping[str, Path]) -> Boxes:
    """Return boxes in whole pixels of their pictures as they are here.

    Raises:
        LabelError: a box is outside, or was drawn in a picture of another size.
    """
    boxes: Boxes = {}
    for name, pictures in drawn.items():
        for picture in pictures:
            size = (shown_size(files[name]) if name in files else None) or picture.size
            if size is None:
                raise LabelError(f"The size of {picture.shown()} is not known.", "Add the picture first.")
            if picture.size and picture.size != size:
                raise LabelError(
                    f"The boxes in {picture.shown()} were drawn in {picture.size[0]} x {picture.size[1]} pixels; "
                    f"the picture here has {size[0]} x {size[1]}.",
                    "Use pictures of the same size.",
                )
            for attribute, of_attribute in whole_pixels(picture, size).items():
                boxes.setdefault(name, {}).setdefault(attribute, []).extend(of_attribute)
    return boxes


@contextmanager
def _storing_boxes(ws_path: Path, boxes: Boxes) -> Iterator[None]:
    """Write boxes to the table of imported ones, which is there when the block ends well; of a frame the new ones count."""
    if not boxes:
        yield
        return
    table = imported_table(ws_path)
    if table.is_file():
        boxes = all_boxes(table) | boxes
    make_folder(table.parent)
    with replacing(table) as partial:
        write_boxes(partial, boxes)
        yield

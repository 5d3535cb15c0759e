"""Export labels in the formats of other programs, and say before what each of them does not hold."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pandas as pd
from PIL import Image

from core.access.rights import Right, check
from core.errors import LabelError, SplitError
from core.exchange.export_tables import file_names, filling, labelled_frames, write_pngs, zipped
from core.files import Progress
from core.label_formats.records import Film, Labels, PictureLabels
from core.label_formats.registry import LabelFormat, Loss, held, label_format, losses
from core.lookup_tables.boxes import read_boxes, truth_tables
from core.media.library import frame_table, videos
from core.splits import stored_split
from core.text import count
from core.workspace import Workspace


@dataclass(frozen=True)
class Exported:
    """What became of an export.

    Args:
        format: its name.
        folder: where the files are.
        files: written, without pictures.
        frames: how many the files speak of.
        answers: true and false in them.
        boxes: in them.
        pictures: written beside them.
        losses: what the format does not hold.
    """

    format: str
    folder: str
    files: int
    frames: int
    answers: int
    boxes: int
    pictures: int
    losses: tuple[Loss, ...]

    def summary(self) -> str:
        """Return one line."""
        title = label_format(self.format).title
        what = [count(self.answers, "answer"), *([count(self.boxes, "box", "boxes")] if self.boxes else [])]
        beside = f", with {count(self.pictures, 'picture')}" if self.pictures else ""
        return f"Wrote {' and '.join(what)} of {count(self.frames, 'frame')} to {self.folder} as {title}{beside}."

    def as_json(self) -> dict[str, object]:
        """Return plain values."""
        return asdict(self)


def losses_of(workspace: Workspace, format: str, annotator: str | None = None) -> list[Loss]:
    """Return what a format does not hold of the labels of a workspace, or of one annotator; see `export_format`."""
    return losses(labels_of_workspace(workspace, annotator), label_format(format))


def export_format(
    workspace: Workspace,
    folder: Path,
    format: str,
    annotator: str | None = None,
    pictures: bool = True,
    progress: Progress | None = None,
) -> Exported:
    """Write the labels in the format of another program.

    Args:
        workspace: whose labels.
        folder: where to; made where it is missing, else it must be empty: leftovers of another export would be read, too.
        format: one of `core.label_formats.registry.FORMATS`.
        annotator: whose labels; None is the consensus.
        pictures: write the frames as PNG where the format has a place for them.
        progress: told how many pictures are written.

    Raises:
        LabelError: no labels that the format can hold, an unknown format or annotator, or the folder is not empty.
        WorkspaceError: the folder cannot be written.
        MediaError: the picture of a frame is gone.
    """
    check(Right.LOOK)
    chosen = label_format(format)
    if chosen.place and not chosen.false and not chosen.boxes and not pictures:
        raise LabelError(
            f"{chosen.title} says everything by the folders of its pictures.", "Export it with pictures."
        )
    if folder.is_dir() and any(folder.iterdir()):
        raise LabelError(
            f"{folder} is not empty.", "Name a new folder: other programs would read what is there, too."
        )
    everything = labels_of_workspace(workspace, annotator)
    labels = held(everything, chosen)
    lost = losses(everything, chosen)
    if not labels.pictures:
        raise LabelError(f"There is nothing to export as {chosen.title}.", lost[0].sentence)
    with filling(folder) as new:
        chosen.write(labels, new)
        files = sum(file.is_file() for file in new.rglob("*"))
        written = _write_pictures(workspace, labels, chosen, new, progress) if pictures else 0
    answers = sum(len(picture.answers) for picture in labels.pictures)
    boxes = sum(len(of_name) for picture in labels.pictures for of_name in picture.boxes.values())
    return Exported(
        chosen.name, str(folder), files, len(labels.pictures), answers, boxes, written, tuple(lost)
    )


def export_format_zip(
    workspace: Workspace,
    file: Path,
    format: str,
    annotator: str | None,
    pictures: bool,
    progress: Progress | None = None,
) -> Exported:
    """Write a zip of what `export_format` writes. It appears whole or not at all."""
    with zipped(file) as folder:
        return replace(
            export_format(workspace, folder, format, annotator, pictures, progress), folder=file.name
        )


def _write_pictures(
    workspace: Workspace, labels: Labels, format: LabelFormat, folder: Path, progress: Progress | None
) -> int:
    if format.place is None:
        return 0
    table = frame_table(workspace)
    files = dict(zip(zip(table["video"], table["index"], strict=True), table["file"], strict=True))
    targets = [folder / format.place(picture) for picture in labels.pictures]
    for parent in {target.parent for target in targets}:
        parent.mkdir(parents=True, exist_ok=True)
    sources = [workspace.path / files[picture.video, picture.index] for picture in labels.pictures]
    write_pngs(sources, targets, progress)
    return len(targets)


def labels_of_workspace(workspace: Workspace, annotator: str | None = None) -> Labels:
    """Return the consensus, or the labels of one annotator, of all frames that have a label, with the boxes that are known.

    Raises:
        LabelError: no labels, an unknown annotator, or a damaged table of boxes.
    """
    check(Right.LOOK)
    rows = labelled_frames(workspace, annotator)
    attributes = workspace.attributes.names
    films = _films(workspace, set(rows["video"]))
    times = {(film.name, index): time for film in films.values()
             for index, time in zip(film.indexes, film.times, strict=True)}  # fmt: skip
    boxes = read_boxes(truth_tables(workspace.path), attributes)
    parts = _parts(workspace)
    is_film = {name: bool(film.file) for name, film in films.items()}
    answers = _answers(rows, attributes)
    pictures = []
    columns = (rows[name].tolist() for name in ("name", "video", "index", "file"))
    for name, video, index, file, stem, given in zip(
        *columns, file_names(rows["name"]), answers, strict=True
    ):
        size = films[video].size if is_film[video] else shown_size(workspace.path / file)
        drawn = {attribute: tuple(of_name) for attribute, of_name in boxes.get(name, {}).items()}
        pictures.append(
            PictureLabels(
                f"{stem}.png", given, drawn, video, index, times[video, index], size, parts.get(name, "")
            )
        )
    return Labels(attributes, tuple(pictures), films=films, exclusive=workspace.attributes.exclusive)


def _answers(rows: pd.DataFrame, attributes: Iterable[str]) -> list[dict[str, bool]]:
    """Return true and false of each row, by attribute."""
    answers: list[dict[str, bool]] = [{} for _ in range(len(rows))]
    for name in attributes:
        for given, value in zip(answers, rows[name].to_numpy(object), strict=True):
            if value is not pd.NA:
                given[name] = bool(value)
    return answers


def _films(workspace: Workspace, keys: set[str]) -> dict[str, Film]:
    films = {}
    frames = dict(list(frame_table(workspace).groupby("video", sort=False)))
    for video in videos(workspace):
        if video.key in keys:
            of_video = frames[video.key]
            times = [None if pd.isna(time) else float(time) for time in of_video["time"]]
            file = video.file.name if video.file else ""
            size = video.width, video.height
            films[video.key] = Film(
                video.key, file, video.frame_rate, size, tuple(of_video["index"].tolist()), tuple(times)
            )
    return films


def _parts(workspace: Workspace) -> dict[str, str]:
    """Return the part of each frame in the split; nothing where there is none, or it cannot be read."""
    try:
        split = stored_split.load(workspace)
    except SplitError:
        return {}
    return {} if split is None else dict(zip(split.table["name"], split.table["part"], strict=True))


def shown_size(file: Path) -> tuple[int, int] | None:
    """Return width and height of a picture as it is shown, upright; none where it cannot be read."""
    try:
        with Image.open(file) as picture:
            width, height = picture.size
            is_turned = picture.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
    except (OSError, ValueError, SyntaxError):
        return None
    return (height, width) if is_turned else (width, height)


_ORIENTATION = 0x0112
"""Tag of EXIF."""

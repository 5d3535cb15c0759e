"""What `labels import` and `labels export` do with the formats of other programs."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from core.commands import cli
from core.workspace import Workspace

if TYPE_CHECKING:
    from core.exchange.import_tables import Preview
    from core.lookup_tables.column_meanings import TableOptions

FormatName = Literal[
    "coco",
    "yolo",
    "ultralytics",
    "cvat",
    "cvat-video",
    "label-studio",
    "label-studio-video",
    "datumaro",
    "boris",
    "deepethogram",
    "huggingface",
]
ReadFormat = Annotated[FormatName | None, cli.option("Of the files. Default: lookup tables.")]
WrittenFormat = Annotated[
    FormatName | None, cli.option("Of another program; FOLDER must be empty. Default: lookup tables.")
]


def export(
    workspace: Workspace,
    folder: Path,
    format: FormatName,
    annotator: str | None,
    pictures: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Say what the format does not hold, then write the files."""
    from dataclasses import asdict

    from core.exchange.export_formats import export_format, losses_of

    losses = losses_of(workspace, format, annotator)
    if not as_json:
        cli.print_lines(*(loss.sentence for loss in losses))
    if dry_run:
        cli.print_json_if(as_json, {"format": format, "losses": [asdict(loss) for loss in losses]})
        return
    with cli.progress_bar("Writing", "pictures") as progress:
        exported = export_format(workspace, folder, format, annotator, pictures, progress)
    cli.print_json_if(as_json, exported.as_json())
    print(exported.summary())


def import_files(
    path: Path,
    files: Sequence[Path],
    format: FormatName,
    annotator: str,
    options: "TableOptions",
    show: "Callable[[Preview], None] | None",
) -> None:
    """Import files into the workspace in ``path``, or only ``show`` what would change."""
    from core.exchange.import_formats import import_format, preview_format

    if show:
        show(preview_format(path, files, format, annotator, options))
        return
    with cli.progress_bar("Reading", "pictures") as progress:
        print(import_format(path, files, format, annotator, progress, options).summary())

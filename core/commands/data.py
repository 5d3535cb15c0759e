"""Commands about the workspace, its videos and their labels."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from core.commands import cli, label_formats
from core.errors import SeamLensError
from core.text import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.exchange.import_tables import Preview
    from core.lookup_tables.answers import ColumnReading
    from core.lookup_tables.column_meanings import TableOptions

Folders = Literal["classes", "groups", "parts"]
Attributes = Annotated[
    cli.Names | None,
    cli.listed("The columns of labels. A new or empty workspace takes them as its attributes."),
]
Threshold = Annotated[float | None, cli.share_option("Tables hold probabilities: true from this one on.")]
Empty = Annotated[
    Literal["unset", "false"], cli.option("What empty cells mean in a column of x. Elsewhere they are unset.")
]

app = typer.Typer()
labels = typer.Typer(help="Set, import, export, move and adjudicate labels.")
app.add_typer(labels, name="labels")


@app.command()
def init(
    ctx: typer.Context,
    attributes: Annotated[
        cli.Names | None, cli.listed("Yes/no attributes. Default: those of a seam.")
    ] = None,
    classes: Annotated[cli.Names | None, cli.listed("Classes instead: each frame has exactly one.")] = None,
) -> None:
    """Create a workspace."""
    from core.attributes import SEAM, named
    from core.workspace import create

    cli.only_one(attributes=attributes, classes=classes)
    chosen = attributes or classes
    made = create(ctx.obj, named(chosen, exclusive=bool(classes)) if chosen else SEAM)
    print(f"Created {made.path} with {', '.join(f'{a.name} ({a.key})' for a in made.attributes)}.")


@app.command()
def demo(
    ctx: typer.Context,
    seed: cli.Seed = 1,
    videos: Annotated[int, cli.count("Number of videos.")] = 18,
    frames: Annotated[int, cli.count("Frames of each video.")] = 200,
) -> None:
    """Render practice videos of seams with known defects."""
    from core.demo.make import make_demo

    with cli.progress_bar("Rendering", "steps") as progress:
        made = make_demo(ctx.obj, seed, videos, frames, progress)
    left = f"left for you to label: {', '.join(made.unlabelled)}" if made.unlabelled else "all are labelled"
    print(f"Rendered {made.videos:,} videos with {made.frames:,} frames; {left}.")


@app.command()
def add(
    ctx: typer.Context,
    paths: Annotated[list[Path], cli.argument("Videos, or folders of them or of pictures.", metavar="PATH")],
    every: Annotated[int, cli.count("Use every K-th frame of a video.", metavar="K")] = 1,
    folders: Annotated[Folders | None, cli.option("What folders of pictures are.")] = None,
    attributes: Attributes = None,
    threshold: Threshold = None,
    empty: Empty = "unset",
    salvage: Annotated[bool, cli.flag("Add what can be read of videos that are cut off or damaged.")] = False,
    dry_run: Annotated[bool, cli.flag("Only print how folders and tables would be read.")] = False,
) -> None:
    """Add videos, folders of pictures, or zips of them.

    Lookup tables beside the pictures are read as their labels. What cannot be added is named and keeps nothing else
    out; the exit code is 2 then.
    """
    from core.exchange.add_pictures import add_paths
    from core.exchange.preview_folder import preview_paths

    options = _options(attributes, threshold, empty)
    if dry_run:
        for preview in preview_paths(ctx.obj, paths, folders, options):
            print(preview.summary())
            _print_columns(preview.columns)
        return
    refused: list[SeamLensError] = []
    with cli.progress_bar("Adding", "frames") as progress:
        for added in add_paths(
            ctx.obj, paths, every=every, progress=progress, meaning=folders, options=options, salvage=salvage,
            on_error=lambda path, error: refused.append(error),
        ):  # fmt: skip
            print(added.summary())
    for error in refused:
        print(f"seamlens: {' '.join(str(error).split())}", file=sys.stderr)
    if refused:
        raise typer.Exit(2)


def _options(attributes: list[str] | None, threshold: float | None, empty: str) -> "TableOptions":
    from core.lookup_tables.column_meanings import TableOptions

    return TableOptions(tuple(attributes) if attributes else None, threshold, {"false": False}.get(empty))


def _print_columns(columns: "Mapping[str, Sequence[ColumnReading]]") -> None:
    """Print how each column of each table is read."""
    rows = [(file, r.column, r.attribute or "not read", *(_words(w) for w in (r.true, r.false)), r.unset)
            for file, readings in columns.items() for r in readings]  # fmt: skip
    if rows:
        cli.print_table(("table", "column", "read as", "true", "false", "unset"), rows)


def _words(words: "Mapping[str, int]") -> str:
    return ", ".join(f"{word} ({number:,})" for word, number in words.items()) or UNKNOWN


@app.command()
def videos(ctx: typer.Context, as_json: cli.Json = False) -> None:
    """List the videos and groups of pictures."""
    from core.media.library import videos as videos_of

    found = videos_of(cli.get_workspace(ctx))
    keys = ("origin", "frames", "seconds")
    cli.print_json_if(as_json, [{"video": v.key} | {key: getattr(v, key) for key in keys} for v in found])
    rows = [(v.key, v.origin, v.frames, f"{v.width}x{v.height}") for v in found]
    cli.print_table(("video", "origin", "frames", "size"), rows)


@labels.command("set")
def set_labels(
    ctx: typer.Context,
    video: cli.VideoName,
    answers: cli.Answers,
    annotator: Annotated[str, cli.who("Whose labels they are.")],
    first: cli.First = 0,
    last: cli.Last = None,
    labelled: Annotated[bool, cli.flag("Only those of its frames that this annotator has labelled.")] = False,
) -> None:
    """Label a video, or some of its frames."""
    from core.labels.labels import record, record_labelled
    from core.media.library import frame_table, get_video
    from core.text import count

    opened = cli.get_workspace(ctx)
    key = get_video(opened, video).key
    end = int(frame_table(opened, key)["index"].max()) if last is None else last
    if labelled:
        frames = record_labelled(opened, annotator, key, first, end, cli.read_answers(answers))
        print(f"Labelled {key}, {count(frames, 'frame')} that {annotator} had labelled.")
        return
    record(opened, annotator, key, first, end, cli.read_answers(answers), source="paint")
    print(f"Labelled {key}, frames {first} to {end}.")


@labels.command("move")
def move(
    ctx: typer.Context,
    to: Annotated[
        str, cli.option("Where to: postgresql://user@host/database, or sqlite.", metavar="URL|sqlite")
    ],
    replace: Annotated[bool, cli.flag("Put labels of this workspace aside that are there already.")] = False,
) -> None:
    """Move the labels to a PostgreSQL server, or back into the file of the workspace, with their history.

    Nobody can label meanwhile. The password comes from SEAMLENS_DATABASE_URL or ~/.pgpass.
    """
    from core.maintenance.move_labels import move_labels

    with cli.progress_bar("Moving", "rows") as progress:
        moved = move_labels(ctx.obj, to, replace=replace, progress=progress)
    print(moved.summary())


@labels.command("import")
def import_labels(
    ctx: typer.Context,
    paths: Annotated[list[Path], cli.argument("Lookup tables, or folders of them.", metavar="PATH")],
    format: label_formats.ReadFormat = None,
    annotator: Annotated[str, cli.who("Whose labels they are.")] = "import",
    dry_run: Annotated[bool, cli.flag("Only print what would change, and how each column is read.")] = False,
    attributes: Attributes = None,
    threshold: Threshold = None,
    empty: Empty = "unset",
) -> None:
    """Import lookup tables (CSV, Excel or OpenDocument), or labels in the format of another program.

    With --format, --attributes names those that are taken of a file that has others, too, and --empty false reads as false what
    the file does not say of a frame.
    """
    from core.exchange.import_tables import import_tables, preview_tables

    cli.only_one(format=format, threshold=threshold)
    options = _options(attributes, threshold, empty)
    if format:
        label_formats.import_files(
            ctx.obj,
            paths,
            format,
            annotator,
            options,
            partial(_print_preview, kind=f"files of {format}") if dry_run else None,
        )
        return
    if dry_run:
        _print_preview(preview_tables(ctx.obj, paths, annotator, options))
        return
    with cli.progress_bar("Reading", "pictures") as progress:
        print(import_tables(ctx.obj, paths, annotator, progress, options).summary())


def _print_preview(preview: "Preview", kind: str = "lookup tables") -> None:
    from core.lookup_tables.answers import beside

    pictures = f"{preview.pictures} pictures would be added"
    print(f"{preview.tables} {kind} with {preview.rows} frames; {pictures}.")
    kinds = ("new", "changed", "removed", "same")
    rows = [(name, *(getattr(count, kind) for kind in kinds)) for name, count in preview.attributes.items()]
    cli.print_table(("attribute", *kinds), rows)
    _print_columns(preview.columns)
    notes = beside(preview.notes, preview.columns)
    cli.print_lines(*notes)


@labels.command("export")
def export_labels(
    ctx: typer.Context,
    folder: Annotated[Path, cli.argument("Where to write.", metavar="FOLDER")],
    format: label_formats.WrittenFormat = None,
    annotator: cli.Annotator = None,
    tables_only: Annotated[bool, cli.flag("Leave out the pictures.")] = False,
    absolute: Annotated[bool, cli.flag("Also write train.csv, valid.csv, test.csv with full paths.")] = False,
    decimal_comma: Annotated[
        bool, cli.flag("Write tables for spreadsheets of countries with 0,5: with semicolons.")
    ] = False,
    dry_run: Annotated[bool, cli.flag("With --format: only print what it does not hold.")] = False,
    as_json: Annotated[bool, cli.option("With --format: print JSON.", "--json")] = False,
) -> None:
    """Export lookup tables, or labels in the format of another program, with their pictures.

    With --format, what the format does not hold is said before anything is written.
    """
    from core.exchange.export_tables import export_tables

    if format:
        cli.only_one(format=format, absolute=absolute, decimal_comma=decimal_comma)
        workspace = cli.get_workspace(ctx)
        label_formats.export(workspace, folder, format, annotator, not tables_only, dry_run, as_json)
        return
    if dry_run or as_json:
        raise typer.BadParameter("Use --dry-run and --json with --format.")
    written = export_tables(
        cli.get_workspace(ctx), folder, annotator, not tables_only, absolute, decimal_comma
    )
    print(f"Wrote {len(written)} lookup tables to {folder}.")

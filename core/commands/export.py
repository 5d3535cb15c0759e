"""The command that exports a network to run without SeamLens."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from core.commands import cli
from core.text import percent, size

app = typer.Typer()


@app.command()
def export(
    ctx: typer.Context,
    name: cli.RunName,
    format: Annotated[
        Literal["keras", "onnx", "openvino", "litert"], cli.option("What runs it there.")
    ] = "onnx",
    int8: Annotated[bool, cli.flag("Smaller and faster, less exact. Not for keras.")] = False,
    output: Annotated[Path | None, cli.file("The zip to write. Default: RUN-FORMAT.zip here.")] = None,
    as_json: cli.Json = False,
) -> None:
    """Export a network to run without SeamLens.

    One zip with the network, its card and a script that runs it. It is checked first: where it differs, nothing is written.
    """
    from core.export.export import check, default_name
    from core.export.export import export as export_run

    run = cli.get_run(ctx, name)
    check(format, int8)
    with cli.progress_bar("Checking", "frames") as progress:
        exported = export_run(run, output or Path(default_name(run, format, int8)), format, int8, progress)
    cli.print_json_if(as_json, exported.to_json())
    print(f"{exported.path}: {size(exported.path.stat().st_size)}.")
    cli.print_lines(exported.comparison.sentence(), *exported.notes)
    if int8:
        rows = [(each, *(percent(a, 1) for a in pair)) for each, pair in exported.comparison.accuracy.items()]
        cli.print_table(("attribute", "float", "int8"), rows)

"""Commands that measure stitches."""

import json
import statistics
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.commands import cli

if TYPE_CHECKING:
    from core.workspace import Workspace

app = typer.Typer()

Source = Annotated[
    str, cli.argument("A picture, or a video of the workspace, file or folder.", metavar="SOURCE")
]
ends = cli.reader(
    "X1,Y1,X2,Y2 in pixels",
    lambda text: tuple(float(part) for part in text.split(",")),
    lambda numbers: len(numbers) == 4,
)
millimetres = cli.reader("a number of millimetres", float, lambda number: True)


@app.command()
def measure(
    ctx: typer.Context,
    source: Source,
    every: Annotated[int, cli.count("Measure every K-th frame.", metavar="K")] = 1,
    mm_per_pixel: Annotated[
        float | None, cli.number("Scale. Default: the workspace's, see calibrate.", metavar="MM")
    ] = None,
    as_json: Annotated[bool, cli.flag("Print a line of JSON per frame, and one of all.", "--json")] = False,
) -> None:
    """Measure the stitches of a seam.

    Each frame has its pitch, spread and skipped stitches. Frames without a clear seam have no number.
    """
    from core.measure.calibration import possible_scale

    workspace = _workspace(ctx)
    scale = possible_scale(mm_per_pixel) if mm_per_pixel else workspace.mm_per_pixel if workspace else None
    lines = []
    for index, measurement in _measured(workspace, source, every):
        lines.append(
            line := {"index": index} | (measurement.to_json(scale) if measurement else {"pitch_px": None})
        )
        if as_json:
            print(json.dumps(line), flush=True)
        else:
            print(f"{index}: {_words(line)}", flush=True)
    total = _total(lines, scale)
    print(
        json.dumps(total)
        if as_json
        else f"All: {_words(total)} in {total['measured']} of {total['frames']} frames"
    )


@app.command()
def calibrate(
    ctx: typer.Context,
    line: Annotated[
        Any, cli.option("The ends of a known length on a frame.", metavar="X1,Y1,X2,Y2", parser=ends)
    ] = None,
    mm: Annotated[float | None, cli.option("That length.", metavar="MM", parser=millimetres)] = None,
    pitch: Annotated[
        list[str] | None,
        cli.option("A source with a seam of known pitch in mm; may be repeated.", metavar="SOURCE=MM"),
    ] = None,
) -> None:
    """Set how many millimetres a pixel is.

    From a length marked on a frame, or from seams of known pitch.
    """
    from core.measure.calibration import from_length, from_pitches
    from core.workspace import set_scale

    workspace = cli.get_workspace(ctx)
    cli.only_one(line=line, pitch=pitch or None)
    if line is not None and mm is not None:
        scale = from_length(line[:2], line[2:], mm)
    elif pitch:
        scale = from_pitches([_stretch(workspace, text) for text in pitch])
    else:
        raise typer.BadParameter("Give --line with --mm, or --pitch")
    set_scale(workspace, scale)
    print(f"{scale:.5g} mm per pixel, {1 / scale:.5g} pixels per mm.")


def _stretch(workspace: "Workspace", text: str) -> tuple[float, float]:
    """Return the median pitch of ``SOURCE=MM`` in pixels, and the millimetres."""
    from core.measure.calibration import MeasureError

    source, _, number = text.rpartition("=")
    mm = millimetres(number)
    pitches = [found.pitch for _, found in _measured(workspace, source, 1) if found]
    if not pitches:
        raise MeasureError(f"No frame of {source} shows a clear seam.", "Choose another source.")
    return statistics.median(pitches), mm


def _measured(workspace: "Workspace | None", source: str, every: int) -> Any:
    """Yield the index and the measurement, or None, of every so many frames."""
    from pathlib import Path

    from core.live.sources import find_source
    from core.measure.calibration import MeasureError
    from core.measure.ruler import measure as of_picture
    from core.media.images import PICTURE_FORMATS, read_picture

    if Path(source).suffix.lower() in PICTURE_FORMATS and Path(source).is_file():
        yield 0, of_picture(read_picture(Path(source)))
        return
    if workspace is None:
        raise MeasureError(
            f"{source} is not a picture, and there is no workspace here.", "Name one with --workspace."
        )
    opened = find_source(workspace, source, lambda sentence: None)
    if opened.is_live:
        raise MeasureError(f"{source} is a camera, which never ends.", "Use “watch --measure”.")
    with closing(opened.frames()) as frames:
        for place, frame in enumerate(frames):
            if place % every == 0:
                yield frame.index, of_picture(frame.picture)


def _workspace(ctx: typer.Context) -> "Workspace | None":
    """Open the workspace, which a picture does without."""
    from core.workspace import exists

    return cli.get_workspace(ctx) if exists(ctx.obj) else None


def _total(lines: list[dict[str, Any]], scale: float | None) -> dict[str, Any]:
    """Return the medians of all frames that have a number."""
    measured = [line for line in lines if line["pitch_px"] is not None]
    total: dict[str, Any] = {"frames": len(lines), "measured": len(measured), "pitch_px": None}
    if measured:
        names = ("pitch_px", "spread_px") + (("pitch_mm", "spread_mm") if scale else ())
        total |= {name: round(statistics.median(line[name] for line in measured), 3) for name in names}
        total["frames_with_skipped"] = sum(bool(line["skipped"]) for line in measured)
        if scale:
            total["stitches_per_cm"] = round(10 / total["pitch_mm"], 2)
    return total


def _words(line: dict[str, Any]) -> str:
    if line["pitch_px"] is None:
        return "no clear seam"
    unit = "mm" if "pitch_mm" in line else "px"
    words = f"{line[f'pitch_{unit}']:.2f} {unit} a stitch (± {line[f'spread_{unit}']:.2f})"
    per_cm = f", {line['stitches_per_cm']} per cm" if "stitches_per_cm" in line else ""
    skipped = f", {n} skipped" if (n := len(line.get("skipped", []))) else ""
    return words + per_cm + skipped

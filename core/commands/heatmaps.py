"""Commands about heatmaps: of pictures, and whether those of a run are right."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.commands import cli
from core.text import percent

if TYPE_CHECKING:
    from core.exchange.boxes import Boxes
    from core.explain.heatmap_audit import CurveMeans, PointingMeans

app = typer.Typer()


@app.command()
def explain(
    ctx: typer.Context,
    name: Annotated[str, cli.run_argument("Name of a run, latest, or a .keras file.")],
    pictures: Annotated[list[Path], cli.argument("One or more pictures.", metavar="PICTURE")],
    out: Annotated[Path, cli.folder("Where to write.")],
    layer: cli.Layer = None,
    method: cli.Method = "excess",
    show: Annotated[cli.Names | None, cli.listed("Only these attributes, even if not decided.")] = None,
    opacity: Annotated[float, cli.share_option("Opacity of the heatmaps.")] = 0.5,
    legend: Annotated[bool, cli.flag("Add a panel with probabilities and decisions.")] = False,
    boxes: Annotated[Path | None, cli.file("Boxes of defects, a lookup table or a folder.")] = None,
    curves: Annotated[bool, cli.flag("Also measure deletion and insertion curves.")] = False,
    outputs: Annotated[cli.Names | None, cli.listed("Outputs of the .keras file.", "--names")] = None,
    rgb: Annotated[bool, cli.flag("The .keras file expects red first.")] = False,
    white: Annotated[float, cli.number("White in the .keras file's input: 1 if it expects 0 to 1.")] = 255.0,
    exclusive: Annotated[bool, cli.flag("The .keras file ends in logits of classes.")] = False,
    as_json: cli.Json = False,
) -> None:
    """Write pictures with their heatmaps."""
    from core.exchange.lookup_table import stem
    from core.inspection.explain_pictures import Wanted, of_file, pointing_game
    from core.inspection.explain_pictures import explain as explain_pictures
    from core.inspection.inspector import Inspector

    if name.endswith(".keras"):
        if not Path(name).is_file():
            raise typer.BadParameter(f"{name} does not exist. Check its path")
        inspector = of_file(Path(name), outputs or [], layer, rgb, white, method, exclusive)
    elif outputs or rgb or white != 255 or exclusive:
        raise typer.BadParameter("--names, --rgb, --white and --exclusive are for .keras files only")
    else:
        inspector = Inspector.load(cli.get_run(ctx, name), layer, method=method)
    attributes = inspector.attributes.names
    if unknown := [attribute for attribute in show or () if attribute not in attributes]:
        raise typer.BadParameter(f"--show must be among {', '.join(attributes)}, not {', '.join(unknown)}")
    wanted = Wanted(
        show, opacity, _boxes(boxes, attributes, {stem(path.name): path for path in pictures}), legend, curves
    )
    written = explain_pictures(inspector, pictures, out, wanted)
    scores = pointing_game(written) if boxes is not None else None
    result = {"pictures": written, "pointing": scores, "taken_as": inspector.taken_as or None}
    cli.print_json_if(as_json, {key: value for key, value in result.items() if value is not None})
    cli.print_lines(inspector.note)
    if inspector.taken_as == "sigmoid":
        print(f"{Path(name).name} ends in logits: read as one sigmoid each. For classes add “--exclusive”.")
    elif inspector.taken_as:
        print(f"{Path(name).name} ends in logits: read as a softmax.")
    _print_explained(out, written, scores)


def _print_explained(out: Path, written: dict[str, Any], scores: dict[str, dict[str, float]] | None) -> None:
    """Print the files and their heatmaps, and how often these are right; the scores are none where no boxes were given."""
    for path, entry in written.items():
        print(out / entry["overlay"])
        _print_picture(Path(path).name, entry["attributes"])
    if scores:
        heads = ("attribute", "pictures", "peak inside", "chance", "evidence inside", "chance")
        cli.print_table(heads, [(key, row["pictures"], *_inside(row)) for key, row in scores.items()])
    elif scores is not None:
        print("No picture has a box of an attribute that was decided true: there is nothing to score.")


def _boxes(path: Path | None, attributes: Sequence[str], pictures: Mapping[str, Path]) -> "Boxes | None":
    """Read boxes of these pictures, called by their names in tables."""
    from core.exchange.boxes import read_boxes

    if path is None:
        return None
    return read_boxes(sorted(path.glob("*.csv")) if path.is_dir() else [path], attributes, pictures)


def _print_picture(name: str, attributes: dict[str, Any]) -> None:
    """Print which heatmaps are empty, and how sure the network stays where that was measured."""
    empty = [key for key, entry in attributes.items() if entry["decided"] and entry["peak"] is None]
    if empty:
        print(f"{name}: no evidence for {', '.join(empty)}; that heatmap is empty.")
    for key, entry in attributes.items():
        if "curves" in entry:
            area = {kind: _percent(value) for kind, value in entry["curves"]["areas"].items()}
            print(
                f"{name}: {key} stays {area['deletion']} sure while its evidence is removed (random order: "
                f"{area['random_deletion']}), {area['insertion']} while it is added (random order: "
                f"{area['random_insertion']}), {area['blurred']} with the whole picture blurred."
            )


def _inside(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(_percent(row.get(key)) for key in ("inside", "chance", "energy", "energy_chance"))


def _percent(share: float | None) -> str:
    return percent(share, 1, unknown="none")


@app.command()
def audit(
    ctx: typer.Context,
    name: cli.RunName,
    boxes: Annotated[Path | None, cli.file("Boxes of defects, a lookup table or a folder.")] = None,
    band: Annotated[Any, cli.part("Where the seam is, in fractions of the picture.")] = None,
    layer: cli.Layer = None,
    method: cli.Method = "excess",
    as_json: cli.Json = False,
) -> None:
    """Measure how often the heatmaps of a run are right."""
    from core.demo.make import store_seam_lines
    from core.explain.heatmap_audit import audit as audit_of
    from core.media.library import frame_table
    from core.runs.run_parts import groups

    run = cli.get_run(ctx, name)
    store_seam_lines(run.workspace)  # a demo class of an earlier version has none yet
    with cli.progress_bar("Explaining", "frames") as progress:
        frames = frame_table(run.workspace)
        files = {
            name: run.workspace.path / file for name, file in zip(frames["name"], frames["file"], strict=True)
        }
        found = audit_of(run, _boxes(boxes, run.attributes.names, files), band, layer, progress, method)
    cli.print_json_if(as_json, asdict(found))
    print(f"{run.id}: {found.frames:,} test frames of {groups(run, found.videos)}, layer {found.layer}.")
    cli.print_lines(found.note, found.missing())
    _print_pointing(found.pointing)
    if found.curves:
        _print_curves(found.curves)
    if found.band:
        print(f"\nHow much of the evidence lies outside the seam? {found.band}")
        heads = ("video", "attribute", "frames", "evidence outside", "picture outside")
        rows = [(o.video, o.attribute, o.frames, _percent(o.share), _percent(o.area)) for o in found.outside]
        cli.print_table(heads, rows)


def _print_pointing(scored: dict[str, "PointingMeans"]) -> None:
    if not scored:
        print("\nThere are no boxes of defects. Give a table of them with --boxes to score the heatmaps.")
        return
    print("\nDoes the heatmap point at the defect? (true positives with a box)")
    heads = ("attribute", "frames", "videos", "peak inside", "chance", "evidence inside", "chance")
    rows = [(name, row.frames, row.videos, *_inside(vars(row))) for name, row in scored.items()]
    cli.print_table(heads, rows)


def _print_curves(scored: dict[str, "CurveMeans"]) -> None:
    print("\nDoes the network use what the heatmap shows? (area under the curve; in brackets: random order)")
    heads = ("attribute", "frames", "evidence removed", "evidence added", "blurred picture")
    rows = []
    for name, row in scored.items():
        removed = f"{row.deletion:.2f} ({row.random_deletion:.2f})"
        added = f"{row.insertion:.2f} ({row.random_insertion:.2f})"
        rows.append((name, row.frames, removed, added, f"{row.blurred:.2f}"))
    cli.print_table(heads, rows)

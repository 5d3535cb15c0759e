"""Commands about heatmaps: of pictures, and whether those of a run are right."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core import workspace
from core.commands.options import (
    add_json,
    names,
    over_zero,
    print_json,
    print_table,
    progress_bar,
    region,
    share,
)
from core.errors import LabelError, MediaError
from core.exchange.boxes import Boxes, read_boxes
from core.explain.heatmap import METHODS
from core.inspection.inspector import Inspector
from core.runs import describe
from core.runs import registry as runs
from core.text import percent


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands of this module to the parser."""
    _add_explain(commands)
    _add_audit(commands)


def _add_explain(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("explain", help="write pictures with their heatmaps drawn over them")
    command.add_argument("id", metavar="RUN", help="the name of a run, latest, or a .keras file")
    command.add_argument("pictures", type=Path, nargs="+", metavar="PICTURE")
    command.add_argument("--out", type=Path, required=True, metavar="DIR")
    command.add_argument(
        "--layer", metavar="NAME", help="whose channels are weighed (default: the last grid)"
    )
    _add_method(command)
    command.add_argument("--show", type=names, metavar="A,B", help="these attributes, decided or not")
    command.add_argument("--opacity", type=share, default=0.5, metavar="0..1", help="default: 0.5")
    command.add_argument("--legend", action="store_true", help="with probabilities and decisions beside it")
    command.add_argument(
        "--boxes", type=Path, metavar="CSV", help="a lookup table with a column “boxes”, or a folder of them"
    )
    command.add_argument("--curves", action="store_true", help="and how sure the network stays while the evidence for what "
                         "it decided is taken away and brought back")  # fmt: skip
    of_file = command.add_argument_group("for a .keras file")
    of_file.add_argument("--names", type=names, default=[], metavar="A,B", help="of its outputs")
    of_file.add_argument("--rgb", action="store_true", help="it expects red first")
    of_file.add_argument("--white", type=over_zero, default=255.0, metavar="N", help="1 if it expects 0 to 1")
    of_file.add_argument(
        "--exclusive", action="store_true", help="it ends in logits, of classes that exclude each other"
    )
    add_json(command)
    command.set_defaults(run=explain)


def _add_audit(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("audit", help="whether the heatmaps of a run are right, on its test part")
    command.add_argument("id", metavar="RUN", help="the name of a run, or latest")
    command.add_argument(
        "--boxes",
        type=Path,
        metavar="CSV",
        help="a table of boxes or a folder of them (default: the truth of the demo class)",
    )
    command.add_argument(
        "--band", type=region, metavar="L,T,R,B", help="where the seam is, in shares of width and height"
    )
    command.add_argument(
        "--layer", metavar="NAME", help="whose channels are weighed (default: the network's)"
    )
    _add_method(command)
    add_json(command)
    command.set_defaults(run=audit)


def _add_method(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--method",
        choices=METHODS,
        default="gradcam",
        help="hirescam: position by position, also right where a head takes maxima (default: gradcam)",
    )


def explain(choice: argparse.Namespace) -> None:
    """Write overlays, evidence and numbers of pictures."""
    from core.inspection import explain_pictures as explaining

    inspector = _inspector(choice)
    known = inspector.attributes.names
    if unknown := [name for name in choice.show or () if name not in known]:
        raise LabelError(f"attributes among {', '.join(known)}", ", ".join(unknown), "Check their spelling.")
    boxes = _boxes(choice, known)
    said = explaining.explain(
        inspector,
        choice.pictures,
        choice.out,
        explaining.Wanted(choice.show, choice.opacity, boxes, choice.legend, choice.curves),
    )
    scores = explaining.pointing_game(said)
    if choice.json:
        taken_as = {"taken_as": inspector.taken_as} if inspector.taken_as else {}
        print_json({"pictures": said} | ({"pointing": scores} if boxes is not None else {}) | taken_as)
        return
    _say_taken(choice.id, inspector.taken_as)
    for path, entry in said.items():
        print(choice.out / entry["overlay"])
        _say_empty(path, entry["attributes"])
        _say_curves(path, entry["attributes"])
    if boxes is not None:
        _print_scores(scores)


def _inspector(choice: argparse.Namespace) -> Inspector:
    from core.inspection.explain_pictures import of_file

    if not choice.id.endswith(".keras"):
        if choice.names or choice.rgb or choice.white != 255 or choice.exclusive:
            raise MediaError(
                "a .keras file beside --names, --rgb, --white and --exclusive",
                choice.id,
                "A run knows all that.",
            )
        run = runs.get_run(workspace.open_workspace(choice.workspace), choice.id)
        return Inspector.load(run, choice.layer, method=choice.method)
    if not Path(choice.id).is_file():
        raise MediaError("a .keras file that is there", choice.id, "Check its path.")
    return of_file(
        Path(choice.id), choice.names, choice.layer, choice.rgb, choice.white, choice.method, choice.exclusive
    )


def _boxes(choice: argparse.Namespace, known: Sequence[str]) -> Boxes | None:
    if choice.boxes is None:
        return None
    tables = sorted(choice.boxes.glob("*.csv")) if choice.boxes.is_dir() else [choice.boxes]
    return read_boxes(tables, known)


def _say_taken(file: str, taken_as: str) -> None:
    """Say how the outputs of a file are read that does not say it itself."""
    if taken_as == "sigmoid":
        print(
            f"{Path(file).name} ends in logits: taken as a sigmoid each. Where they exclude each other: “--exclusive”."
        )
    elif taken_as:
        print(f"{Path(file).name} ends in logits: taken as a softmax.")


def _say_curves(path: str, attributes: dict[str, Any]) -> None:
    """Say how sure the network stays of what it decided, where that was asked for."""
    for name, entry in attributes.items():
        if "curves" in entry:
            areas = entry["curves"]["areas"]
            print(
                f"{Path(path).name}: {name} stays {_percent(areas['deletion'])} sure while its evidence is taken away (at "
                f"random {_percent(areas['random_deletion'])}), {_percent(areas['insertion'])} while it is brought back (at "
                f"random {_percent(areas['random_insertion'])}), {_percent(areas['blurred'])} all blurred."
            )


def _say_empty(path: str, attributes: dict[str, Any]) -> None:
    """Say for which decided attributes nothing in the picture speaks, so that nothing is drawn."""
    empty = [name for name, entry in attributes.items() if entry["decided"] and entry["peak"] is None]
    if empty:
        print(f"{Path(path).name}: no evidence for {', '.join(empty)}; that heatmap is empty.")


def _print_scores(scores: dict[str, dict[str, float]]) -> None:
    if not scores:
        print("No picture has a box of an attribute that was decided true: there is nothing to score.")
        return
    heads = ("attribute", "pictures", "peak inside", "chance", "evidence inside", "chance")
    print_table(heads, [_row(name, row["pictures"], row) for name, row in scores.items()])


def _row(name: str, count: float, row: dict[str, Any]) -> tuple[str, ...]:
    shares = (row.get(key) for key in ("inside", "chance", "energy", "energy_chance"))
    return (name, str(count), *map(_percent, shares))


def _percent(share: float | None) -> str:
    return percent(share, 1, unknown="none")


def audit(choice: argparse.Namespace) -> None:
    """Print whether the heatmaps of a run are right."""
    from core.demo.band import store_seam_lines
    from core.explain import audit as auditing

    run = runs.get_run(workspace.open_workspace(choice.workspace), choice.id)
    boxes = _boxes(choice, run.attributes.names)
    store_seam_lines(run.workspace)  # a demo class of an earlier version has none yet
    with progress_bar("Looking", "frames") as progress:
        found = auditing.audit(run, boxes, choice.band, choice.layer, progress, choice.method)
    if choice.json:
        print_json(found)
        return
    of = describe.groups(run, found["videos"])
    print(f"{run.id}: {found['frames']} test frames of {of}, layer {found['layer']}.")
    if missing := auditing.left_out(found):
        print(missing)
    _print_pointing(found["attributes"])
    _print_curves(found["attributes"])
    if found["band"]:
        _print_outside(found)


def _print_pointing(attributes: dict[str, Any]) -> None:
    scored = {name: row["pointing"] for name, row in attributes.items() if row["pointing"]}
    if not scored:
        print("\nNo boxes of defects are known; name a table of them with --boxes to score the heatmaps.")
        return
    print("\nDoes the heatmap point at the defect? (true positives with a box)")
    heads = ("attribute", "frames", "videos", "peak inside", "chance", "evidence inside", "chance")
    rows = [_row(name, row["frames"], row) for name, row in scored.items()]
    videos = [str(row["videos"]) for row in scored.values()]
    print_table(heads, [(*row[:2], n, *row[2:]) for row, n in zip(rows, videos, strict=True)])


def _print_curves(attributes: dict[str, Any]) -> None:
    scored = {name: row["curves"] for name, row in attributes.items() if row["curves"]}
    if not scored:
        return
    print("\nDoes the network use what the heatmap shows? (area under the curve; in brackets: random order)")
    heads = ("attribute", "frames", "evidence taken away", "evidence brought back", "blurred picture")
    rows = [
        (
            name,
            row["frames"],
            f"{row['deletion']:.2f} ({row['random_deletion']:.2f})",
            f"{row['insertion']:.2f} ({row['random_insertion']:.2f})",
            f"{row['blurred']:.2f}",
        )
        for name, row in scored.items()
    ]
    print_table(heads, rows)


def _print_outside(found: dict[str, Any]) -> None:
    print(f"\nHow much of the evidence lies outside the seam? {found['band']}")
    heads = ("video", "attribute", "frames", "evidence outside", "picture outside")
    rows = [
        (row["video"], row["attribute"], row["frames"], _percent(row["share"]), _percent(row["area"]))
        for row in found["outside"]
    ]
    print_table(heads, rows)

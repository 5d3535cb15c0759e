"""Commands about networks and what they suggest to annotators."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from core.commands import cli

if TYPE_CHECKING:
    import pandas as pd

    from core.media.library import Video
    from core.runs.run import Run
    from core.workspace import Workspace

app = typer.Typer()


@app.command()
def networks(as_json: cli.Json = False) -> None:
    """List the networks.

    Sizes are for 4 attributes, or 3 classes, at 100x100 pixels.
    """
    from core.networks.registry import summary

    found = summary()
    cli.print_json_if(as_json, found)
    rows = []
    for name, row in found.items():
        rows.append((name, f"{row['parameters']:,}", f"{row['multiply_adds']:,}", f"{row['weights_mb']:.1f}"))
    cli.print_table(("network", "parameters", "multiply-adds", "weights (MB)"), rows)


@app.command()
def suggest(
    ctx: typer.Context,
    name: Annotated[
        str, cli.run_argument("Name of a run, or latest; or ruler: the stitch ruler suggests a length.")
    ],
    video_name: cli.VideoName,
    accept: Annotated[bool, cli.flag("Store them where the annotator has not answered yet.")] = False,
    annotator: Annotated[str, cli.who("Whose labels they become.")] = "",
    test_videos: Annotated[bool, cli.flag("Also for a video that the run is tested on.")] = False,
    engine: cli.Engine = "keras",
    as_json: cli.Json = False,
) -> None:
    """Suggest labels for a video."""
    from core.assist import suggestions
    from core.assist.ruler_suggestions import RULER
    from core.media.library import get_video

    if accept and not annotator.strip():
        raise typer.BadParameter("--accept needs --annotator: say whose labels they become")
    run = None if name == RULER else cli.get_run(ctx, name)
    opened = run.workspace if run else cli.get_workspace(ctx)
    video = get_video(opened, video_name)
    if annotator:
        suggestions.check_allowed(opened, annotator, video)
    part = _allowed_part(run, video, test_videos) if run else None
    decided = _of_run(run, opened, video, engine) if run else _of_ruler(opened, video)
    counts = _counts(decided)
    stored = suggestions.accept(opened, video, decided, annotator) if accept else None
    about = {"run": run.id if run else RULER, "video": video.key, "part": part, "frames": len(decided)}
    cli.print_json_if(as_json, {**about, "attributes": counts, "stored": stored})
    where = f"in the {part} part of the run" if part else "in no part of the run"
    whose = f"{run.id}: suggestions" if run else "Suggestions of the stitch ruler"
    print(f"{whose} for {len(decided):,} frames of {video.key}{f', {where}' if run else ''}.")
    rows = [(attribute, *row.values()) for attribute, row in counts.items()]
    cli.print_table(("attribute", "true", "false", "missing"), rows)
    if stored is not None:
        print(f"Stored {stored} labels of {annotator}.")


def _allowed_part(run: "Run", video: "Video", test_videos: bool) -> str | None:
    """Return the part of a run that a video is in; a video of its test must be asked for."""
    from core.assist import suggestions

    part = suggestions.part_of(run, video)
    if part == "test" and not test_videos:
        raise typer.BadParameter(
            f"{run.id} is tested on {video.key}. With its suggestions as labels it would partly be tested against "
            "itself, so label the video without them, or add --test-videos"
        )
    return part


def _of_run(run: "Run", workspace: "Workspace", video: "Video", engine: str) -> "pd.DataFrame":
    from core.assist import suggestions
    from core.export import engines

    forward = engines.forward_with(run, engine)
    with cli.progress_bar("Suggesting", "frames") as progress:
        found = suggestions.suggest(run, workspace, video, progress, forward)
    return suggestions.decisions(run, workspace, found)


def _of_ruler(workspace: "Workspace", video: "Video") -> "pd.DataFrame":
    from core.assist import ruler_suggestions

    ruler = ruler_suggestions.length_ruler(workspace)
    with cli.progress_bar("Measuring", "frames") as progress:
        return ruler_suggestions.decisions(
            ruler, ruler_suggestions.suggest(ruler, workspace, video, progress)
        )


def _counts(decided: "pd.DataFrame") -> dict[str, dict[str, int]]:
    """Return how many frames are decided true, false and not at all, by attribute."""
    counts = {}
    for attribute, answers in decided.drop(columns="index").items():
        true, missing = int(answers.sum()), int(answers.isna().sum())
        counts[str(attribute)] = {"true": true, "false": len(answers) - true - missing, "missing": missing}
    return counts


@app.command()
def ask(
    ctx: typer.Context,
    name: cli.RunName = "latest",
    annotator: Annotated[str, cli.name("Leave out videos that this annotator labels blind.")] = "",
    as_json: cli.Json = False,
) -> None:
    """Find unlabelled frames with answers that are still rare."""
    from core.assist import rare_frames
    from core.review.balance import balance

    opened = cli.get_workspace(ctx)
    run, rare = cli.get_run(ctx, name), rare_frames.rare_answers(balance(opened))
    with cli.progress_bar("Asking", "videos") as progress:
        found = rare_frames.find_rare_frames(opened, run, rare, annotator, progress)
    wanted, stretches = list(map(asdict, rare)), list(map(asdict, found))
    cli.print_json_if(as_json, {"run": run.id, "wanted": wanted, "stretches": stretches})
    print(rare_frames.sentence(run, rare, found))
    if found:
        rows = [rare_frames.cells(stretch) for stretch in found]
        cli.print_records(rows, list(rows[0]))

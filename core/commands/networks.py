"""Commands about networks and what they suggest to annotators."""

from dataclasses import asdict
from typing import Annotated

import typer

from core.commands import cli

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
    name: cli.RunName,
    video_name: cli.VideoName,
    accept: Annotated[bool, cli.flag("Store them where the annotator has not answered yet.")] = False,
    annotator: Annotated[str, cli.who("Whose labels they become.")] = "",
    test_videos: Annotated[bool, cli.flag("Also for a video that the run is tested on.")] = False,
    engine: cli.Engine = "keras",
    as_json: cli.Json = False,
) -> None:
    """Suggest labels for a video."""
    from core.assist import suggestions
    from core.export import engines
    from core.media.library import get_video

    run = cli.get_run(ctx, name)
    opened, video = run.workspace, get_video(run.workspace, video_name)
    if accept and not annotator.strip():
        raise typer.BadParameter("--accept needs --annotator: say whose labels they become")
    if annotator:
        suggestions.check_allowed(opened, annotator, video)
    part = suggestions.part_of(run, video)
    if part == "test" and not test_videos:
        raise typer.BadParameter(
            f"{run.id} is tested on {video.key}. With its suggestions as labels it would partly be tested against "
            "itself, so label the video without them, or add --test-videos"
        )
    forward = engines.forward_with(run, engine)
    with cli.progress_bar("Suggesting", "frames") as progress:
        found = suggestions.suggest(run, opened, video, progress, forward)
    decided = suggestions.decisions(run, opened, found).drop(columns="index")
    counts = {}
    for attribute, answers in decided.items():
        true, missing = int(answers.sum()), int(answers.isna().sum())
        counts[attribute] = {"true": true, "false": len(answers) - true - missing, "missing": missing}
    stored = suggestions.accept(run, opened, video, found, annotator) if accept else None
    about = {"run": run.id, "video": video.key, "part": part, "frames": len(found)}
    cli.print_json_if(as_json, {**about, "attributes": counts, "stored": stored})
    where = f"in the {part} part of the run" if part else "in no part of the run"
    print(f"{run.id}: suggestions for {len(found):,} frames of {video.key}, {where}.")
    rows = [(name, *row.values()) for name, row in counts.items()]
    cli.print_table(("attribute", "true", "false", "missing"), rows)
    if stored is not None:
        print(f"Stored {stored} labels of {annotator}.")


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

"""Commands about the split and its leaks."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from core.commands import cli

SHOWN = 10
"""Pairs of near-duplicates that are printed; JSON has all."""

By = Literal["video", "blocks", "random"]

app = typer.Typer()


@app.command()
def split(
    ctx: typer.Context,
    by: Annotated[By | None, cli.option("What stays together. Default: video.")] = None,
    table: Annotated[Path | None, cli.file("Read a table with name,part instead.", "--from")] = None,
    extend: Annotated[bool, cli.flag("Only give new videos a part; nothing else moves.")] = False,
    folds: Annotated[int | None, cli.count("One of K splits that test each video once.", metavar="K")] = None,
    fold: Annotated[int | None, cli.count("With --folds: which of the K. Default: 1.", metavar="I")] = None,
    seed: cli.Seed = 0,
    as_json: cli.Json = False,
) -> None:
    """Decide which frames train, validate and test."""
    from core.labels.consensus import consensus
    from core.splits import extend_split, make_split, stored_split
    from core.splits.shortages import shortages

    cli.only_one(**{"by": by, "from": table, "extend": extend, "folds": folds})
    if fold and not folds:
        raise typer.BadParameter("--fold needs --folds: say how many there are")
    if fold and folds and fold > folds:
        raise typer.BadParameter(f"--fold must be a whole number from 1 to {folds}, not {fold}")
    opened = cli.get_workspace(ctx)
    labels, current = consensus(opened), stored_split.load(opened) if extend else None
    if extend and current is None:
        raise typer.BadParameter("There is no split to extend yet. Make one first, without --extend")
    if table:
        made = make_split.split_from_table(labels, table)
    elif current:
        made = extend_split.extend(current, labels)
    elif folds:
        made = make_split.folds(labels, folds, seed)[(fold or 1) - 1]
    else:
        made = make_split.make_split(opened, labels, by or "video", seed)
    stored_split.store(opened, made)
    counts, missing = made.counts(labels), shortages(made, labels)
    cli.print_json_if(as_json, {**counts, "shortages": missing, "notes": list(made.notes)})
    heads = ("part", "frames", "videos", *(f"{name} true/false" for name in opened.attributes.names))
    rows = []
    for part, row in counts.items():
        answers = [f"{count['true']:,}/{count['false']:,}" for count in row["attributes"].values()]
        rows.append((part, row["frames"], row["videos"], *answers))
    cli.print_table(heads, rows)
    cli.print_lines(*made.notes, *missing)


@app.command()
def leaks(ctx: typer.Context, as_json: cli.Json = False) -> None:
    """List test frames that have a near-duplicate in training.

    Without a split, looks at the split by video that a training would make.
    """
    from core.labels.consensus import consensus
    from core.splits.leaks import leaks as leaks_of
    from core.splits.make_split import split_by_video
    from core.splits.stored_split import load

    opened = cli.get_workspace(ctx)
    current = load(opened)
    found = leaks_of(opened, current or split_by_video(consensus(opened)))
    cli.print_json_if(as_json, found.to_json())
    if current is None:
        print("There is no split yet: this is the one by video that a training would make.")
    frames = f"{found.leaking_test_frames:,} of {found.test_frames:,} test frames"
    print(f"Leak meter {found.meter:.1f} %: {frames} have a near-duplicate in training.")
    if found.pairs:
        rows = [(p.frame, p.part, p.twin, p.twin_part, p.why) for p in found.pairs[:SHOWN]]
        cli.print_table(("frame", "part", "near-duplicate", "part", "why"), rows)
    if len(found.pairs) > SHOWN:
        print(f"{len(found.pairs) - SHOWN} more pairs; “--json” lists all.")
    cli.print_lines(*(same.sentence() for same in found.same_videos))

"""Commands that count labels: how balanced they are, and how much each annotator labelled."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from core.commands import cli
from core.text import count, percent
from core.workspace import Workspace

if TYPE_CHECKING:
    from core.review.balance import Balance

COMBINATIONS = 10
"""Combinations of answers that are printed; JSON has all."""

Grouping = Literal["annotator", "day"]

app = typer.Typer()


@app.command()
def balance(
    ctx: typer.Context,
    annotator: cli.Annotator = None,
    frames: Annotated[
        list[str] | None, cli.option("List frames with these answers.", metavar="A=true…")
    ] = None,
    more_answers: Annotated[list[str] | None, typer.Argument(hidden=True, metavar="ANSWER")] = None,
    by: Annotated[Grouping | None, cli.option("Count labels per annotator or per day instead.")] = None,
    video: Annotated[str | None, cli.video("With --frames: only of this video.")] = None,
    limit: Annotated[int, cli.count("With --frames: list this many, spread over videos.")] = 24,
    as_json: cli.Json = False,
) -> None:
    """Count the labels per attribute and say what to label next.

    --frames takes one or more answers, such as break=true good=false.
    """
    from core.labels.labels import check_has_labelled

    opened = cli.get_workspace(ctx)
    # `--frames a=true b=false`: the option takes the first of them, the argument the rest.
    answers = [*(frames or ()), *(more_answers or ())]
    if more_answers and not frames:
        raise typer.BadParameter(f"Got an unexpected argument: {more_answers[0]}")
    if by and (answers or video):
        raise typer.BadParameter("Use --by, or --frames and --video, not both")
    if annotator is not None:
        check_has_labelled(opened, annotator)
    if answers or video:
        _print_frames(opened, annotator, answers, video, limit, as_json)
    elif by:
        _print_history(opened, annotator, by, as_json)
    else:
        _print_balance(opened, annotator, as_json)


def _print_balance(opened: Workspace, annotator: str | None, as_json: bool) -> None:
    from core.review.advice import advice, advise
    from core.review.balance import balance as balance_of
    from core.review.confounders import confounders as confounders_of

    counts = balance_of(opened, annotator)
    # The split is made from the consensus, and cannot show what one annotator lacks.
    sentences = advice(counts) if annotator else advise(opened, counts)
    confounders = confounders_of(counts)
    measured = {name: confounder.to_json() for name, confounder in confounders.items()}
    cli.print_json_if(as_json, {**counts.to_json(), "advice": sentences, "traps": measured})
    print(counts.sentence)
    rows = [{"attribute": name, **answers} for name, answers in counts.attributes.items()]
    cli.print_records(rows, ("attribute", "true", "false", "unset"))
    if not counts.frames:
        print("Add videos first with “add”, or practice videos with “demo”.")
    if counts.labelled:
        _print_combinations(counts)
        cells = [
            (name, f"{c.one_answer} of {c.videos}", None if c.cramers_v is None else f"{c.cramers_v:.2f}")
            for name, c in confounders.items()
        ]
        cli.print_table(("attribute", "videos with only one answer", "Cramér's V of the video"), cells)
    cli.print_lines(*sentences)


def _print_combinations(counts: "Balance") -> None:
    """Print which answers occur together, the most frequent first."""
    names, shown = list(counts.attributes), counts.combinations.head(COMBINATIONS)
    rows = [(row["frames"], *(row[name] for name in names)) for row in cli.records(shown)]
    cli.print_table(("frames with", *names), rows)
    if more := len(counts.combinations) - len(shown):
        print(f"{count(more, 'more combination')}; “--json” lists all.")


def _print_frames(
    opened: Workspace, annotator: str | None, answers: list[str], video: str | None, limit: int, as_json: bool
) -> None:
    from core.labels.consensus import consensus
    from core.review.balance import frames_and_videos, frames_behind

    table = consensus(opened, annotator)
    matching = frames_behind(table, cli.read_answers(answers), [video] if video is not None else [])
    shown = matching.head(limit).sort_index()
    numbers = {"frames": len(matching), "videos": matching["video"].nunique()}
    cli.print_json_if(as_json, {**numbers, "shown": shown.to_dict("records")})
    part = f", {len(shown):,} shown" if len(shown) < len(matching) else ""
    print(f"{', '.join(answers) or 'any answer'}: {frames_and_videos(matching)}{part}.")
    cli.print_table(("frame", "video", "index"), shown.to_numpy().tolist())


def _print_history(opened: Workspace, annotator: str | None, by: str, as_json: bool) -> None:
    """List how many labels each annotator gave, or how many were given on each day."""
    from core.labels.progress import per_annotator, per_day

    table = per_day(opened) if by == "day" else per_annotator(opened)
    if annotator:
        table = table[table["annotator"] == annotator]
    rows = cli.records(table)
    cli.print_json_if(as_json, rows)
    for row in rows if by == "annotator" else ():
        row["share_true"] = percent(row["share_true"])
        row["apart"] = percent(row["apart"], signed=True)
    cli.print_table([name.replace("_", " ") for name in table.columns], [list(row.values()) for row in rows])


@app.command()
def annotators(
    ctx: typer.Context,
    hours: Annotated[int, cli.count("Measure the pace of the last H hours.", metavar="H")] = 24,
    as_json: cli.Json = False,
) -> None:
    """Count what each annotator labelled, and how fast.

    Counts frames that were answered by key, by painting or by taking a suggestion, but no imports. A gap of more
    than 60 seconds between two answers is a pause and not counted.
    """
    from core.labels.progress import paces

    try:
        since = datetime.now(UTC) - timedelta(hours=hours)
    except OverflowError:  # longer ago than there are dates: everything counts
        since = datetime.min.replace(tzinfo=UTC)
    rows = cli.records(paces(cli.get_workspace(ctx), since))
    cli.print_json_if(as_json, rows)
    heads = ("annotator", "frames labelled", f"in {hours} h", "active minutes", "frames per minute")
    for row in rows:
        row["minutes"] = f"{row['minutes']:.1f}"
        row["per_minute"] = None if row["per_minute"] is None else f"{row['per_minute']:.1f}"
    cli.print_records(rows, ("annotator", "labelled", "answered", "minutes", "per_minute"), heads)

"""Commands that check labels: the class at a glance, agreement, disputes, contradictions, assignments and gold frames."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from core.commands import cli
from core.commands.data import labels
from core.text import UNKNOWN, count, decimals, percent
from core.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from core.report.class_overview import AnnotatorFigures, ClassOverview
    from core.review.agreement import AttributeAgreement

app = typer.Typer()
gold = typer.Typer(help="Choose frames with answers that an instructor vouches for.")
app.add_typer(gold, name="gold")

FirstFrame = Annotated[int, typer.Argument(metavar="FIRST", parser=cli.whole_number(0), help="First frame.")]
LastFrame = Annotated[int, typer.Argument(metavar="LAST", parser=cli.whole_number(0), help="Last frame.")]


@app.command("class")
def class_overview(ctx: typer.Context, as_json: cli.Json = False) -> None:
    """Show the class at a glance.

    Says who labelled how much, whom to talk to about what, whether the balance, the split and the numbers are right,
    what is open, and whose networks there are. Frames per minute leave out pauses of more than 60 seconds.
    """
    from core.demo.make import ANNOTATOR as RENDERER
    from core.report.class_overview import class_overview as overview_of
    from core.report.class_overview import talk_sentence

    opened = cli.get_workspace(ctx)
    found = overview_of(opened, programs=[RENDERER])
    cli.print_json_if(as_json, found.to_json())
    print("Who labelled how much?")
    _print_people(found.people)
    print("\nWhom to talk to?")
    sentences = [talk_sentence(talk, opened.attributes) for talk in found.talk]
    cli.print_lines(
        found.talk_missing, *(sentences or ([] if found.talk_missing else ["Nobody stands apart."]))
    )
    lamps = {"Is the balance right?": found.balance, "Is the split honest?": found.split,
             "Can you trust the numbers?": found.trust}  # fmt: skip
    for question, lamp in lamps.items():
        print(f"\n{question} {lamp.word}. {lamp.sentence}")
    _print_open(found)
    print("\nWhose networks?")
    rows = [(run.called, run.user or None, f"{run.sentence} {run.limited}".strip()) for run in found.runs]
    if rows:
        cli.print_table(("run", "by", "verdict"), rows)
    else:
        print("No network was trained yet.")


def _print_people(people: "Sequence[AnnotatorFigures]") -> None:
    from core.labels.labels import called

    if not people:
        print("Nobody has labelled yet.")
        return
    rows = [
        (
            called(person.name),
            person.frames,
            None if person.per_minute is None else f"{person.per_minute:.1f}",
            percent(person.same / person.compared, 1) if person.compared else None,
            f"{person.finished} of {person.assigned}" if person.assigned else None,
            f"{person.right} of {person.gold}" if person.gold else None,
        )
        for person in people
    ]
    heads = ("annotator", "frames", "per minute", "like most others", "assigned videos done", "gold right")
    cli.print_table(heads, rows)


def _print_open(found: "ClassOverview") -> None:
    assigned = (
        f"{found.finished} of {count(found.assigned, 'assignment')} finished"
        if found.assigned
        else "no assignments"
    )
    print(
        f"\nOpen: {count(found.disputes, 'dispute')} and {found.edges:,} at an edge; {assigned}; "
        f"{count(found.gold_frames, 'gold frame')}."
    )


@app.command()
def agreement(ctx: typer.Context, attribute: cli.AttributeName = None, as_json: cli.Json = False) -> None:
    """Measure how well annotators agree, beyond chance.

    With --attribute, also compares every two annotators.
    """
    from core.review.agreement import agreement as agreement_of
    from core.review.disputes import KINDS, consensus_counts

    opened = cli.get_workspace(ctx)
    found = agreement_of(opened, attribute)
    if not any(row.items for row in found.values()):
        people = sorted({name for row in found.values() for name in row.annotators})
        so_far = f" (so far: {', '.join(people)})" if people else ""
        raise typer.BadParameter(f"Let two annotators label the same video first{so_far}")
    sources = consensus_counts(opened)
    rows = {name: {**row.to_json(), "consensus": sources[name]} for name, row in found.items()}
    cli.print_json_if(as_json, rows)
    _print_coefficients(found)
    if attribute:
        _print_pairs(found[attribute])
    print("\nWhere the consensus comes from, in frames:")
    cli.print_table(("attribute", *KINDS), [(name, *sources[name].values()) for name in found])


def _print_coefficients(found: dict[str, "AttributeAgreement"]) -> None:
    from core.review.agreement import RELIABLE, TENTATIVE
    from core.review.bootstrap import DRAWN, ROUNDS

    heads = ("attribute", "alpha", "95 % interval", "kappa", "Fleiss", "equal", "frames", "annotators")
    rows = []
    for name, row in found.items():
        interval = (
            " to ".join(decimals(end, 3) for end in row.alpha.interval) if row.alpha.interval else UNKNOWN
        )
        numbers = (_rounded(row.kappa.value), _rounded(row.fleiss.value), percent(row.equal, 1))
        counts = (row.items, len(row.annotators), len(row.disputed), row.edges)
        rows.append((name, _rounded(row.alpha.value), interval, *numbers, *counts))
    cli.print_table((*heads, "disputed", "at an edge"), rows)
    print(
        "Alpha is 1 where annotators always agree, and 0 where they agree no more than by chance. From "
        f"{RELIABLE} on labels are\nreliable, from {TENTATIVE} on they allow tentative conclusions (Krippendorff, "
        "Content Analysis, 2nd edition 2004, p. 241).\n"
        "With more than two annotators, kappa (Cohen) is the mean over the pairs where it is defined, each weighted by "
        "its\ncommon frames."
    )
    for resampled, drawn in DRAWN.items():
        of = [name for name, row in found.items() if row.resampled == resampled and row.alpha.interval]
        if of:
            print(f"Interval of {', '.join(of)}: {ROUNDS} draws of {drawn}.")
    cli.print_lines(*(f"{name}: {row.instead}" for name, row in found.items() if row.instead))
    for name, row in found.items():
        for reason, coefficients in row.missing.items():
            print(f"{name} ({', '.join(coefficients)}): {reason}")


def _rounded(value: float | None) -> str:
    return decimals(value, 3)


def _print_pairs(found: "AttributeAgreement") -> None:
    rows = [(f"{pair.first}, {pair.second}", _rounded(pair.kappa), pair.frames) for pair in found.pairs]
    print()
    cli.print_table(("pair", "kappa", "common frames"), rows)
    if len(found.pairs) > 1:
        print()
        means = [(name, _rounded(kappa)) for name, kappa in found.with_others.items()]
        cli.print_table(("annotator", "kappa with the others"), means)


@app.command()
def disputes(ctx: typer.Context, attribute: cli.AttributeName = None, as_json: cli.Json = False) -> None:
    """List frames on which annotators disagree."""
    from core.review import disputes as adjudication

    opened = cli.get_workspace(ctx)
    found = adjudication.disputes(opened, attribute)
    people = adjudication.annotator_columns(found)
    frames = cli.records(found[["name", "video", "index", "attribute", "edge"]])
    answers = cli.records(found[people])
    cli.print_json_if(as_json, [{**frame, "answers": a} for frame, a in zip(frames, answers, strict=True)])
    print(
        f"{count(len(found), 'label waits', 'labels wait')} for an adjudication, {int(found['edge'].sum()):,} of them at an edge."
    )
    found["words"] = [
        ", ".join(f"{name}={cli.WORDS[answer]}" for name, answer in row.items() if answer is not None)
        for row in answers
    ]
    found["kind"] = found["edge"].map({True: "edge", False: "real"})
    found = found.sort_values(["edge", "attribute"], kind="stable")
    _print_stretches(opened, found, {"attribute": "attribute", "kind": "kind", "words": "answers"})


@app.command()
def contradictions(ctx: typer.Context, as_json: cli.Json = False) -> None:
    """List frames with labels that break a rule."""
    from core.review.contradictions import contradictions as contradictions_of

    opened = cli.get_workspace(ctx)
    found = contradictions_of(opened)
    cli.print_json_if(as_json, found.to_dict("records"))
    print(f"Rules of the attributes are broken {count(len(found), 'time')}.")
    _print_stretches(opened, found, {"annotator": "labels of", "rule": "rule"})


def _print_stretches(
    opened: Workspace, table: "pd.DataFrame", heads: Mapping[str, str], where: str = "video"
) -> None:
    """Print a row per stretch of neighbouring frames with equal columns, those that have one of ``heads``."""
    from core.labels.frame_stretches import numbered, places

    columns, rows = list(heads), []
    for _, part in table.groupby(numbered(table, columns, places(opened))):
        first, last = part["index"].iloc[[0, -1]]
        frames = f"{first}" if first == last else f"{first} to {last}"
        rows.append((part["video"].iloc[0], frames, *cli.records(part.head(1)[columns])[0].values()))
    if rows:
        cli.print_table((where, "frames", *heads.values()), rows)


@labels.command()
def adjudicate(
    ctx: typer.Context,
    video: cli.VideoName,
    answer: Annotated[
        str, cli.argument("The decision; unset withdraws it.", metavar="ATTRIBUTE=true|false|unset")
    ],
    author: cli.Author,
    first: cli.First = 0,
    last: cli.Last = None,
) -> None:
    """Decide where annotators disagree."""
    from core.media.library import frame_table, get_video
    from core.review import disputes as adjudication
    from core.review.gold import check_instructor

    opened = cli.get_workspace(ctx)
    key = get_video(opened, video).key
    ((attribute, value),) = cli.read_answers([answer]).items()
    check_instructor(opened, author)
    end = int(frame_table(opened, key)["index"].max())
    if first > end:
        raise typer.BadParameter(f"--first must be a frame from 0 to {end} of {key}, not {first}")
    end = end if last is None else min(last, end)
    adjudication.adjudicate(opened, author, key, first, end, attribute, value)
    print(f"Adjudicated {key}, frames {first} to {end}: {attribute} is {cli.WORDS[value]}.")


@app.command()
def assign(
    ctx: typer.Context,
    videos: Annotated[cli.Names | None, cli.listed("Which videos. Default: a share of them.")] = None,
    share: Annotated[float, cli.share_option("The share of the videos.")] = 0.2,
    annotators: Annotated[cli.Names | None, cli.listed("Who labels them.")] = None,
    each: Annotated[int, cli.count("Annotators of each video.")] = 2,
    seed: cli.Seed = 0,
    show: Annotated[bool, cli.flag("Only list who is assigned and how far they are.", "--list")] = False,
    remove: Annotated[bool, cli.flag("Take assignments back; labels stay.")] = False,
    as_json: cli.Json = False,
) -> None:
    """Have videos labelled by several annotators.

    They do not see each other's labels, so that their agreement can be measured.
    """
    from core.labels import assignments
    from core.labels.assignments import overlap

    opened = cli.get_workspace(ctx)
    cli.only_one(list=show, remove=remove)
    if remove:
        if videos is None and annotators is None:
            raise typer.BadParameter("Say which assignments to remove with --videos, --annotators or both")
        removed = assignments.remove(opened, videos, annotators)
        if not as_json:
            print(f"Removed {count(removed, 'assignment')}. Labels stay.")
    elif not show:
        if not annotators:
            raise typer.BadParameter("Say who labels: --annotators Ann,Ben,Cem")
        assignments.assign(opened, videos or overlap(opened, share, seed=seed), annotators, each, seed)
    assigned = assignments.assigned(opened)
    columns = ["video", "annotator", "answered", "frames", "finished"]
    cli.print_json_if(as_json, assigned[columns].to_dict("records"))
    if assigned.empty:
        print("No video is assigned.")
    else:
        cli.print_records(assigned.to_dict("records"), columns[:4])


@gold.command("add")
def add_gold(
    ctx: typer.Context, video: cli.VideoName, first: FirstFrame, last: LastFrame, author: cli.Author
) -> None:
    """Make frames gold that were adjudicated, or answered by the instructor."""
    from core.review.gold import add_gold

    print(f"{add_gold(cli.get_workspace(ctx), author, video, first, last)} frames of {video} are gold now.")


@gold.command("remove")
def remove_gold(
    ctx: typer.Context, video: cli.VideoName, first: FirstFrame, last: LastFrame, author: cli.Author
) -> None:
    """Make frames ordinary again; they stay adjudicated."""
    from core.review.gold import remove_gold

    number = remove_gold(cli.get_workspace(ctx), author, video, first, last)
    print(f"{number:,} frames of {video} are no longer gold. They stay adjudicated.")


@gold.command("list")
def list_gold(ctx: typer.Context, as_json: cli.Json = False) -> None:
    """List the gold frames."""
    from core.review.gold import gold as gold_of

    opened = cli.get_workspace(ctx)
    found = gold_of(opened)
    cli.print_json_if(as_json, found.to_dict("records"))
    frames = found.groupby(["video", "index"], sort=False).ngroups
    print(f"Gold frames: {frames}, of {found['video'].nunique()} videos.")
    found = found.sort_values(["video", "attribute"], kind="stable")
    _print_stretches(opened, found, {"attribute": "attribute", "value": "answer", "author": "by"})


@app.command()
def coaching(
    ctx: typer.Context,
    annotator: Annotated[str | None, cli.name("Only this annotator, with the missed frames.")] = None,
    as_json: cli.Json = False,
) -> None:
    """Compare annotators with the gold frames."""
    from core.labels.labels import check_has_labelled
    from core.review.gold import gold_scores

    opened = cli.get_workspace(ctx)
    if annotator is not None:
        check_has_labelled(opened, annotator)
    found = gold_scores(opened, annotator)
    cli.print_json_if(as_json, found.to_json())
    if not found.scores:
        print("Nothing to compare: no annotator has answered a gold frame yet.")
        return
    heads = ("annotator", "attribute", "right", "answered", "gold frames", "videos")
    keys = ("annotator", "attribute", "right", "answered", "gold", "videos")
    cli.print_records([vars(score) for score in found.scores], keys, heads)
    if annotator and len(found.missed):
        print()
        columns = {"attribute": "attribute", "answer": "answer", "right": "right answer"}
        _print_stretches(opened, found.missed, columns, where="missed in")

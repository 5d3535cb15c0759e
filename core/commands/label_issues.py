"""Commands that train several runs to check something: the labels, or the accuracy of a random split."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.commands import cli
from core.text import decimals, percent
from core.workspace import Workspace

if TYPE_CHECKING:
    from core.assist.label_issues import LabelIssues
    from core.jobs.series import Kind, Plan, Series

Options = dict[str, Any]

SHOWN = 20
"""Label issues that are printed; JSON has all."""

app = typer.Typer()

Again = Annotated[bool, cli.flag("Train again, even if there is a result already.")]


@app.command()
def suspects(
    ctx: typer.Context,
    attribute: cli.AttributeName = None,
    top: Annotated[int | None, cli.count(f"List this many. Default: {SHOWN}; JSON: all.")] = None,
    folds: Annotated[
        int | None, cli.count("Number of networks. Default: 5, or one per video.", metavar="K")
    ] = None,
    network: cli.NetworkName = None,
    epochs: cli.Epochs = None,
    minutes: cli.Minutes = None,
    seed: cli.RunSeed = None,
    again: Again = False,
    on: cli.On = None,
    detach: cli.Detach = False,
    as_json: cli.Json = False,
) -> None:
    """List labels that are probably wrong.

    Trains networks that judge the labels of videos that they have not seen, unless that was done already. --epochs
    and --minutes are for each network.
    """
    from core.assist.label_issues import find_issues
    from core.labels.annotator_labels import check_attribute

    opened = cli.get_workspace(ctx)
    names = check_attribute(opened, attribute)
    wanted = {"network": network, "epochs": epochs, "minutes": minutes, "seed": seed}
    series = _series(opened, "folds", again, detach, wanted, folds, on)
    with cli.progress_bar("Checking", "networks") as progress:
        found = find_issues(opened, series, names, progress)
    if found.changed:
        print(f"{found.changed} labels changed after the networks were trained and are left out. “--again” checks them "
              "too.", file=sys.stderr)  # fmt: skip
    cli.print_json_if(as_json, found.to_json(top))
    _print_issues(found, series, names, top or SHOWN)


def _print_issues(found: "LabelIssues", series: "Series", names: Sequence[str], top: int) -> None:
    from core.assist.label_issues import caution, unchecked

    videos = found.table["video"].nunique()
    print(
        f"{len(series.runs)} networks judged the labels of videos that they had not seen, {videos:,} in all."
    )
    counts = found.counts()
    table = [(name, *counts[name]) for name in names if name in counts]
    cli.print_table(("attribute", "labels", "issues"), table)
    unlearned = found.unlearned()
    cli.print_lines(caution([name for name in names if name in unlearned]), unchecked(series, names))
    if found.accepted:
        print(f"{found.accepted:,} labels were reviewed and accepted; they are not listed again.")
    print()
    shown = found.table.head(top)[["frame", "attribute", "label", "probability", "score", "instead"]]
    rows = [(*row[:3], percent(row[3], 1), f"{row[4]:.3f}", row[5]) for row in shown.to_numpy(object)]
    heads = ("frame", "attribute", "label", "true", "score", "instead")
    width = len(heads) - (not found.table["instead"].any())  # only of classes another one is named
    cli.print_table(heads[:width], [row[:width] for row in rows])


@app.command()
def gap(
    ctx: typer.Context,
    network: cli.NetworkName = None,
    epochs: cli.Epochs = None,
    minutes: cli.Minutes = None,
    seed: cli.RunSeed = None,
    again: Again = False,
    on: cli.On = None,
    detach: cli.Detach = False,
    as_json: cli.Json = False,
) -> None:
    """Measure how much a random split flatters a network.

    Compares its accuracy with that on unseen videos. Trains a network for each, unless that was done already.
    """
    from core.assist.split_gap import measure_gap

    wanted = {"network": network, "epochs": epochs, "minutes": minutes, "seed": seed}
    found = measure_gap(_series(cli.get_workspace(ctx), "gap", again, detach, wanted, on=on))
    cli.print_json_if(as_json, asdict(found))
    keys = ("random", "random_baseline", "video", "video_baseline", "gap")
    rows = []
    for name, row in found.attributes.items():
        rows.append((name, *(decimals(100 * getattr(row, key), 1) for key in keys)))
    cli.print_table(("accuracy in %", "random", "baseline", "by video", "baseline", "gap"), rows)
    cli.print_lines(found.sentence, found.note)
    for side in (found.random, found.video):
        share = f"{side.meter:.1f} % of the test frames"
        print(f"Split by {side.split}: {share} have near-duplicates in training.")


def _series(
    opened: Workspace,
    kind: "Kind",
    again: bool,
    detach: bool,
    wanted: Options,
    folds: int | None = None,
    on: str | None = None,
) -> "Series":
    """Return the newest series of that kind, or train one where there is none or another is asked for; detached, end here."""
    from core.assist import label_issues, split_gap
    from core.jobs import series

    where = cli.cluster(on)

    def plan() -> "Plan":
        settings = cli.train_settings(opened, **wanted)
        if kind == "gap":
            return split_gap.plan(opened, settings)
        return label_issues.plan(opened, settings, folds)

    if detach:
        print(series.start(opened, kind, plan(), on=where).id)
        raise typer.Exit
    newest = next(iter(series.find(opened, kind)), None)
    if newest and newest.is_going:
        raise typer.BadParameter(
            f"{newest.id} is still training, {percent(newest.share)} done. Try again when it has finished"
        )
    finished = series.finished(opened, kind)
    if finished and not again:
        config = finished.runs[0].config
        trained = config.to_json() | {"epochs": config.recipe.epochs, "folds": finished.of}
        asked = wanted | {"folds": folds}
        if all(value is None or value == trained[name] for name, value in asked.items()):
            return finished
    with cli.progress_bar("Training", "steps") as progress:
        if where:
            return series.wait(series.start(opened, kind, plan(), on=where), progress)
        return series.train(opened, kind, plan(), progress)

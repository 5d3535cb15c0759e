"""Commands that test runs, one or two on the same frames, and that write the report about a run."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.commands import cli
from core.text import between, count, percent, points

if TYPE_CHECKING:
    from core.report.trust import Trust
    from core.runs.results import AttributeResult, ClassesResult, TestResult
    from core.runs.run import Run

SHOWN = 20
"""Frames that changed sides that are printed; JSON has all."""

app = typer.Typer()


@app.command()
def test(
    ctx: typer.Context,
    name: cli.RunName,
    other: Annotated[str | None, cli.run_argument("Compare with this run.", metavar="RUN_B")] = None,
    current_labels: Annotated[bool, cli.flag("Use today's labels and store nothing.")] = False,
    engine: cli.Engine = "keras",
    as_json: cli.Json = False,
) -> None:
    """Measure the accuracy of a run, or compare two runs.

    Both are measured on the test frames; two runs on those that they share. Only what Keras decides is stored.
    """
    from core.evaluation import evaluate
    from core.export import engines

    cli.only_one(current_labels=current_labels, engine=engine != "keras")
    if other and engine != "keras":
        raise typer.BadParameter("--engine is for one run: two are compared as Keras runs them")
    run = cli.get_run(ctx, name)
    if other:
        _compare(run, cli.get_run(ctx, other), current_labels, as_json)
        return
    if engine != "keras" and (forward := engines.forward_with(run, engine)):
        with cli.progress_bar("Testing", "frames") as progress:
            result = evaluate.measure_with(run, forward, progress)
    elif not current_labels or run.test is None:
        with cli.progress_bar("Testing", "frames") as progress:
            result = evaluate.test(run, progress=progress)
    if current_labels:
        result = evaluate.measure(run, current_labels=True)
    from core.evaluation.verdict import headlines_as_json
    from core.report.trust import by_origin

    trusts = by_origin(run, result)
    found = {"verdicts": headlines_as_json(result), "trust": [trust.to_json() for trust in trusts]}
    cli.print_json_if(as_json, result.to_json() | found)
    _print(run, result, trusts)


def _print(run: "Run", result: "TestResult", trusts: "Sequence[Trust]") -> None:
    from core.evaluation.evaluate import no_interval
    from core.evaluation.verdict import TITLES
    from core.labels import provenance
    from core.runs.run_parts import groups
    from core.splits.leaks import sentence

    tested = groups(run, result.videos)
    print(f"{result.run}: {result.frames:,} test frames of {tested}, split by {result.split}.")
    cli.print_lines(sentence(run.leak))
    if result.labels == "current":
        print(f"With today's labels; {result.changed_labels:,} of them differ from those of the run.")
    _print_verdicts(result, trusts)
    for group in result.groups:
        if len(result.groups) > 1:
            print(f"{TITLES[group.origin]}:")
        if group.classes:
            _print_classes(group.classes)
        else:
            _print_attributes(group.attributes)
    cli.print_lines(no_interval(result))
    if result.exact_match is not None:
        right, frames = percent(result.exact_match, 1), result.exact_match_frames
        print(f"Everything right: {right} of the {frames:,} frames with all labels.")
    names = run.frames.loc[run.frames["part"] == "test", "name"]
    cli.print_lines(*_notes(result), provenance.sentence(provenance.suggested(run.workspace, names)))


def _notes(result: "TestResult") -> list[str]:
    """Return how well the annotators are met, and what changed after training, a sentence each."""
    from core.evaluation import thresholds
    from core.labels.labels import DRAWN

    notes = [
        f"It agrees with {'the labels drawn by SeamLens' if name == DRAWN else name} in {percent(row.agreement, 1)} of {row.labels:,} labels of {row.frames:,} frames."
        for name, row in result.annotators.items()
    ]
    if result.changed_labels and result.labels == "run":
        changed = f"{result.changed_labels:,} of these labels"
        notes.append(f"{changed} changed after training; see “--current-labels”.")
    if result.relabelled_since:
        notes.append(f"Test frames relabelled after mistakes could be seen: {result.relabelled_since:,}.")
    if result.threshold_changes:
        notes.append(thresholds.sentence(result.threshold_changes))
    return notes


def _print_verdicts(result: "TestResult", trusts: "Sequence[Trust]") -> None:
    """Print in words how much better than guessing the run is, and how far that can be trusted; of own seams and of practice
    videos apart.
    """
    from core.evaluation.verdict import headlines

    for headline, trust in zip(headlines(result), trusts, strict=True):
        print(f"{headline.title} ({count(headline.frames, 'frame')}): {headline.sentence}")
        print(trust.sentence)
        cli.print_lines(*(f"{each.sentence} {trust.limited(each.of)}".strip() for each in headline.verdicts))


def _print_attributes(attributes: "Mapping[str, AttributeResult]") -> None:
    from core.evaluation.metrics import metrics_of

    accuracy, *others = metrics_of("attribute")
    rows = []
    for name, row in attributes.items():
        numbers = [metric.shown(row.metrics.get(metric.name)) for metric in others]
        share = accuracy.shown(row.accuracy, "no labels")
        rows.append((name, share, between(row.interval), *numbers, row.frames, row.positives))
    heads = (accuracy.label, "95 % interval", *(metric.label for metric in others))
    cli.print_table(("attribute", *heads, "frames", "positives"), rows)


def _print_classes(classes: "ClassesResult") -> None:
    """Print the metrics over all classes, and a row per labelled class: its metrics, and as what it was decided."""
    from core.evaluation.metrics import metrics_of

    whole = [f"{m.label} {m.shown(classes.metrics.get(m.name), 'no labels')}" for m in metrics_of("classes")]
    baseline = f"The baseline always decides {classes.most_frequent}, the most frequent class."
    print(f"{'; '.join(whole)}. {baseline}")
    if classes.interval:
        print(f"95 % interval of the accuracy: {between(classes.interval)}.")
    each = metrics_of("class")
    rows = []
    for name, counts in classes.confusion.items():
        shown = [metric.shown(classes.per_class[metric.name][name]) for metric in each]
        rows.append((name, *shown, *counts.values()))
    heads = (*(metric.label for metric in each), *(f"as {name}" for name in classes.confusion))
    cli.print_table(("labelled", *heads), rows)


def _compare(first: "Run", second: "Run", current_labels: bool, as_json: bool) -> None:
    from core.evaluation.compare_predictions import compare_predictions
    from core.evaluation.intervals import none_of
    from core.splits.leaks import sentence

    share = partial(percent, digits=1, unknown="no labels")
    with cli.progress_bar("Testing", "frames") as progress:
        found = compare_predictions(first, second, progress, current_labels)
    cli.print_json_if(as_json, found.to_json())
    print(f"First {found.first}, second {found.second}. {found.sentence()}")
    for run in (first, second):
        if warning := sentence(run.leak):
            print(f"{run.id}: {warning}")
    rows = [
        (name, share(pair.first), share(pair.second), points(pair.difference),
         between(pair.interval, signed=True), pair.gained, pair.lost, pair.meaning)
        for name, pair in found.attributes.items()
    ]  # fmt: skip
    heads = ("attribute", "first", "second", "difference", "95 % interval", "gained", "lost", "")
    cli.print_table(heads, rows)
    cli.print_lines(none_of({name: pair.videos for name, pair in found.attributes.items()}))
    for row in found.changed.head(SHOWN).itertuples():
        decided = f"first {row.first}, second {row.second}"
        print(f"{row.side}: {row.name}, {row.attribute} labelled {row.label}, {decided}")


@app.command()
def report(
    ctx: typer.Context,
    name: cli.RunName,
    out: Annotated[Path, cli.file("The file to write, such as report.html.")],
) -> None:
    """Write a report about a run as one HTML file."""
    from core.report.html_report import write_report

    write_report(cli.get_run(ctx, name), out)
    print(out)

"""Commands that test runs, one or two on the same frames, and that write the report about a run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.commands import cli
from core.text import between, percent, points

if TYPE_CHECKING:
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
    as_json: cli.Json = False,
) -> None:
    """Measure the accuracy of a run, or compare two runs.

    Both are measured on the test frames; two runs on those that they share.
    """
    from core.evaluation import evaluate

    run = cli.get_run(ctx, name)
    if other:
        _compare(run, cli.get_run(ctx, other), as_json)
        return
    if not current_labels or run.test is None:
        with cli.progress_bar("Testing", "frames") as progress:
            result = evaluate.test(run, progress=progress)
    if current_labels:
        result = evaluate.measure(run, current_labels=True)
    if as_json:
        cli.exit_with_json(result.to_json())
    _print(run, result.to_json())


def _print(run: "Run", found: dict[str, Any]) -> None:
    from core.evaluation.evaluate import no_interval
    from core.labels import provenance
    from core.runs.describe import groups
    from core.splits.leaks import sentence

    tested = groups(run, found["videos"])
    print(f"{found['run']}: {found['frames']} test frames of {tested}, split by {found['split']}.")
    if warning := sentence(run.leak):
        print(warning)
    if found["labels"] == "current":
        print(f"With today's labels; {found['changed_labels']:,} of them differ from those of the run.")
    if "confusion" in found:
        _print_classes(found)
    else:
        _print_attributes(found)
    if why := no_interval(found):
        print(why)
    if found["exact_match"] is not None:
        right, frames = percent(found["exact_match"], 1), found["exact_match_frames"]
        print(f"Everything right: {right} of the {frames:,} frames with all labels.")
    for line in _notes(found):
        print(line)
    names = run.frames.loc[run.frames["part"] == "test", "name"]
    print(provenance.sentence(provenance.suggested(run.workspace, names)))


def _notes(found: dict[str, Any]) -> list[str]:
    """Return how well the annotators are met, and what changed after training, a sentence each."""
    from core.evaluation import thresholds

    notes = [
        f"It agrees with {name} in {percent(row['agreement'], 1)} of {row['labels']:,} labels of {row['frames']:,} frames."
        for name, row in found["annotators"].items()
    ]
    if found["changed_labels"] and found["labels"] == "run":
        notes.append(
            f"{found['changed_labels']:,} of these labels changed after training; see “--current-labels”."
        )
    if found["relabelled_since"]:
        notes.append(f"Test frames relabelled after mistakes could be seen: {found['relabelled_since']:,}.")
    if found["threshold_changes"]:
        notes.append(thresholds.sentence(found["threshold_changes"]))
    return notes


def _print_attributes(found: dict[str, Any]) -> None:
    shares = ("balanced_accuracy", "precision", "recall", "f1", "average_precision")
    rows = []
    for name, row in found["attributes"].items():
        accuracy = (_share(row["accuracy"]), between(row["interval"]), _share(row["baseline"]))
        numbers = [percent(row[share], 1) for share in shares]
        rows.append((name, *accuracy, *numbers, row["frames"], row["positives"]))
    heads = ("accuracy", "95 % interval", "baseline", "balanced", "precision", "recall", "F1", "AP", "frames")
    cli.print_table(("attribute", *heads, "positives"), rows)


def _print_classes(found: dict[str, Any]) -> None:
    """Print the accuracy over all classes, and a row per labelled class: its recall, and as what it was decided."""
    interval = f" (95 % interval {between(found['interval'])})" if found["interval"] else ""
    print(
        f"Accuracy {_share(found['accuracy'])}{interval}; always {found['most_frequent']}, the most frequent class: "
        f"{_share(found['baseline'])}.\n"
        f"Balanced accuracy, the mean recall: {_share(found['balanced_accuracy'])}; macro F1 {_share(found['macro_f1'])}."
    )
    counts, shares = found["confusion"], ("recall", "precision", "f1", "average_precision")
    rows = [
        (name, *(percent(found[share][name], 1) for share in shares), *row.values())
        for name, row in counts.items()
    ]
    cli.print_table(("labelled", "recall", "precision", "F1", "AP", *(f"as {name}" for name in counts)), rows)


def _share(share: float | None) -> str:
    return percent(share, 1, unknown="no labels")


def _compare(first: "Run", second: "Run", as_json: bool) -> None:
    from core.evaluation.compare_predictions import compare
    from core.evaluation.intervals import none_of
    from core.splits.leaks import sentence

    with cli.progress_bar("Testing", "frames") as progress:
        found = compare(first, second, progress)
    if as_json:
        cli.exit_with_json(found.to_json())
    print(f"First {found.first}, second {found.second}. {found.sentence()}")
    for run in (first, second):
        if warning := sentence(run.leak):
            print(f"{run.id}: {warning}")
    rows = [
        (name, _share(pair.first), _share(pair.second), points(pair.difference),
         between(pair.interval, signed=True), pair.gained, pair.lost, pair.meaning)
        for name, pair in found.attributes.items()
    ]  # fmt: skip
    heads = ("attribute", "first", "second", "difference", "95 % interval", "gained", "lost", "")
    cli.print_table(heads, rows)
    if why := none_of({name: pair.videos for name, pair in found.attributes.items()}):
        print(why)
    for row in found.changed.head(SHOWN).itertuples():
        print(
            f"{row.side}: {row.name}, {row.attribute} labelled {row.label}, first {row.first}, second {row.second}"
        )


@app.command()
def report(
    ctx: typer.Context,
    name: cli.RunName,
    out: Annotated[Path, cli.file("The file to write, such as report.html.")],
) -> None:
    """Write a report about a run as one HTML file."""
    from core.report.page import write

    write(cli.get_run(ctx, name), out)
    print(out)

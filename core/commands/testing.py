"""Commands that test runs: one, or two on the same frames; and the report about a run."""

import argparse
from pathlib import Path

from core import workspace
from core.commands.options import add_json, print_json, print_table, progress_bar
from core.evaluation import thresholds
from core.evaluation.evaluate import no_interval
from core.evaluation.intervals import none_of
from core.evaluation.metrics import metrics_of
from core.runs import describe
from core.runs import registry as runs
from core.runs.results import ClassesResult, TestResult
from core.runs.run import Run
from core.splits.leaks import sentence
from core.text import between, percent, points

SHOWN = 20
"""Frames that changed sides that are printed; JSON has all."""


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands of this module to the parser."""
    command = commands.add_parser("test", help="accuracy on the test part, of a run or of two side by side")
    command.add_argument("id", metavar="RUN", help="the name of a run, or latest")
    command.add_argument(
        "other", metavar="RUN_B", nargs="?", help="compare it with this one, on the same frames"
    )
    command.add_argument("--current-labels", action="store_true", help="measure against the labels as they are now; "
                         "nothing is stored")  # fmt: skip
    add_json(command)
    command.set_defaults(run=test)

    command = commands.add_parser("report", help="write all that is known of a run as one HTML file")
    command.add_argument("id", metavar="RUN", help="the name of a run, or latest")
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help="such as report.html")
    command.set_defaults(run=report)


def test(choice: argparse.Namespace) -> None:
    """Print the accuracy per attribute beside the baseline, or compare two runs."""
    from core.evaluation import evaluate

    opened = workspace.open_workspace(choice.workspace)
    run = runs.get_run(opened, choice.id)
    if choice.other:
        _compare(choice, run, runs.get_run(opened, choice.other))
        return
    if not choice.current_labels or run.test is None:
        with progress_bar("Testing", "frames") as progress:
            result = evaluate.test(run, progress=progress)
    if choice.current_labels:
        result = evaluate.measure(run, current_labels=True)
    if choice.json:
        print_json(result.to_json())
    else:
        _print(run, result)


def _print(run: Run, result: TestResult) -> None:
    from core.labels import provenance

    print(
        f"{result.run}: {result.frames} test frames of {describe.groups(run, result.videos)}, split by {result.split}."
    )
    if warning := sentence(run.leak):
        print(warning)
    if result.labels == "current":
        print(f"With the current labels: {result.changed_labels:,} of them differ from those of the run.")
    if result.classes:
        _print_classes(result.classes)
    else:
        _print_attributes(result)
    if why := no_interval(result):
        print(why)
    if result.exact_match is not None:
        print(
            f"Everything right: {percent(result.exact_match, 1)} of the {result.exact_match_frames:,} fully labelled frames."
        )
    for line in notes(result):
        print(line)
    tested = run.frames.loc[run.frames["part"] == "test", "name"]
    print(provenance.sentence(provenance.suggested(run.workspace, tested)))


def notes(result: TestResult) -> list[str]:
    """Return what else to know of a test, a sentence each: the annotators, and what was changed since."""
    lines = [
        f"It agrees with {name} in {percent(row.agreement, 1)} of {row.labels:,} labels of {row.frames:,} frames."
        for name, row in result.annotators.items()
    ]
    if result.changed_labels and result.labels == "run":
        lines.append(f"{result.changed_labels:,} labels of these frames have changed since the run was made; see "
                     "“--current-labels”.")  # fmt: skip
    if result.relabelled_since:
        lines.append(
            f"Test frames relabelled after a network's mistakes could be seen: {result.relabelled_since:,}."
        )
    if result.threshold_changes:
        lines.append(thresholds.sentence(result.threshold_changes))
    return lines


def _print_attributes(result: TestResult) -> None:
    accuracy, *others = metrics_of("attribute")
    rows = [
        (
            name,
            accuracy.shown(row.accuracy, "no labels"),
            between(row.interval),
            *(metric.shown(row.metrics.get(metric.name)) for metric in others),
            row.frames,
            row.positives,
        )
        for name, row in result.attributes.items()
    ]
    heads = ("attribute", accuracy.label, "95 % interval", *(metric.label for metric in others))
    print_table((*heads, "frames", "positives"), rows)


def _print_classes(classes: ClassesResult) -> None:
    """Print the metrics over all classes, and a row per labelled class: its metrics, and what it was decided to be."""
    values = [
        f"{metric.label} {metric.shown(classes.metrics.get(metric.name), 'no labels')}"
        for metric in metrics_of("classes")
    ]
    print(
        f"{'; '.join(values)}. Baseline: always {classes.most_frequent}, the most frequent class.{_interval(classes)}"
    )
    columns = metrics_of("class")
    rows = [
        (name, *(metric.shown(classes.per_class[metric.name][name]) for metric in columns), *counts.values())
        for name, counts in classes.confusion.items()
    ]
    print_table(
        ("labelled", *(metric.label for metric in columns), *(f"as {name}" for name in classes.confusion)),
        rows,
    )


def _interval(classes: ClassesResult) -> str:
    return f" 95 % interval of the accuracy: {between(classes.interval)}." if classes.interval else ""


def _share(share: float | None) -> str:
    return percent(share, 1, unknown="no labels")


def _compare(choice: argparse.Namespace, first: Run, second: Run) -> None:
    from core.evaluation import compare_predictions

    with progress_bar("Testing", "frames") as progress:
        found = compare_predictions.compare(first, second, progress, choice.current_labels)
    if choice.json:
        print_json(found.to_json())
        return
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
    print_table(heads, rows)
    if why := none_of({name: pair.videos for name, pair in found.attributes.items()}):
        print(why)
    for row in found.changed.head(SHOWN).itertuples():
        print(
            f"{row.side}: {row.name}, {row.attribute} labelled {row.label}, first {row.first}, second {row.second}"
        )


def report(choice: argparse.Namespace) -> None:
    """Write the report about a run."""
    from core.report import page

    run = runs.get_run(workspace.open_workspace(choice.workspace), choice.id)
    page.write(run, choice.out)
    print(choice.out)

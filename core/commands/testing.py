"""Commands that test runs: one, or two on the same frames; and the report about a run."""

import argparse
from pathlib import Path
from typing import Any

from core import workspace
from core.commands.options import add_json, print_json, print_table, progress_bar
from core.evaluation import thresholds
from core.evaluation.evaluate import no_interval
from core.evaluation.intervals import none_of
from core.runs import describe
from core.runs import registry as runs
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
    command.add_argument("--current-labels", action="store_true", help="what the numbers would be with the labels of now; "
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
        _print(run, result.to_json())


def _print(run: Run, found: dict[str, Any]) -> None:
    from core.labels import provenance

    print(
        f"{found['run']}: {found['frames']} test frames of {describe.groups(run, found['videos'])}, split by {found['split']}."
    )
    if warning := sentence(run.leak):
        print(warning)
    if found["labels"] == "current":
        print(f"With the labels of now: {found['changed_labels']:,} are others than in the run.")
    if "confusion" in found:
        _print_classes(found)
    else:
        _print_attributes(found)
    if why := no_interval(found):
        print(why)
    if found["exact_match"] is not None:
        print(f"Everything right: {percent(found['exact_match'], 1)} of the {found['exact_match_frames']:,} frames on which "
              "everything is labelled.")  # fmt: skip
    for line in notes(found):
        print(line)
    tested = run.frames.loc[run.frames["part"] == "test", "name"]
    print(provenance.sentence(provenance.suggested(run.workspace, tested)))


def notes(found: dict[str, Any]) -> list[str]:
    """Return what else to know of a test, a sentence each: the annotators, and what was changed since."""
    said = [
        f"It agrees with {name} in {percent(row['agreement'], 1)} of {row['labels']:,} labels of {row['frames']:,} frames."
        for name, row in found["annotators"].items()
    ]
    if found["changed_labels"] and found["labels"] == "run":
        said.append(f"{found['changed_labels']:,} labels of these frames have changed since the run was made; see "
                    "“--current-labels”.")  # fmt: skip
    if found["relabelled_since"]:
        said.append(
            f"Test frames relabelled after a network's mistakes could be seen: {found['relabelled_since']:,}."
        )
    if found["threshold_changes"]:
        said.append(thresholds.sentence(found["threshold_changes"]))
    return said


def _print_attributes(found: dict[str, Any]) -> None:
    rows = [
        (
            name,
            _share(row["accuracy"]),
            between(row["interval"]),
            _share(row["baseline"]),
            *(percent(row[key], 1) for key in ("balanced_accuracy", "precision", "recall", "f1", "average_precision")),
            row["frames"],
            row["positives"],
        )
        for name, row in found["attributes"].items()
    ]  # fmt: skip
    heads = (
        "attribute",
        "accuracy",
        "95 % interval",
        "baseline",
        "balanced",
        "precision",
        "recall",
        "F1",
        "AP",
    )
    print_table((*heads, "frames", "positives"), rows)


def _print_classes(found: dict[str, Any]) -> None:
    """Print the accuracy over all, and a row per labelled class: how well it was found, and what it was taken for."""
    interval = f" (95 % interval {between(found['interval'])})" if found["interval"] else ""
    print(
        f"Accuracy {_share(found['accuracy'])}{interval}; always {found['most_frequent']}, the most frequent class: "
        f"{_share(found['baseline'])}."
    )
    print(
        f"Balanced accuracy, the mean of the shares found: {_share(found['balanced_accuracy'])}; "
        f"macro F1 {_share(found['macro_f1'])}."
    )
    taken, shares = found["confusion"], ("recall", "precision", "f1", "average_precision")
    rows = [
        (name, *(percent(found[share][name], 1) for share in shares), *counts.values())
        for name, counts in taken.items()
    ]
    print_table(("labelled", "found", "precision", "F1", "AP", *(f"as {name}" for name in taken)), rows)


def _share(share: float | None) -> str:
    return percent(share, 1, unknown="no labels")


def _compare(choice: argparse.Namespace, first: Run, second: Run) -> None:
    from core.evaluation import compare_predictions

    with progress_bar("Testing", "frames") as progress:
        found = compare_predictions.compare(first, second, progress)
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

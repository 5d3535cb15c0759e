"""Commands that train several runs to doubt something: the labels, or what a random split claims."""

import argparse
import sys
from collections.abc import Callable, Sequence

from core import workspace
from core.assist import label_errors
from core.assist import split_gap as gaps
from core.commands.options import (
    add_json,
    over_zero,
    positive,
    print_json,
    print_table,
    progress_bar,
    seed,
)
from core.errors import RunError
from core.jobs import series
from core.jobs.series import Kind, Plan, Series
from core.labels.answers import check_attribute
from core.networks.registry import DEFAULT_NETWORK
from core.runs.settings import TrainSettings
from core.text import percent
from core.workspace import Workspace

SHOWN = 20
"""Suspect labels that are printed; JSON has all."""


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands of this module to the parser."""
    command = commands.add_parser(
        "suspects", help="list labels that networks doubt which have not learned from them"
    )
    command.add_argument("--attribute", metavar="A", help="only this one")
    command.add_argument(
        "--top", type=positive, metavar="N", help=f"how many (default: {SHOWN}; JSON: all labels, ranked)"
    )
    command.add_argument("--folds", type=positive, metavar="K", help="networks, each of which tests a part of the videos "
                         f"(default: {label_errors.FOLDS}, or as many as there are videos)")  # fmt: skip
    _add_training(command)
    command.set_defaults(run=show_suspects)

    command = commands.add_parser("gap", help="what a random split would have claimed, beside unseen videos")
    _add_training(command)
    command.set_defaults(run=show_gap)


def _add_training(command: argparse.ArgumentParser) -> None:
    command.add_argument("--network", help=f"default: {DEFAULT_NETWORK}")
    command.add_argument("--epochs", type=positive, help="of each run (default: the network's own)")
    command.add_argument("--minutes", type=over_zero, help="a time budget of each run")
    command.add_argument("--seed", type=seed, help="of each run (default: 0)")
    command.add_argument(
        "--again", action="store_true", help="train anew, also where the last answer is at hand"
    )
    command.add_argument("--detach", action="store_true", help="train in the background and return at once")
    add_json(command)


def show_suspects(choice: argparse.Namespace) -> None:
    """Print the most suspect labels; train for it where that was not done yet."""
    opened = workspace.open_workspace(choice.workspace)
    attributes = check_attribute(opened, choice.attribute)
    made = _series(
        opened, "folds", choice, lambda: label_errors.plan(opened, _settings(choice), choice.folds)
    )
    if choice.detach:
        print(made.id)
        return
    with progress_bar("Asking", "networks") as progress:
        found = label_errors.suspects(opened, made, attributes, progress)
    if found.changed:
        print(f"{found.changed} labels have changed since the networks were trained, and are left out; “--again” "
              "looks anew.", file=sys.stderr)  # fmt: skip
    if choice.json:
        print_json(found.to_json(choice.top))
        return
    _print_suspects(found, made, attributes, choice.top or SHOWN)


def _print_suspects(found: label_errors.Suspects, made: Series, attributes: Sequence[str], top: int) -> None:
    videos = found.table["video"].nunique()
    print(f"{len(made.runs)} networks judged the labels of videos that they had not seen, {videos} in all.")
    counts = found.counts()
    rows: list[tuple[object, ...]] = [(name, *counts[name].values()) for name in attributes if name in counts]
    print_table(("attribute", "labels", "suspect"), rows)
    if unlearned := found.unlearned():
        print(label_errors.caution([name for name in attributes if name in unlearned]))
    if unmet := label_errors.unmet(made, attributes):
        print(unmet)
    if found.accepted:
        print(f"{found.accepted} labels were looked at and accepted; they are not asked about again.")
    print()
    rows = [
        (
            one["frame"],
            one["attribute"],
            str(one["label"]).lower(),
            percent(one["probability"], 1),
            f"{one['score']:.3f}",
            one["instead"],
        )
        for one in found.table.head(top).to_dict("records")
    ]
    heads = ("frame", "attribute", "label", "true", "score", "instead")
    width = len(heads) - (not found.table["instead"].any())  # only of classes another one is named
    print_table(heads[:width], [row[:width] for row in rows])


def show_gap(choice: argparse.Namespace) -> None:
    """Print both accuracies per attribute; train for it where that was not done yet."""
    opened = workspace.open_workspace(choice.workspace)
    made = _series(opened, "gap", choice, lambda: gaps.plan(opened, _settings(choice)))
    if choice.detach:
        print(made.id)
        return
    found = gaps.gap(made).to_json()
    if choice.json:
        print_json(found)
        return
    heads = ("random", "random_baseline", "video", "video_baseline", "gap")
    rows = [
        (name, *(f"{100 * row[head]:.1f}" for head in heads)) for name, row in found["attributes"].items()
    ]
    print_table(("accuracy in %", "random", "baseline", "by video", "baseline", "gap"), rows)
    print(found["sentence"])
    if found["note"]:
        print(found["note"])
    for how in ("random", "video"):
        print(f"Split by {how}: {found[how]['meter']:.1f} % of the test frames have a twin in training.")


def _series(opened: Workspace, kind: Kind, choice: argparse.Namespace, plan: Callable[[], Plan]) -> Series:
    """Return the newest series of that kind, or train one where there is none or another is asked for."""
    if choice.detach:
        return series.start(opened, kind, plan())
    newest = next(iter(series.find(opened, kind)), None)
    if newest and newest.is_going:
        raise RunError(
            "no such training under way",
            f"{newest.id}, {percent(newest.share)} done",
            "Ask again when it has ended.",
        )
    there = series.finished(opened, kind)
    if there and not choice.again and _is_asked_for(there, choice):
        return there
    with progress_bar("Training", "steps") as progress:
        return series.train(opened, kind, plan(), progress)


def _is_asked_for(there: Series, choice: argparse.Namespace) -> bool:
    """Return whether a series was trained as the options say, where they say anything."""
    config = there.runs[0].config
    asked = (choice.network, choice.epochs, choice.minutes, choice.seed, getattr(choice, "folds", None))
    was = (config.network, config.recipe.epochs, config.minutes, config.seed, there.of)
    return all(a is None or a == w for a, w in zip(asked, was, strict=True))


def _settings(choice: argparse.Namespace) -> TrainSettings:
    network = choice.network or DEFAULT_NETWORK
    return TrainSettings(network, choice.epochs, choice.minutes, choice.seed or 0)

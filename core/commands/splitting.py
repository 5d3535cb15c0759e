"""Commands about the split and what leaks in it."""

import argparse
from pathlib import Path
from typing import Any

import pandas as pd

from core import workspace
from core.commands.options import add_json, positive, print_json, print_table, seed
from core.errors import SplitError
from core.labels import labels
from core.splits import split as splits
from core.splits.leaks import Leaks
from core.splits.leaks import leaks as look_for_leaks
from core.splits.shortages import shortages
from core.splits.split import make_split
from core.workspace import Workspace

SHOWN = 10
"""Pairs of twins that are printed; JSON has all."""


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands of this module to the parser."""
    command = commands.add_parser("split", help="decide which frames train, validate and test")
    way = command.add_mutually_exclusive_group()
    way.add_argument("--by", choices=splits.BYS, default="video", help="default: video")
    way.add_argument(
        "--from", dest="table", type=Path, metavar="FILE", help="a table with the columns name,part"
    )
    way.add_argument(
        "--extend", action="store_true", help="give new videos to the parts of the split; nothing moves"
    )
    way.add_argument(
        "--folds", type=positive, metavar="K", help="of K splits by video that test each video once, one"
    )
    command.add_argument(
        "--fold", type=positive, metavar="I", help="with --folds: which of the K (default: 1)"
    )
    command.add_argument("--seed", type=seed, default=0)
    add_json(command)
    command.set_defaults(run=split)

    command = commands.add_parser("leaks", help="look for test frames that have a twin in training")
    add_json(command)
    command.set_defaults(run=leaks)


def split(choice: argparse.Namespace) -> None:
    """Make a split and store it."""
    opened = workspace.open_workspace(choice.workspace)
    if choice.fold and not choice.folds:
        raise SplitError("a number of folds with “--fold”", "none", "Give “--folds K” too.")
    consensus = labels.consensus(opened)
    made = _made(opened, consensus, choice)
    splits.store(opened, made)
    counts, few = made.counts(consensus), shortages(made, consensus)
    if choice.json:
        print_json({**counts, "shortages": few, "notes": list(made.notes)})
        return
    heads = ("part", "frames", "videos", *(f"{name} true/false" for name in opened.attributes.names))
    print_table(heads, [_part_row(part, count) for part, count in counts.items()])
    for note in (*made.notes, *few):
        print(note)


def _made(opened: Workspace, consensus: pd.DataFrame, choice: argparse.Namespace) -> splits.Split:
    if choice.table:
        return splits.split_from_table(consensus, choice.table)
    if choice.extend:
        return _extended(opened, consensus)
    if choice.folds:
        return _fold(consensus, choice)
    return make_split(opened, consensus, choice.by, choice.seed)


def _extended(opened: Workspace, consensus: pd.DataFrame) -> splits.Split:
    current = splits.load(opened)
    if current is None:
        raise SplitError("a split to extend", "none", "Make one first, without “--extend”.")
    return splits.extend(current, consensus)


def _fold(consensus: pd.DataFrame, choice: argparse.Namespace) -> splits.Split:
    fold = choice.fold or 1
    if fold > choice.folds:
        raise SplitError(f"a fold from 1 to {choice.folds}", str(fold), "Choose one of them.")
    return splits.folds(consensus, choice.folds, choice.seed)[fold - 1]


def _part_row(part: str, count: dict[str, Any]) -> list[object]:
    answers = [f"{found['true']}/{found['false']}" for found in count["attributes"].values()]
    return [part, count["frames"], count["videos"], *answers]


def leaks(choice: argparse.Namespace) -> None:
    """Print the leak meter of the split, twins, and videos that look like one; without a split, of one by video."""
    opened = workspace.open_workspace(choice.workspace)
    current = splits.load(opened)
    found = look_for_leaks(opened, current or splits.split_by_video(labels.consensus(opened)))
    if choice.json:
        print_json(found.to_json())
        return
    if current is None:
        print("There is no split yet; this is of the one by video that a training would make.")
    _print_leaks(found)


def _print_leaks(found: Leaks) -> None:
    print(
        f"Leak meter {found.meter:.1f} %: {found.leaking_test_frames} of {found.test_frames} test frames have a "
        "twin in training."
    )
    if found.pairs:
        rows = [(p.frame, p.part, p.twin, p.twin_part, p.why) for p in found.pairs[:SHOWN]]
        print_table(("frame", "part", "twin", "part", "why"), rows)
    if len(found.pairs) > SHOWN:
        print(f"{len(found.pairs) - SHOWN} more pairs; “--json” lists all.")
    for same in found.same_videos:
        print(same.sentence())

"""Commands about who labels what: assignments, gold frames, and how far annotators agree with them."""

import argparse

import pandas as pd

from core import workspace
from core.commands.options import add_json, names, natural, positive, print_json, print_table, seed
from core.commands.review import SAID, stretches
from core.errors import LabelError
from core.labels import assignment_plan, assignments
from core.labels.labels import check_has_labelled
from core.review import gold
from core.review.gold_scores import gold_scores


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands of this module to the parser."""
    _add_assign(commands)
    _add_gold(commands)
    command = commands.add_parser("coaching", help="how far annotators agree with the gold frames")
    command.add_argument(
        "--annotator", metavar="NAME", help="only this one, with the frames that were missed"
    )
    add_json(command)
    command.set_defaults(run=show_coaching)


def _add_assign(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("assign", help="have videos labelled by several annotators, each blind")
    command.add_argument("--videos", type=names, metavar="A,B,C", help="which (default: a share of them)")
    command.add_argument("--share", type=float, default=0.2, help="of the videos (default: %(default)s)")
    command.add_argument("--annotators", type=names, metavar="A,B,C", help="who shall label")
    command.add_argument(
        "--each", type=positive, default=2, metavar="N", help="annotators of each video (default: 2)"
    )
    command.add_argument("--seed", type=seed, default=0, help="another seed is another plan (default: 0)")
    kind = command.add_mutually_exclusive_group()
    kind.add_argument("--list", action="store_true", help="only say who is assigned, and how far they are")
    kind.add_argument("--remove", action="store_true", help="take assignments back; labels stay")
    add_json(command)
    command.set_defaults(run=assign)


def _add_gold(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    actions = commands.add_parser("gold", help="frames whose answers an instructor vouches for")
    kinds = actions.add_subparsers(required=True, metavar="ACTION")
    for name, run, words in (
        ("add", add_gold, "make frames gold that were adjudicated or that their author answered"),
        ("remove", remove_gold, "let frames be gold no more; they stay adjudicated"),
    ):
        command = kinds.add_parser(name, help=words)
        command.add_argument("video")
        command.add_argument("first", type=natural)
        command.add_argument("last", type=natural)
        command.add_argument("--author", required=True, metavar="NAME", help="the instructor")
        command.set_defaults(run=run)
    command = kinds.add_parser("list", help="list the gold frames")
    add_json(command)
    command.set_defaults(run=list_gold)


def assign(choice: argparse.Namespace) -> None:
    """Assign videos, take assignments back, or list them."""
    opened = workspace.open_workspace(choice.workspace)
    if choice.remove:
        if choice.videos is None and choice.annotators is None:
            raise LabelError("whose assignments go", "neither", "Give “--videos”, “--annotators” or both.")
        gone = assignments.remove(opened, choice.videos, choice.annotators)
        if not choice.json:
            print(f"Took {gone} assignments back. Labels stay.")
    elif not choice.list:
        if not choice.annotators:
            raise LabelError("the annotators", "none", "Name them: “--annotators Ann,Ben,Cem”.")
        videos = choice.videos or assignment_plan.overlap(opened, choice.share, seed=choice.seed)
        assignments.assign(opened, videos, choice.annotators, choice.each, choice.seed)
    _print_assigned(assignments.assigned(opened), choice.json)


def _print_assigned(found: pd.DataFrame, as_json: bool) -> None:
    columns = ["video", "annotator", "answered", "frames", "finished"]
    if as_json:
        print_json(found[columns].to_dict("records"))
    elif found.empty:
        print("No video is assigned.")
    else:
        print_table(columns[:4], found[columns[:4]].to_numpy().tolist())


def add_gold(choice: argparse.Namespace) -> None:
    """Make frames gold."""
    opened = workspace.open_workspace(choice.workspace)
    number = gold.add(opened, choice.author, choice.video, choice.first, choice.last)
    print(f"{number} frames of {choice.video} are gold now.")


def remove_gold(choice: argparse.Namespace) -> None:
    """Let frames be gold no more."""
    opened = workspace.open_workspace(choice.workspace)
    number = gold.remove(opened, choice.author, choice.video, choice.first, choice.last)
    print(f"{number} frames of {choice.video} are gold no more; their answers stay adjudicated.")


def list_gold(choice: argparse.Namespace) -> None:
    """List the gold frames."""
    opened = workspace.open_workspace(choice.workspace)
    found = gold.gold(opened)
    if choice.json:
        print_json(found.to_dict("records"))
        return
    frames = found.groupby(["video", "index"], sort=False).ngroups
    print(f"Gold frames: {frames}, of {found['video'].nunique()} videos.")
    found = found.sort_values(["video", "attribute"], kind="stable")
    rows = [
        (video, where, one.attribute, SAID[bool(one.value)], one.author)
        for video, where, one in stretches(opened, found, ["attribute", "value", "author"])
    ]
    if rows:
        print_table(("video", "frames", "attribute", "answer", "by"), rows)


def show_coaching(choice: argparse.Namespace) -> None:
    """Say how far annotators agree with the gold frames."""
    opened = workspace.open_workspace(choice.workspace)
    if choice.annotator is not None:
        check_has_labelled(opened, choice.annotator)
    found = gold_scores(opened, choice.annotator)
    if choice.json:
        print_json(found.to_json())
        return
    if not found.scores:
        print("Nothing to compare: no gold frame has an answer of an annotator yet.")
        return
    heads = ("annotator", "attribute", "right", "answered", "gold frames", "videos")
    print_table(
        heads, [(s.annotator, s.attribute, s.right, s.answered, s.gold, s.videos) for s in found.scores]
    )
    if choice.annotator and len(found.missed):
        _print_missed(opened, found.missed)


def _print_missed(opened: workspace.Workspace, missed: pd.DataFrame) -> None:
    rows = [
        (video, where, one.attribute, SAID[bool(one.answer)], SAID[bool(one.right)])
        for video, where, one in stretches(opened, missed, ["attribute", "answer"])
    ]
    print()
    print_table(("missed in", "frames", "attribute", "answer", "right answer"), rows)

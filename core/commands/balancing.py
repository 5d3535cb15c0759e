"""Commands that count labels: how they are balanced, and how much each annotator labelled."""

import argparse
from datetime import UTC, datetime, timedelta

import pandas as pd

from core import workspace
from core.commands import review
from core.commands.options import add_json, positive, print_json, print_table
from core.errors import LabelError
from core.labels import labels, progress
from core.labels.consensus import consensus
from core.review import advice, balance, balance_frames, confounders
from core.text import percent

COMBINATIONS = 10
"""Combinations of answers that are printed; JSON has all."""


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands of this module to the parser."""
    command = commands.add_parser("balance", help="count the labels per attribute and video")
    command.add_argument("--annotator", metavar="NAME", help="this one's labels (default: the consensus)")
    command.add_argument(
        "--frames",
        nargs="+",
        metavar="ATTRIBUTE=true|false|unset",
        help="list frames with these answers instead",
    )
    command.add_argument(
        "--by",
        choices=("annotator", "day"),
        help="count labels per annotator, beside others' of the same frames, or per day",
    )
    command.add_argument("--video", metavar="V", help="with --frames: only of this video")
    command.add_argument(
        "--limit",
        type=positive,
        default=24,
        metavar="N",
        help="with --frames: so many, spread over videos (default: 24)",
    )
    add_json(command)
    command.set_defaults(run=show_balance)

    command = commands.add_parser("annotators", help="count what each annotator labelled, and how fast")
    command.add_argument(
        "--hours", type=positive, default=24, metavar="H", help="the pace of the last H hours (default: 24)"
    )
    add_json(command)
    command.set_defaults(run=show_annotators)


def show_balance(choice: argparse.Namespace) -> None:
    """Count the labels, and say what to label next."""
    opened = workspace.open_workspace(choice.workspace)
    _check_balance(opened, choice)
    if choice.frames or choice.video:
        _show_frames(opened, choice)
        return
    if choice.by:
        _show_history(opened, choice)
        return
    found = balance.balance(opened, choice.annotator)
    # The split is made of the consensus, and says nothing of what one annotator lacks.
    said = advice.advice(found) if choice.annotator else advice.advise(opened, found)
    tied = confounders.traps(found)
    if choice.json:
        measured = {name: trap.to_json() for name, trap in tied.items()}
        print_json({**found.to_json(), "advice": said, "traps": measured})
        return
    print(f"{found.labelled} of {found.frames} frames have a label.")
    rows = [(name, count["true"], count["false"], count["unset"]) for name, count in found.attributes.items()]
    print_table(("attribute", "true", "false", "unset"), rows)
    if not found.frames:
        print("Bring in videos first: “add”, or “demo” for a class to try things on.")
    if found.labelled:
        _print_combinations(found)
        _print_traps(tied)
    for sentence in said:
        print(sentence)


def _print_combinations(found: balance.Balance) -> None:
    """Print which answers occur together, the most frequent first."""
    names, shown = list(found.attributes), found.combinations.head(COMBINATIONS)
    said = {True: "true", False: "false"}
    rows = [
        (one["frames"], *("-" if pd.isna(one[name]) else said[bool(one[name])] for name in names))
        for one in shown.to_dict("records")
    ]
    print_table(("frames with", *names), rows)
    if more := len(found.combinations) - len(shown):
        print(f"{more} more combination{'s' if more > 1 else ''}; “--json” lists all.")


def _check_balance(opened: workspace.Workspace, choice: argparse.Namespace) -> None:
    """Refuse a name that nobody labels under, and options of which one would be passed over."""
    if choice.by and (choice.frames or choice.video):
        raise LabelError("“--by”, or “--frames” and “--video”", "both", "Ask for one after the other.")
    if choice.annotator is not None:
        labels.check_has_labelled(opened, choice.annotator)


def _show_frames(opened: workspace.Workspace, choice: argparse.Namespace) -> None:
    """List some of the frames behind a number."""
    answers = dict(review.read_answer(text) for text in choice.frames or ())
    found = balance_frames.frames_behind(
        consensus(opened, choice.annotator),
        answers,
        [choice.video] if choice.video is not None else [],
    )
    shown = found.head(choice.limit).sort_index()
    if choice.json:
        numbers = {"frames": len(found), "videos": found["video"].nunique()}
        print_json({**numbers, "shown": shown.to_dict("records")})
        return
    said = ", ".join(choice.frames or ["any answer"])
    print(
        f"{said}: {balance_frames.counted(found)}{f', {len(shown)} shown' if len(shown) < len(found) else ''}."
    )
    print_table(("frame", "video", "index"), shown.to_numpy().tolist())


def _show_history(opened: workspace.Workspace, choice: argparse.Namespace) -> None:
    """List what each annotator said, or what was said on each day."""
    found = progress.per_day(opened) if choice.by == "day" else progress.per_annotator(opened)
    if choice.annotator:
        found = found[found["annotator"] == choice.annotator]
    if choice.json:
        print_json(found.astype(object).where(found.notna(), None).to_dict("records"))
        return
    for column, signed in (("share_true", False), ("apart", True)):
        if column in found:
            found[column] = [percent(one, signed=signed) if pd.notna(one) else "-" for one in found[column]]
    print_table([name.replace("_", " ") for name in found.columns], found.to_numpy().tolist())


def _print_traps(tied: dict[str, confounders.Trap]) -> None:
    """Print how far each attribute follows the video."""
    rows = [
        (name, f"{t.one_answer} of {t.videos}", "-" if t.cramers_v is None else f"{t.cramers_v:.2f}")
        for name, t in tied.items()
    ]
    print_table(("attribute", "videos with one answer only", "Cramér's V of the video"), rows)


def show_annotators(choice: argparse.Namespace) -> None:
    """Count what each annotator labelled, and how fast."""
    found = progress.paces(workspace.open_workspace(choice.workspace), _since(choice.hours))
    rows = found.astype(object).where(found.notna(), None).to_dict("records")
    if choice.json:
        print_json(rows)
        return
    print_table(
        ("annotator", "frames labelled", f"in {choice.hours} h", "active minutes", "frames per minute"),
        [
            (
                row["annotator"],
                row["labelled"],
                row["answered"],
                f"{row['minutes']:.1f}",
                _rate(row["per_minute"]),
            )
            for row in rows
        ],
    )


def _since(hours: int) -> datetime:
    try:
        return datetime.now(UTC) - timedelta(hours=hours)
    except OverflowError:  # longer ago than there are dates: everything counts
        return datetime.min.replace(tzinfo=UTC)


def _rate(per_minute: float | None) -> str:
    return "-" if per_minute is None else f"{per_minute:.1f}"

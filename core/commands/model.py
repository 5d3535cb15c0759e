"""Commands about networks and suggestions."""

import argparse
from dataclasses import asdict

import pandas as pd

from core import workspace
from core.commands.options import add_json, print_json, print_table, progress_bar
from core.errors import LabelError, RunError
from core.media.library import Video, get_video
from core.review.balance import balance
from core.runs import registry as runs
from core.runs.run import Run


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands of this module to the parser."""
    _add_networks(commands)
    _add_suggestions(commands)
    _add_asking(commands)


def _add_networks(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "networks", help="list the networks, for 4 attributes (3 classes) at 100x100"
    )
    add_json(command)
    command.set_defaults(run=networks)


def _add_suggestions(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("suggest", help="what a network suggests as labels of a video")
    command.add_argument("id", metavar="RUN", help="the name of a run, or latest")
    command.add_argument("video", metavar="VIDEO")
    command.add_argument(
        "--accept", action="store_true", help="store them where the annotator said nothing yet"
    )
    command.add_argument("--annotator", default="", metavar="NAME", help="whose labels they become")
    command.add_argument(
        "--test-videos", action="store_true", help="also for a video that the run is tested on"
    )
    add_json(command)
    command.set_defaults(run=suggest)


def _add_asking(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "ask", help="where a network expects answers that the labels have too few of"
    )
    command.add_argument("id", nargs="?", default="latest", metavar="RUN", help="default: the latest")
    command.add_argument(
        "--annotator", default="", metavar="NAME", help="leave out what this one labels blind"
    )
    add_json(command)
    command.set_defaults(run=ask)


def ask(choice: argparse.Namespace) -> None:
    """Print the unlabelled stretches in which a network expects what is scarce."""
    from core.assist import rare_frames

    opened = workspace.open_workspace(choice.workspace)
    run, scarce = runs.get_run(opened, choice.id), rare_frames.wanted(balance(opened))
    with progress_bar("Asking", "videos") as progress:
        found = rare_frames.expected(opened, run, scarce, choice.annotator, progress)
    if choice.json:
        print_json(
            {"run": run.id, "wanted": list(map(asdict, scarce)), "stretches": list(map(asdict, found))}
        )
        return
    print(rare_frames.words(run, scarce, found))
    if found:
        heads = ("attribute", "answer", "video", "from", "to", "frames", "sure")
        print_table(heads, [(*rare_frames.cells(stretch).values(),) for stretch in found])


def suggest(choice: argparse.Namespace) -> None:
    """Print how many frames of a video are suggested true, and store the suggestions where asked to."""
    from core.assist import suggestions

    run, video, part = _suggesting(choice)
    with progress_bar("Suggesting", "frames") as progress:
        found = suggestions.suggest(run, run.workspace, video, progress)
    decided = suggestions.decisions(run, run.workspace, found).drop(columns="index")
    counts = {name: _counts(answers) for name, answers in decided.items()}
    stored = suggestions.accept(run, run.workspace, video, found, choice.annotator) if choice.accept else None
    if choice.json:
        about = {"run": run.id, "video": video.key, "part": part, "frames": len(found)}
        print_json({**about, "attributes": counts, "stored": stored})
        return
    where = f"in the {part} part of the run" if part else "in no part of the run"
    print(f"{run.id}: suggestions for {len(found)} frames of {video.key}, {where}.")
    print_table(("attribute", "true", "false", "missing"), [(n, *row.values()) for n, row in counts.items()])
    if stored is not None:
        print(f"Stored {stored} labels of {choice.annotator}.")


def _suggesting(choice: argparse.Namespace) -> tuple[Run, Video, str | None]:
    """Return the run, the video and its part in the run, or say why there shall be no suggestions."""
    from core.assist.suggestions import check_allowed, part_of

    opened = workspace.open_workspace(choice.workspace)
    run, video = runs.get_run(opened, choice.id), get_video(opened, choice.video)
    if choice.accept and not choice.annotator.strip():
        raise LabelError(
            "the name of an annotator", "none", "Say with “--annotator” whose labels they become."
        )
    if choice.annotator:
        check_allowed(opened, choice.annotator, video)
    part = part_of(run, video)
    if part == "test" and not choice.test_videos:
        raise RunError(
            f"a video that {run.id} is not tested on",
            f"{video.key} of its test part",
            "Label it without suggestions: the test would be measured against answers that lean towards a "
            "network. If you want them all the same, give “--test-videos”.",
        )
    return run, video, part


def _counts(answers: pd.Series) -> dict[str, int]:
    true, missing = int(answers.sum()), int(answers.isna().sum())
    return {"true": true, "false": len(answers) - true - missing, "missing": missing}


def networks(choice: argparse.Namespace) -> None:
    """List the networks."""
    from core.networks.registry import summary

    found = summary()
    if choice.json:
        print_json(found)
        return
    rows = [
        (name, f"{row['parameters']:,}", f"{row['multiply_adds']:,}", f"{row['weights_mb']:.1f}")
        for name, row in found.items()
    ]
    print_table(("network", "parameters", "multiply-adds", "weights (MB)"), rows)

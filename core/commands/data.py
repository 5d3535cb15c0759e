"""Commands about the workspace, its videos, labels, balance and split."""

import argparse
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd

from core import attributes, workspace
from core.commands import review, splitting
from core.commands.options import add_json, names, positive, print_json, print_table, progress_bar
from core.data import advice, balance, behind, frames, history, labels, pace, pictures, tables, traps
from core.data.demo.make import make_demo
from core.data.demo.plan import FRAMES, VIDEOS
from core.percent import percent


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands of this module to the parser."""
    _add_workspace(commands)
    _add_videos(commands)
    _add_labels(commands)
    _add_balance_and_split(commands)


def _add_workspace(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("init", help="make a workspace")
    kind = command.add_mutually_exclusive_group()
    kind.add_argument(
        "--attributes", type=names, metavar="A,B,C", help="yes/no attributes (default: the four of a seam)"
    )
    kind.add_argument(
        "--classes", type=names, metavar="A,B,C", help="classes, of which each frame has exactly one"
    )
    command.set_defaults(run=init)

    command = commands.add_parser(
        "demo", help="render the demo class: seam videos with known defects, labelled"
    )
    command.add_argument("--seed", type=int, default=1, help="another seed is another class (default: 1)")
    command.add_argument("--videos", type=positive, default=VIDEOS, help="how many (default: %(default)s)")
    command.add_argument(
        "--frames", type=positive, default=FRAMES, help="of each video (default: %(default)s)"
    )
    command.set_defaults(run=demo)


def _add_videos(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "add", help="bring in videos, folders of pictures with their lookup tables, or class folders"
    )
    command.add_argument("paths", type=Path, nargs="+", metavar="PATH")
    command.add_argument(
        "--every", type=positive, default=1, metavar="K", help="keep every K-th frame of a video"
    )
    command.set_defaults(run=add)

    command = commands.add_parser("videos", help="list the videos and picture groups")
    add_json(command)
    command.set_defaults(run=videos)


def _add_labels(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    actions = commands.add_parser("labels", help="set, import and export labels").add_subparsers(
        required=True, metavar="ACTION"
    )
    command = actions.add_parser("set", help="label a stretch of a video, or all of it")
    command.add_argument("video")
    command.add_argument("answers", nargs="+", metavar="ATTRIBUTE=true|false|unset")
    command.add_argument("--first", type=int, default=0, help="first frame (default: 0)")
    command.add_argument("--last", type=int, help="last frame (default: the end)")
    command.add_argument("--annotator", required=True, metavar="NAME")
    command.set_defaults(run=set_labels)

    command = actions.add_parser("import", help="read lookup tables, or folders of them")
    command.add_argument("paths", type=Path, nargs="+", metavar="PATH")
    command.add_argument(
        "--annotator", default="import", metavar="NAME", help="whose labels they are (default: import)"
    )
    command.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    command.set_defaults(run=import_labels)

    command = actions.add_parser("export", help="write lookup tables and their pictures")
    command.add_argument("folder", type=Path, metavar="DIR")
    command.add_argument("--annotator", metavar="NAME", help="this one's labels (default: the consensus)")
    command.add_argument("--tables-only", action="store_true", help="without the pictures")
    command.add_argument(
        "--absolute", action="store_true", help="also train.csv, valid.csv, test.csv with full paths"
    )
    command.set_defaults(run=export_labels)

    review.add_adjudicate(actions)


def _add_balance_and_split(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
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

    splitting.add_commands(commands)


def init(choice: argparse.Namespace) -> None:
    """Make a workspace."""
    chosen = choice.attributes or choice.classes
    kind = attributes.named(chosen, exclusive=bool(choice.classes)) if chosen else attributes.SEAM
    made = workspace.create(choice.workspace, kind)
    print(f"Made {made.path} with {', '.join(f'{a.name} ({a.key})' for a in made.attributes)}.")


def demo(choice: argparse.Namespace) -> None:
    """Render the demo class into the workspace."""
    with progress_bar("Rendering", "steps") as progress:
        made = make_demo(choice.workspace, choice.seed, choice.videos, choice.frames, progress)
    left = f"left for you to label: {', '.join(made.unlabelled)}" if made.unlabelled else "all are labelled"
    print(f"Rendered {made.videos} videos with {made.frames} frames; {left}.")


def add(choice: argparse.Namespace) -> None:
    """Bring in videos and folders of pictures."""
    with progress_bar("Adding", "frames") as progress:
        for added in pictures.add_paths(
            choice.workspace, choice.paths, every=choice.every, progress=progress
        ):
            print(added.summary())


def videos(choice: argparse.Namespace) -> None:
    """List the videos."""
    found = frames.videos(workspace.open_workspace(choice.workspace))
    if choice.json:
        print_json(
            [{"video": v.key, "origin": v.origin, "frames": v.frames, "seconds": v.seconds} for v in found]
        )
        return
    rows = [(v.key, v.origin, v.frames, f"{v.width}x{v.height}") for v in found]
    print_table(("video", "origin", "frames", "size"), rows)


def set_labels(choice: argparse.Namespace) -> None:
    """Label a stretch of frames."""
    opened = workspace.open_workspace(choice.workspace)
    video = frames.get_video(opened, choice.video)
    last = (
        choice.last if choice.last is not None else int(frames.frame_table(opened, video.key)["index"].max())
    )
    answers = dict(review.read_answer(text) for text in choice.answers)
    labels.record(opened, choice.annotator, video.key, choice.first, last, answers, source="paint")
    print(f"Labelled {video.key}, frames {choice.first} to {last}.")


def import_labels(choice: argparse.Namespace) -> None:
    """Read lookup tables, or only say what they would change."""
    if choice.dry_run:
        _print_preview(tables.preview_tables(choice.workspace, choice.paths, choice.annotator))
        return
    with progress_bar("Reading", "pictures") as progress:
        done = tables.import_tables(choice.workspace, choice.paths, choice.annotator, progress)
    print(done.summary())


def _print_preview(found: tables.Preview) -> None:
    print(
        f"{found.tables} lookup tables speak of {found.rows} frames; {found.pictures} pictures would be added."
    )
    kinds = ("new", "changed", "removed", "same")
    rows = [(name, *(getattr(count, kind) for kind in kinds)) for name, count in found.attributes.items()]
    print_table(("attribute", *kinds), rows)
    for note in found.notes:
        print(note)


def export_labels(choice: argparse.Namespace) -> None:
    """Write lookup tables."""
    opened = workspace.open_workspace(choice.workspace)
    written = tables.export_tables(
        opened, choice.folder, choice.annotator, pictures=not choice.tables_only, absolute=choice.absolute
    )
    print(f"Wrote {len(written)} lookup tables to {choice.folder}.")


def show_balance(choice: argparse.Namespace) -> None:
    """Count the labels, and say what to label next."""
    opened = workspace.open_workspace(choice.workspace)
    if choice.frames or choice.video:
        _show_frames(opened, choice)
        return
    if choice.by:
        _show_history(opened, choice)
        return
    found = balance.balance(opened, choice.annotator)
    # The split is made of the consensus, and says nothing of what one annotator lacks.
    said = advice.advice(found) if choice.annotator else advice.advise(opened, found)
    tied = traps.traps(found)
    if choice.json:
        measured = {name: trap.to_json() for name, trap in tied.items()}
        print_json({**found.to_json(), "advice": said, "traps": measured})
        return
    print(f"{found.labelled} of {found.frames} frames have a label.")
    rows = [(name, count["true"], count["false"], count["unset"]) for name, count in found.attributes.items()]
    print_table(("attribute", "true", "false", "unset"), rows)
    if found.labelled:
        _print_traps(tied)
    for sentence in said:
        print(sentence)


def _show_frames(opened: workspace.Workspace, choice: argparse.Namespace) -> None:
    """List some of the frames behind a number."""
    answers = dict(review.read_answer(text) for text in choice.frames or ())
    found = behind.frames_behind(
        labels.consensus(opened, choice.annotator),
        answers,
        [choice.video] if choice.video is not None else [],
    )
    shown = found.head(choice.limit).sort_index()
    if choice.json:
        numbers = {"frames": len(found), "videos": found["video"].nunique()}
        print_json({**numbers, "shown": shown.to_dict("records")})
        return
    said = ", ".join(choice.frames or ["any answer"])
    print(f"{said}: {behind.counted(found)}{f', {len(shown)} shown' if len(shown) < len(found) else ''}.")
    print_table(("frame", "video", "index"), shown.to_numpy().tolist())


def _show_history(opened: workspace.Workspace, choice: argparse.Namespace) -> None:
    """List what each annotator said, or what was said on each day."""
    found = history.per_day(opened) if choice.by == "day" else history.per_annotator(opened)
    if choice.annotator:
        found = found[found["annotator"] == choice.annotator]
    if choice.json:
        print_json(found.astype(object).where(found.notna(), None).to_dict("records"))
        return
    for column, signed in (("share_true", False), ("apart", True)):
        if column in found:
            found[column] = [percent(one, signed=signed) if pd.notna(one) else "-" for one in found[column]]
    print_table([name.replace("_", " ") for name in found.columns], found.to_numpy().tolist())


def _print_traps(tied: dict[str, traps.Trap]) -> None:
    """Print how far each attribute follows the video."""
    rows = [
        (name, f"{t.one_answer} of {t.videos}", "-" if t.cramers_v is None else f"{t.cramers_v:.2f}")
        for name, t in tied.items()
    ]
    print_table(("attribute", "videos with one answer only", "Cramér's V of the video"), rows)


def show_annotators(choice: argparse.Namespace) -> None:
    """Count what each annotator labelled, and how fast."""
    since = datetime.now().astimezone() - timedelta(hours=choice.hours)
    found = pace.paces(workspace.open_workspace(choice.workspace), since)
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


def _rate(per_minute: float | None) -> str:
    return "-" if per_minute is None else f"{per_minute:.1f}"

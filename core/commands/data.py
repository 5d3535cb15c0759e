"""Commands about the workspace, its videos and labels."""

import argparse
from pathlib import Path

from core import attributes, workspace
from core.commands import balancing, review, splitting
from core.commands.options import add_json, names, positive, print_json, print_table, progress_bar, seed
from core.demo.make import make_demo
from core.demo.plan import FRAMES, VIDEOS
from core.exchange import add_pictures, import_tables
from core.exchange.export_tables import export_tables
from core.labels import labels
from core.media.library import frame_table, get_video
from core.media.library import videos as list_videos


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands of this module to the parser."""
    _add_workspace(commands)
    _add_videos(commands)
    _add_labels(commands)
    balancing.add_commands(commands)
    splitting.add_commands(commands)


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
    command.add_argument("--seed", type=seed, default=1, help="another seed is another class (default: 1)")
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
        for added in add_pictures.add_paths(
            choice.workspace, choice.paths, every=choice.every, progress=progress
        ):
            print(added.summary())


def videos(choice: argparse.Namespace) -> None:
    """List the videos."""
    found = list_videos(workspace.open_workspace(choice.workspace))
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
    video = get_video(opened, choice.video)
    last = choice.last if choice.last is not None else int(frame_table(opened, video.key)["index"].max())
    answers = dict(review.read_answer(text) for text in choice.answers)
    labels.record(opened, choice.annotator, video.key, choice.first, last, answers, source="paint")
    print(f"Labelled {video.key}, frames {choice.first} to {last}.")


def import_labels(choice: argparse.Namespace) -> None:
    """Read lookup tables, or only say what they would change."""
    if choice.dry_run:
        _print_preview(import_tables.preview_tables(choice.workspace, choice.paths, choice.annotator))
        return
    with progress_bar("Reading", "pictures") as progress:
        done = import_tables.import_tables(choice.workspace, choice.paths, choice.annotator, progress)
    print(done.summary())


def _print_preview(found: import_tables.Preview) -> None:
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
    written = export_tables(
        opened, choice.folder, choice.annotator, pictures=not choice.tables_only, absolute=choice.absolute
    )
    print(f"Wrote {len(written)} lookup tables to {choice.folder}.")

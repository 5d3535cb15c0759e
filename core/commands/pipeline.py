"""Commands about what goes into a training."""

import argparse
from pathlib import Path

from core import workspace
from core.commands.options import add_preparation, positive, prepared, seed


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands of this module to the parser."""
    command = commands.add_parser("augment", help="write a picture of what training does to the pictures")
    add_preparation(command)
    command.add_argument(
        "--frames", type=positive, default=4, metavar="K", help="rows (default: %(default)s)"
    )
    command.add_argument("--seed", type=seed, default=0)
    command.add_argument("--out", type=Path, required=True, metavar="FILE.png")
    command.set_defaults(run=augment)


def augment(choice: argparse.Namespace) -> None:
    """Write the originals with their varied versions, and say what was done."""
    from core.inputs import augmentation_preview

    opened = workspace.open_workspace(choice.workspace)
    settings = prepared(choice, opened.attributes.exclusive)
    varied = augmentation_preview.vary(opened, settings, choice.frames, choice.seed)
    augmentation_preview.write_sheet(varied, choice.out)
    print(
        f"{choice.out}: {varied.summary()}; each as it is, and {augmentation_preview.VERSIONS} times as {settings.network} sees it."
    )
    for number, name in enumerate(varied.frames["name"], 1):
        print(f"row {number}: {name}")
    print("\n".join(augmentation_preview.sentences(varied.kind, opened.attributes.names)))

"""The command line, ``python -m core``: a twin of every page."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from core import __version__, workspace
from core.commands import (
    assigning,
    data,
    doubt,
    explaining,
    live,
    model,
    pipeline,
    review,
    runs,
    sessions,
    testing,
    thresholds,
)
from core.commands.parser import Parser
from core.errors import SeamLensError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, or 2 with one line on standard error for bad input."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    choice = parser().parse_args(arguments)
    try:
        choice.run(choice)
    except SeamLensError as error:
        print(f"seamlens: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader went away (a pipe into head): there is nobody left to tell.
        sys.stderr.close()
        return 0
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top: argparse.ArgumentParser = Parser(
        prog="python -m core",
        description="SeamLens: teach a camera to see seam defects.",
    )
    top.add_argument("--version", action="version", version=f"SeamLens {__version__}")
    top.add_argument(
        "--workspace",
        type=Path,
        default=workspace.default_path(),
        metavar="FOLDER",
        help="the class project (default: SEAMLENS_WORKSPACE, else ./workspace)",
    )
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    data.add_commands(commands)
    review.add_commands(commands)
    assigning.add_commands(commands)
    runs.add_commands(commands)
    model.add_commands(commands)
    live.add_commands(commands)
    sessions.add_commands(commands)
    testing.add_commands(commands)
    explaining.add_commands(commands)
    pipeline.add_commands(commands)
    doubt.add_commands(commands)
    thresholds.add_commands(commands)
    return top


if __name__ == "__main__":
    sys.exit(main())

"""What the commands share: progress bars, JSON and tables on standard output, common types of options."""

import argparse
import json
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

from core.files import Progress
from core.networks.preprocessing import Region
from core.networks.recipe import published
from core.networks.registry import DEFAULT_NETWORK
from core.runs.settings import TrainSettings

LARGEST_SEED = 2**32 - 1
RECIPES = ("own", "published")


@contextmanager
def progress_bar(what: str, unit: str) -> Iterator[Progress]:
    """Give a ``progress(done, total)`` that draws a bar on standard error, where that is a terminal."""
    with tqdm(desc=what, unit=f" {unit}", disable=None, leave=False) as bar:

        def show(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def add_json(command: argparse.ArgumentParser) -> None:
    """Let ``command`` print JSON."""
    command.add_argument("--json", action="store_true", help="print JSON")


def print_json(value: Any) -> None:
    """Print ``value`` as indented JSON."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print columns that line up: the first to the left, the others to the right."""
    cells = [[str(cell) for cell in row] for row in (heads, *rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]
    for row in cells:
        first, *others = zip(row, widths, strict=True)
        print("  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]).rstrip())


def positive(text: str) -> int:
    """Read a whole number from 1 upwards."""
    return _whole(text, 1)


def natural(text: str) -> int:
    """Read a whole number from 0 upwards."""
    return _whole(text, 0)


def seed(text: str) -> int:
    """Read a seed, as TensorFlow and NumPy take it."""
    number = _whole(text, 0)
    if number > LARGEST_SEED:
        raise argparse.ArgumentTypeError(f"expected a seed from 0 to {LARGEST_SEED}, received {text}")
    return number


def _whole(text: str, least: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        raise argparse.ArgumentTypeError(f"expected a whole number from {least} upwards, received {text}")
    return number


def share(text: str) -> float:
    """Read a number from 0 to 1."""
    number = _number(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, received {text}")
    return number


def over_zero(text: str) -> float:
    """Read a number over 0."""
    number = _number(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"expected a number over 0, received {text}")
    return number


def _number(text: str) -> float:
    """Read a number; what is none is not a number, which lies in no bounds."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def names(text: str) -> list[str]:
    """Read names with commas between them."""
    return [name.strip() for name in text.split(",") if name.strip()]


def pixels(text: str) -> int:
    """Read the side of an input."""
    number = positive(text)
    if not 32 <= number <= 320:
        raise argparse.ArgumentTypeError(f"expected 32 to 320 pixels, received {text}")
    return number


def region(text: str) -> Region:
    """Read left, top, right and bottom of a part of a picture."""
    try:
        left, top, right, bottom = (share(part) for part in text.split(","))
        fits = left < right and top < bottom
    except (ValueError, argparse.ArgumentTypeError):
        fits = False
    if not fits:
        raise argparse.ArgumentTypeError(
            f"expected left, top, right and bottom from 0 to 1, such as .3,0,.7,1, received {text}"
        )
    return left, top, right, bottom


def add_preparation(command: argparse.ArgumentParser) -> None:
    """Let it be said of a training what the network sees, and by which recipe it learns."""
    command.add_argument("--network", help=f"see the command networks (default: {DEFAULT_NETWORK})")
    command.add_argument(
        "--size",
        type=pixels,
        metavar="PIXELS",
        help="width and height of the input; default: the network's own",
    )
    command.add_argument(
        "--region",
        type=region,
        metavar="L,T,R,B",
        help="the part of each picture that the network sees, in shares of width and height; default: all of it",
    )
    command.add_argument(
        "--recipe",
        choices=RECIPES,
        help="the network's own (default), or the published one: Adam at 1e-5, batches of 20, 10 epochs",
    )


def prepared(choice: argparse.Namespace, exclusive: bool) -> TrainSettings:
    """Return the settings that :func:`add_preparation` asks for."""
    return TrainSettings(
        choice.network or DEFAULT_NETWORK,
        size=(choice.size, choice.size) if choice.size else None,
        region=choice.region,
        recipe=published(exclusive) if choice.recipe == "published" else None,
    )

"""What the commands share: progress bars, JSON and tables on standard output, common types of options."""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

from core.files import Progress


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
    return int(_number(text, int, "a whole number from 1 upwards", lambda number: number >= 1))


def natural(text: str) -> int:
    """Read a whole number from 0 upwards."""
    return int(_number(text, int, "a whole number from 0 upwards", lambda number: number >= 0))


def share(text: str) -> float:
    """Read a number from 0 to 1."""
    return _number(text, float, "a number from 0 to 1", lambda number: 0 <= number <= 1)


def over_zero(text: str) -> float:
    """Read a number over 0."""
    return _number(text, float, "a number over 0", lambda number: 0 < number < float("inf"))


def _number(text: str, kind: type, expected: str, fits: Callable[[float], bool]) -> float:
    """Read a number that ``fits``, which NaN never does: it compares with nothing."""
    try:
        number: float = kind(text)
    except ValueError:
        number = float("nan")
    if not fits(number):
        raise argparse.ArgumentTypeError(f"expected {expected}, received {text}")
    return number


def names(text: str) -> list[str]:
    """Read names with commas between them."""
    return [name.strip() for name in text.split(",") if name.strip()]

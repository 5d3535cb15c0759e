"""The cells of a table file as text, whatever its format: its header, its columns, and the line of each row."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from core.errors import LabelError
from core.lookup_tables.formulas import as_written
from core.lookup_tables.sheet_rows import sheet_rows
from core.lookup_tables.table_rows import AT_ONCE, TITLES, Block, composed, has_name, is_comment
from core.lookup_tables.text_rows import text_rows
from core.text import count
from core.zips import DAMAGED, opened_zip

TEXTS = (".csv", ".tsv")
SHEETS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
TABLE_FORMATS = (*TEXTS, *SHEETS)
"""File name extensions of lookup tables, in small letters."""

LARGEST = 2 * 1024**3
"""Bytes that a table of text may have."""
LARGEST_SHEET = 400 * 1024**2
"""Bytes that a spreadsheet may have, unpacked: all of it is in memory at once. A million rows of labels have 200 MB."""

_LOOKED_AT = 200  # cells that tell whether a column repeats few words


class Cells(NamedTuple):
    """A table as it is written.

    ``table`` holds text, an unnamed first column is called ""; ``lines`` (int) says on which line of the file each row
    ends; ``notes`` are sentences for the user.
    """

    table: pd.DataFrame
    lines: np.ndarray
    notes: tuple[str, ...]


def read_cells(path: Path) -> Cells:
    """Read a table: its first row with several cells is the header. Blank rows, comments (#) and titles are passed over.

    Raises:
        LabelError: the file cannot be read, has no rows, or rows of different lengths.
    """
    try:
        size, most = _size(path), LARGEST_SHEET if path.suffix.lower() in SHEETS else LARGEST
        if size > most:
            raise LabelError(f"{path} has {size / 1024**3:.1f} GB; {most / 1024**3:.1f} GB are possible.",
                             "Divide it into several tables.")  # fmt: skip
        rows, notes = sheet_rows(path) if path.suffix.lower() in SHEETS else text_rows(path)
        return _cells(path, rows, notes)
    except OSError as error:
        raise LabelError(f"{path} cannot be read ({error.strerror}).", "Check its name.") from error


def _size(path: Path) -> int:
    if path.suffix.lower() in SHEETS:
        with suppress(*DAMAGED), opened_zip(path) as archive:
            return sum(entry.file_size for entry in archive.infolist())
    return path.stat().st_size


def _cells(path: Path, blocks: Iterator[Block], notes: list[str]) -> Cells:
    """Gather the columns of rows, of which one of the first is the header."""
    blocks = (block for block in blocks if block[0])
    rows, row_lines = next(blocks, ([], ()))
    place, skipped = _header_row(rows)
    if skipped:
        notes = [*notes, f"{count(skipped, 'row')} above the header passed over."]
    header = rows[place] if rows else []
    while (
        header and not header[-1].strip()
    ):  # spreadsheets write a separator for each column that was once used
        header = header[:-1]
    columns, lines = _columns(path, len(header), chain([(rows[place + 1 :], row_lines[place + 1 :])], blocks))
    if not len(lines):
        raise LabelError(f"There are no rows in {path}.", "Add a row for each picture.")
    names = _header(path, header, columns)
    kept = [place for place, name in enumerate(names) if name is not None]
    data = {names[place]: pd.Series(columns[place], dtype=object) for place in kept}
    return Cells(pd.DataFrame(data), lines, tuple(notes))


def _columns(path: Path, width: int, blocks: Iterable[Block]) -> tuple[list[list[str]], np.ndarray]:
    """Return the columns of rows, and the line of each row, (rows,) int64."""
    columns: list[list[str]] = [[] for _ in range(width)]
    lines = [np.empty(0, np.int64)]
    strings: dict[str, str] = {}
    for block in blocks:
        rows, row_lines = block if set(map(len, block[0])) <= {width} else _of_width(path, *block, width)
        lines.append(np.array(row_lines, np.int64))
        for column, words in zip(columns, zip(*rows, strict=True), strict=bool(rows)):
            is_varied = len(set(words[:_LOOKED_AT])) > _LOOKED_AT / 2
            if "'" in "".join(words):
                words = tuple(map(as_written, words))
            # Of answers, each word once: a million rows repeat few of them.
            column.extend(words if is_varied else map(strings.setdefault, words, words))
        if len(strings) > AT_ONCE:
            strings.clear()
    return columns, np.concatenate(lines)


def _of_width(path: Path, rows: list[list[str]], lines: Sequence[int], width: int) -> Block:
    """Return rows with as many cells as the header has; more are fine where they are empty. Comments are left out."""
    of_width = []
    for cells, line in zip(rows, lines, strict=True):
        if len(cells) != width and is_comment(cells):
            continue
        if len(cells) < width or any(cell.strip() for cell in cells[width:]):
            raise LabelError(
                f"Line {line} of {path} has {len(cells)} cells where the first line has {width}.",
                "Correct the line.",
            )
        of_width.append((cells[:width], line))
    return [cells for cells, _ in of_width], [line for _, line in of_width]


def _header_row(rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Return the place of the header, and how many titles stand above it: among the first rows it is the one with a name column."""
    is_no_comment = (has_name(cells) or not is_comment(cells) for cells in rows)
    first = next((place for place, is_row in enumerate(is_no_comment) if is_row), 0)
    for place, cells in enumerate(rows[first : first + TITLES + 1], first):
        if has_name(cells):
            return place, place - first
        if place == first and len([cell for cell in cells if cell.strip()]) > 1:
            break  # a header without a name column, which is refused with its words
    return first, 0


def _header(path: Path, cells: Sequence[str], columns: Sequence[Sequence[str]]) -> list[str | None]:
    """Return the names of the columns; None for one without a name and without a cell."""
    header = [as_written(composed(cell)) for cell in cells]
    if header and re.fullmatch(
        r"Unnamed: 0(\.\d+)?", header[0]
    ):  # an index that pandas has read and written again
        header[0] = ""
    names = [
        name or (f"column {place + 1}" if place else "")
        if name or any(map(str.strip, columns[place])) or not place
        else None
        for place, name in enumerate(header)
    ]
    if repeated := sorted({name for name in names if name is not None and names.count(name) > 1}):
        raise LabelError(f"The column {repeated[0]} stands twice in {path}.", "Rename one of them.")
    return names

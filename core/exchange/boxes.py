"""Where defects are in pictures: a column ``boxes`` of a lookup table, ``name:x1,y1,x2,y2;...``."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from core.errors import LabelError
from core.exchange.lookup_table import LookupTable, read_table

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels of the picture; right and bottom are exclusive."""

Boxes = dict[str, dict[str, list[Box]]]
"""By the name of the frame, and by attribute."""

_ENTRY = re.compile(r"\s*(?P<name>[^:;]+):(?P<numbers>\s*-?\d+\s*(?:,\s*-?\d+\s*){3})")


def read_boxes(tables: Iterable[Path], attributes: Sequence[str]) -> Boxes:
    """Read the boxes of the frames in which the attribute is labelled true.

    A sliver at the edge of a picture may have a box while the table leaves open what it is; it is left out.

    Args:
        tables: lookup tables with a column ``boxes``.
        attributes: of these; boxes of other names are left out. An attribute without a column counts as true.

    Raises:
        LabelError: a table cannot be read, has no such column, or an entry is no box.
    """
    found: Boxes = {}
    for path in tables:
        table = read_table(path, attributes)
        true = _true_frames(table, attributes)
        for name, line, text in _entries(path, table):
            boxes = parse(text, f"line {line} of {path}")
            found[name] = {a: boxes[a] for a in attributes if a in boxes and name in true[a]}
    return found


def truth_tables(workspace: Path) -> list[Path]:
    """Return the tables that the demo class left in its workspace; none in others."""
    return sorted((workspace / "truth").glob("*_truth.csv"))


def parse(text: str, where: str) -> dict[str, list[Box]]:
    """Read one cell, for example ``error:10,20,60,80;break:0,0,9,9``; ``where`` it stands is said in errors.

    Raises:
        LabelError: an entry is no box.
    """
    found: dict[str, list[Box]] = {}
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        match = _ENTRY.fullmatch(entry)
        x1, y1, x2, y2 = map(int, match["numbers"].split(",")) if match else (0, 0, 0, 0)
        if match is None or x1 >= x2 or y1 >= y2:
            raise LabelError(
                "boxes like error:10,20,60,80 (left, top, right, bottom in pixels), with semicolons between them",
                f"{entry!r} in {where}",
                "Correct that cell.",
            )
        found.setdefault(match["name"].strip(), []).append((x1, y1, x2, y2))
    return found


def _entries(path: Path, table: LookupTable) -> Iterable[tuple[str, int, str]]:
    if "boxes" not in table.other.columns:
        raise LabelError(
            "a lookup table with a column “boxes”",
            f"{path} without one",
            "Its cells should read like error:10,20,60,80;break:0,0,9,9.",
        )
    return zip(table.rows["name"], table.rows["line"], table.other["boxes"].fillna(""), strict=True)


def _true_frames(table: LookupTable, attributes: Sequence[str]) -> dict[str, set[str]]:
    """Return by attribute the names of the frames in which it is labelled true, or has no column."""
    rows = table.rows
    return {
        attribute: set(rows["name"] if attribute in table.missing else rows["name"][rows[attribute].eq(True)])
        for attribute in attributes
    }

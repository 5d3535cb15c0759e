"""Where defects are in pictures: a column ``boxes`` of a lookup table, ``name:x1,y1,x2,y2;...``."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from core.errors import LabelError
from core.lookup_tables.lookup_table import read_table
from core.media.images import read_picture

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels of the picture; right and bottom are exclusive."""

Boxes = dict[str, dict[str, list[Box]]]
"""By the name of the frame, and by attribute."""

_ENTRY = re.compile(r"\s*(?P<name>[^:;]+):(?P<numbers>\s*-?\d+\s*(?:,\s*-?\d+\s*){3})")


def read_boxes(
    tables: Iterable[Path],
    attributes: Sequence[str],
    file_of: Mapping[str, Path] = MappingProxyType({}),
) -> Boxes:
    """Read the boxes of the frames in which the attribute is labelled true.

    A sliver at the edge of a picture may have a box while the table leaves open what it is; it is left out.

    Args:
        tables: lookup tables with a column ``boxes``.
        attributes: of these; boxes of other names are left out. An attribute without a column counts as true.
        file_of: pictures by name, in which their boxes must lie; of others it is not known.

    Raises:
        LabelError: a table cannot be read, has no such column, or an entry is no box or lies outside of its picture.
        MediaError: a picture with boxes cannot be read.
    """
    boxes: Boxes = {}
    for path in tables:
        table = read_table(path, attributes)
        rows = table.rows
        if "boxes" not in rows.columns:
            raise LabelError(
                f"{path} has no column “boxes”.", "Add one, with cells like error:10,20,60,80;break:0,0,9,9."
            )
        for row in rows.to_dict("records"):
            true = [a for a in attributes if a in table.missing or row[a] is True]
            where = f"line {row['line']} of {path}"
            of_frame = parse(row["boxes"], where)
            picture = file_of.get(row["name"])
            if of_frame and picture is not None and picture.is_file():
                _check_inside(of_frame, picture, where)
            boxes[row["name"]] = {name: of_frame[name] for name in true if name in of_frame}
    return boxes


def _check_inside(boxes: Mapping[str, Sequence[Box]], picture: Path, where: str) -> None:
    """Refuse a box that does not lie inside of the picture: it would never be hit."""
    height, width = read_picture(picture).shape[:2]
    for name, (x1, y1, x2, y2) in ((name, box) for name, of_name in boxes.items() for box in of_name):
        if min(x1, y1) < 0 or x2 > width or y2 > height:
            raise LabelError(
                f"The box {name}:{x1},{y1},{x2},{y2} in {where} is not inside of {picture.name}, which has {width} x {height} pixels.",
                "Measure it in the picture as it is shown, upright and in its full size.",
            )


def truth_tables(workspace: Path) -> list[Path]:
    """Return the tables with boxes of a workspace: those that the demo class left, and that of boxes that were imported."""
    return sorted((workspace / "truth").glob("*_truth.csv"))


def imported_table(workspace: Path) -> Path:
    """Return the table of the boxes that came from other programs; see `write_boxes`."""
    return workspace / "truth" / "imported_truth.csv"


def all_boxes(table: Path) -> Boxes:
    """Return the boxes of every frame of a table that `write_boxes` has written.

    Raises:
        LabelError: it is damaged.
    """
    rows = read_table(table, ()).rows
    return {
        name: parse(text, f"line {line} of {table}")
        for name, text, line in zip(rows["name"], rows["boxes"], rows["line"], strict=True)
    }


def write_boxes(table: Path, boxes: Boxes) -> None:
    """Write a lookup table of nothing but boxes, as `read_boxes` reads it."""
    cells = {
        name: ";".join(
            f"{attribute}:{','.join(map(str, box))}" for attribute, of_one in drawn.items() for box in of_one
        )
        for name, drawn in boxes.items()
    }
    rows = pd.DataFrame({"name": list(cells), "boxes": list(cells.values())})
    rows.to_csv(table, lineterminator="\n", encoding="utf-8")


def parse(text: str, where: str) -> dict[str, list[Box]]:
    """Read one cell, for example ``error:10,20,60,80;break:0,0,9,9``; errors say ``where`` it stands.

    Raises:
        LabelError: an entry is no box.
    """
    boxes: dict[str, list[Box]] = {}
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        match = _ENTRY.fullmatch(entry)
        x1, y1, x2, y2 = map(int, match["numbers"].split(",")) if match else (0, 0, 0, 0)
        if match is None or x1 >= x2 or y1 >= y2:
            raise LabelError(
                f"{entry!r} in {where} is not a box.",
                "Write it like error:10,20,60,80: left, top, right, bottom in pixels, with semicolons between boxes.",
            )
        boxes.setdefault(match["name"].strip(), []).append((x1, y1, x2, y2))
    return boxes

"""The cells of a CSV file as they are written, and the names of pictures in them."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import LabelError
from core.media.images import PICTURE_FORMATS


def read_cells(path: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the cells of a CSV file as they are written (str), and the line (int) that each row ends on.

    An unnamed first column is called "".

    Raises:
        LabelError: the file cannot be read, has no rows, or rows of different lengths.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            file.seek(0)
            reader = csv.reader(file, delimiter=max(",;\t", key=head.count), strict=True)
            rows = [(cells, reader.line_num) for cells in reader if cells]
    except OSError as error:
        raise LabelError(f"{path} cannot be read ({error.strerror}).", "Check its name.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise LabelError(
            f"{path} is not a CSV file in UTF-8 ({error}).", "Save it as “CSV UTF-8”."
        ) from error
    if len(rows) < 2:
        raise LabelError(f"There are no rows in {path}.", "Add a row for each picture.")
    header = _header(path, rows[0][0])
    for cells, line in rows[1:]:
        if len(cells) != len(header):
            raise LabelError(
                f"Line {line} of {path} has {len(cells)} cells where the first line has {len(header)}.",
                "Correct the line.",
            )
    table = pd.DataFrame([cells for cells, _ in rows[1:]], columns=header, dtype=object)
    return table, np.array([line for _, line in rows[1:]])


def stem(path: str) -> str:
    """Return the file name in ``path`` (with / or \\) without the ending of a picture."""
    name = path.replace("\\", "/").rsplit("/", 1)[-1]
    ending = next((e for e in PICTURE_FORMATS if name.lower().endswith(e)), "")
    return name[: len(name) - len(ending)]


def _header(path: Path, cells: list[str]) -> list[str]:
    header = [cell.strip() for cell in cells]
    if header[0].startswith("Unnamed: "):  # an index column that pandas has read and written once more
        header[0] = ""
    header = [name or (f"column {i + 1}" if i else "") for i, name in enumerate(header)]
    if repeated := sorted({name for name in header if header.count(name) > 1}):
        raise LabelError(f"The column {repeated[0]} stands twice in {path}.", "Rename one of them.")
    return header

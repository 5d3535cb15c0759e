"""Reading one lookup table: the CSV form of labels, ``,name,good,error,break,length``."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core.attributes import RESERVED_NAMES, SEAM
from core.errors import LabelError
from core.json_files import readable
from core.media.images import PICTURE_FORMATS
from core.text import count, listed


def read_cells(path: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the cells of a CSV file as they are written (str), and the line (int) that each row ends on.

    An unnamed first column is called "".

    Raises:
        LabelError: the file cannot be read, has no rows, or rows of different lengths.
    """
    try:
        with readable(path).open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            file.seek(0)
            reader = csv.reader(file, delimiter=max(",;\t", key=head.count), strict=True)
            rows = [(cells, reader.line_num) for cells in reader if cells]
    except OSError as error:
        raise LabelError(f"{path} cannot be read ({error.strerror}).", "Check its name.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        problem = f"{path} is not a CSV file in UTF-8 ({error})."
        raise LabelError(problem, "Save it as “CSV UTF-8”.") from error
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
    header = [unicodedata.normalize("NFC", cell).strip() for cell in cells]
    if header[0].startswith("Unnamed: "):  # an index column that pandas has read and written once more
        header[0] = ""
    header = [name or (f"column {i + 1}" if i else "") for i, name in enumerate(header)]
    if repeated := sorted({name for name in header if header.count(name) > 1}):
        raise LabelError(f"The column {repeated[0]} stands twice in {path}.", "Rename one of them.")
    return header


TEXT_COLUMNS = ("group", "boxes")
"""Columns beside ``name`` that are read as text. Their readers: `core.exchange.scan_tables` and `core.exchange.boxes`."""

_ANSWERS = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False, "": None}


@dataclass(frozen=True)
class LookupTable:
    """What a lookup table says.

    Args:
        rows: ``name`` (str, bare stem), ``path`` (str, as written), ``line`` (int, of the file), ``group`` and ``boxes``
            (str) where the table has those columns, then one nullable boolean column per attribute.
        attributes: the names of the attribute columns of ``rows``.
        missing: those of them that the file has no column for, so that it says nothing about them.
        repeated: how many rows were left out because a later one has the same name.
        notes: what the user should know, one sentence each.
    """

    rows: pd.DataFrame
    attributes: tuple[str, ...]
    missing: tuple[str, ...]
    repeated: int
    notes: tuple[str, ...]


def read_table(path: Path, attributes: Sequence[str] | None = None) -> LookupTable:
    """Read a lookup table.

    Names may be bare or full paths with / or \\; the last of repeated names counts. True/False in any case, 1/0
    and 1.0/0.0 are understood; an empty cell, and an attribute without a column, is unset.

    Args:
        path: a CSV file in UTF-8, with commas, semicolons or tabs.
        attributes: the columns to take. None: every column that holds nothing but true and false.

    Raises:
        LabelError: the file cannot be read, has no column ``name``, or has a value that is neither true nor
            false; the message names file, line and column.
    """
    table, lines = read_cells(path)
    if "name" not in table.columns:
        raise LabelError(
            f"{path} has no column “name”, only {', '.join(filter(None, table.columns)) or 'unnamed columns'}.",
            "The first line should read like “,name,good,error,break,length”.",
        )
    if attributes is None:
        free = [column for column in table.columns if column not in {"", *RESERVED_NAMES, *TEXT_COLUMNS}]
        attributes = [column for column in free if _is_attribute(table[column], column)]
    rows = pd.DataFrame({"name": table["name"].map(stem), "path": table["name"], "line": lines})
    if (empty := rows["name"] == "").any():
        raise LabelError(
            f"Line {rows['line'][empty].iloc[0]} of {path} has no name.", "Write the name of a picture."
        )
    for column in TEXT_COLUMNS:
        if column in table.columns and column not in attributes:
            rows[column] = table[column].str.strip()
    for name in attributes:
        rows[name] = _answers(path, table, lines, name)
    missing = tuple(name for name in attributes if name not in table.columns)
    ignored = [name for name in table.columns if name not in {"", "name", *TEXT_COLUMNS, *attributes}]
    last = ~rows["name"].duplicated(keep="last")
    repeated = int((~last).sum())
    notes = tuple(f"{path.name}: {note}" for note in _notes(missing, ignored, repeated))
    return LookupTable(rows[last].reset_index(drop=True), tuple(attributes), missing, repeated, notes)


def read_tables(paths: Iterable[Path], attributes: Sequence[str] | None) -> dict[Path, LookupTable]:
    """Read lookup tables that belong together: an attribute of one is one of all; see `read_table`.

    Raises:
        LabelError: also where a table has a column for none of the attributes.
    """
    paths = list(paths)
    if attributes is None:
        attributes = list(dict.fromkeys(name for path in paths for name in read_table(path).attributes))
    tables = {path: read_table(path, attributes) for path in paths}
    for path, table in tables.items():
        if set(table.missing) == set(attributes):
            raise LabelError(
                f"{path} has no column for {listed(attributes, word='or') or 'any attribute'}.",
                "Rename its columns, or use another workspace.",
            )
    return tables


def _is_attribute(column: pd.Series, name: str) -> bool:
    """Return whether a column is meant to hold answers; one with a few odd cells is, so that they are found."""
    words = column.str.strip().str.lower()
    words = words[words != ""]
    odd = words[~words.isin(_ANSWERS)]
    if odd.empty or name in SEAM.names:
        return True
    numbers = pd.to_numeric(words, errors="coerce").notna().all()
    return len(odd) < len(words) / 2 and not numbers


def _answers(path: Path, table: pd.DataFrame, lines: np.ndarray, name: str) -> pd.Series:
    if name not in table.columns:
        return pd.Series(pd.NA, index=table.index, dtype="boolean")
    words = table[name].str.strip().str.lower()
    odd = ~words.isin(_ANSWERS)
    if odd.any():
        raise LabelError(
            f"{table[name][odd].iloc[0]!r} in {path}, line {lines[odd][0]}, column {name} is neither true nor false.",
            "Write True, False, 1, 0, or nothing.",
        )
    return words.map(_ANSWERS).astype("boolean")


def _notes(missing: Sequence[str], ignored: Sequence[str], repeated: int) -> Iterator[str]:
    if repeated:
        yield f"{count(repeated, 'row')} repeated; the last of each name counts."
    if missing:
        yield f"no column {', '.join(missing)}; those labels stay as they are."
    if ignored:
        yield f"{', '.join(ignored)} ignored, for no attribute is called so."

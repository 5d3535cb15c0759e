"""The files in the folder of a run: read as a record, a table or a text, and what to do where one is damaged."""

import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from core.errors import RunError
from core.json_files import DamagedError, read_record, read_text, readable, why
from core.labels.label_table import from_file
from core.splits.split import PARTS

Record = TypeVar("Record")

ANSWERS = {"True": True, "False": False, "": None}

REPAIR = {
    "config.json": "Restore it from a backup, or delete the folder of the run.",
    "status.json": "Restore it from a backup, or delete the file: the run then counts as not trained yet.",
    "history.csv": "Restore it from a backup, or delete the file: the curves are lost, the network stays.",
    "frames.csv": "Restore it from a backup, or delete the folder of the run.",
    "limits.json": "Delete the file: the run then ends where it was made to end.",
    "legs.json": "Delete the file: the run then ends where it was made to end.",
    "test.json": "Delete the file, then test the run again.",
    "predictions.csv": "Delete the file, then test the run again.",
    "validation.csv": "Delete the file: it is made again when it is needed.",
    "audit.json": "Delete the file, then check the heatmaps again.",
    "seen.json": "Delete the file, then test the run again.",
    "worst.csv": "Delete the file: the next training writes it anew.",
    "notes.txt": "Write the note again.",
    "name.txt": "Name the run again.",
}
"""What to do where a file of a run is damaged."""


def damaged(folder: Path, name: str, error: Exception) -> RunError:
    """Return that a file of the run in ``folder`` is damaged, why, and what to do."""
    reason = str(error) if isinstance(error, DamagedError) else why(error)
    advice = REPAIR.get(name, "Restore it from a backup, or delete it.")
    return RunError(f"{folder.name} is damaged: {name} cannot be read ({reason}).", advice)


def record(folder: Path, name: str, make: Callable[[Any], Record]) -> Record | None:
    """Return the record that a JSON file holds; none where it is not there.

    Raises:
        RunError: it cannot be read.
    """
    try:
        return read_record(folder / name, make)
    except FileNotFoundError:
        return None
    except DamagedError as damage:
        raise damaged(folder, name, damage) from damage


def text(folder: Path, name: str) -> str:
    """Return the text of a file; empty where it is not there.

    Raises:
        RunError: it cannot be read.
    """
    try:
        return read_text(folder / name)
    except FileNotFoundError:
        return ""
    except DamagedError as damage:
        raise damaged(folder, name, damage) from damage


def table(folder: Path, name: str, columns: Mapping[str, str], numbers: Iterable[str] = ()) -> pd.DataFrame:
    """Return a CSV file, without rows where it is not there or has nothing in it.

    ``columns`` must be there and of these types; ``numbers`` that earlier versions did not write are missing (NaN).

    Raises:
        RunError: it cannot be read.
    """
    try:
        rows = pd.read_csv(readable(folder / name), index_col=False, float_precision="round_trip")
        if missing := [column for column in columns if column not in rows]:
            raise DamagedError(f"it has no column {missing[0]}")
        rows = rows.assign(**{number: math.nan for number in numbers if number not in rows})
        return rows.astype(dict(columns) | dict.fromkeys(numbers, "float64"))
    except (FileNotFoundError, pd.errors.EmptyDataError):
        return pd.DataFrame(columns=[*columns, *numbers])
    except (OSError, ValueError, TypeError, OverflowError, DamagedError) as error:
        raise damaged(folder, name, error) from error


def frames(folder: Path, attributes: Iterable[str]) -> pd.DataFrame:
    """Return frames.csv: ``name``, ``video``, ``part`` and one nullable boolean column per attribute.

    Raises:
        RunError: it cannot be read.
    """
    try:
        cells = pd.read_csv(
            readable(folder / "frames.csv"), dtype=str, keep_default_na=False, index_col=False
        )
        rows, names = from_file(cells), tuple(attributes)
        if missing := [c for c in ("name", "video", "part", *names) if c not in rows]:
            raise DamagedError(f"it has no column {missing[0]}")
        if rows.empty or not rows["part"].isin(PARTS).all():
            raise DamagedError("it has a frame without a part" if len(rows) else "it has no frames")
        for name in names:
            if not rows[name].isin(ANSWERS).all():
                raise DamagedError(f"its column {name} has something else than True and False")
            rows[name] = rows[name].map(ANSWERS).astype("boolean")
    except (OSError, ValueError, DamagedError) as error:
        raise damaged(folder, "frames.csv", error) from error
    return rows

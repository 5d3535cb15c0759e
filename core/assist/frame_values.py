"""Numbers of the frames of a video, kept in a CSV file as long as the frames and what computed them stay as they are.

The first line of the file is its source, see `source_of`; what does not begin with the same is computed anew.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from core.files import make_folder, replacing
from core.json_files import readable


def source_of(frames: pd.DataFrame, by: str) -> str:
    """Return a line that changes with the frames of a video, and with what the numbers are computed ``by``."""
    content = frames[["index", "file", "phash"]].to_csv(index=False)
    return f"# frames {hashlib.sha256(content.encode()).hexdigest()} {by}"


def read(path: Path, source: str, frames: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame | None:
    """Return what was stored from that source: ``index`` and float columns ``names``; none where that is nothing, or not whole."""
    try:
        with readable(path).open(encoding="utf-8") as file:
            if file.readline().rstrip("\n") != source:
                return None
            table = pd.read_csv(file, float_precision="round_trip")
        is_whole = list(table) == ["index", *names] and table["index"].equals(frames["index"])
        return table.astype(dict.fromkeys(names, float)) if is_whole else None
    except (OSError, ValueError):  # no file, or one that someone has edited: pandas' errors are ValueErrors
        return None


def store(path: Path, source: str, table: pd.DataFrame, digits: int) -> None:
    """Store a table that `read` returns, with so many digits after the point.

    Raises:
        OSError: the disk is full or cannot be written; what was stored before is still there.
    """
    make_folder(path.parent)
    with replacing(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        file.write(source + "\n")
        table.to_csv(file, index=False, lineterminator="\n", float_format=f"%.{digits}f")

"""The table of what a network says of frames, and its file.

``name``, ``video``, ``part``, and per attribute its label (nullable boolean) and ``<attribute>_probability`` (float).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import RunError
from core.files import replacing
from core.json_files import DamagedError, readable
from core.labels.label_table import from_file, to_file
from core.runs.run import Run
from core.runs.run_files import damaged
from core.splits.split import PARTS


def column(name: str) -> str:
    """Return the column with the probabilities of an attribute."""
    return f"{name}_probability"


def columns(names: Sequence[str]) -> list[str]:
    """Return the columns with the probabilities of ``names``."""
    return [column(name) for name in names]


def probabilities(table: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Return what a table says of ``names``: (N, A) float."""
    return table[columns(names)].to_numpy(float)


def write_predictions(table: pd.DataFrame, file: Path) -> None:
    """Write a table, whole or not at all."""
    with replacing(file) as partial:
        to_file(table).to_csv(partial, index=False, lineterminator="\n", float_format="%.6f")


def read(run: Run, file: Path, calibrate: bool = True) -> pd.DataFrame:
    """Read a table of the frames of ``run``.

    Args:
        run: whose network said it.
        file: that `write_predictions` wrote.
        calibrate: its probabilities, as they are shown and decided on; else as the network gives them.

    Raises:
        RunError: there is none, or it cannot be read.
    """
    names = run.attributes.names
    try:
        table = from_file(pd.read_csv(
            readable(file),
            dtype=dict.fromkeys(("name", "group", "part"), str) | dict.fromkeys(names, "boolean")
            | dict.fromkeys(columns(names), float),
            keep_default_na=False,
            na_values={name: [""] for name in (*names, *columns(names))},
            index_col=False,
        ))  # fmt: skip
        if missing := [c for c in ("name", "video", "part", *names, *columns(names)) if c not in table]:
            raise DamagedError(f"it has no column {missing[0]}")
        if table.empty or not table["part"].isin(PARTS).all():
            raise DamagedError("it has a frame without a part" if len(table) else "it has no frames")
    except FileNotFoundError:
        raise RunError(f"{run.id} has not been tested.", "Test it first.") from None
    except (OSError, ValueError, TypeError, DamagedError) as error:
        raise damaged(run.path, file.name, error) from error
    if calibrate:
        table[columns(names)] = run.calibrated(probabilities(table, names))
    return table

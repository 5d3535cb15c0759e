"""The table of what a network says of frames, and its file.

``name``, ``video``, ``part``, and per attribute its label (nullable boolean) and ``<attribute>_probability`` (float).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import RunError
from core.files import replacing
from core.labels.label_table import from_file, to_file
from core.runs.run import Run


def column(name: str) -> str:
    """Return the column with the probabilities of an attribute."""
    return f"{name}_probability"


def columns(names: Sequence[str]) -> list[str]:
    """Return the columns with the probabilities of ``names``."""
    return [column(name) for name in names]


def probabilities(table: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Return what a table says of ``names``: (N, A) float."""
    return table[columns(names)].to_numpy(float)


def write(table: pd.DataFrame, file: Path) -> None:
    """Write a table, whole or not at all."""
    with replacing(file) as partial:
        to_file(table).to_csv(partial, index=False, lineterminator="\n", float_format="%.6f")


def read(run: Run, file: Path, calibrate: bool = True) -> pd.DataFrame:
    """Read a table of the frames of ``run``.

    Args:
        run: whose network said it.
        file: that `write` wrote.
        calibrate: its probabilities, as they are shown and decided on; else as the network gives them.

    Raises:
        RunError: there is none.
    """
    names = run.attributes.names
    try:
        table = pd.read_csv(
            file,
            dtype=dict.fromkeys(("name", "group", "part"), str) | dict.fromkeys(names, "boolean"),
            keep_default_na=False,
            na_values={name: [""] for name in names},
        )
    except FileNotFoundError:
        raise RunError(f"{run.id} has not been tested.", "Test it first.") from None
    table = from_file(table)
    if calibrate:
        table[columns(names)] = run.calibrated(probabilities(table, names))
    return table
